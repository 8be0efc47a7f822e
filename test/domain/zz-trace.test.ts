import { test } from "vitest";
import { setScene } from "./model-states.ts";
import { createBot, converge, sweep, exposuresOf, planOf } from "./model-bot.ts";
import { settleDown } from "./model-world.ts";
import { at } from "./exposure-sample.ts";
import { minutesAfter } from "../../src/domain/exposure.ts";
test("trace", async () => {
  const scene = JSON.parse(process.env.SCENE!);
  const { world, exposures } = setScene(scene);
  const bot = createBot(world, exposures, at(6));
  for (let i = 0; i < Number(process.env.N ?? 6); i++) {
    settleDown(world);
    bot.now = minutesAfter(bot.now, 0.5);
    sweep(bot);
    console.log(i, JSON.stringify((await planOf(bot)).map(s => s.map(t => t.kind + ":" + t.exposureIds))));
    const n = world.writes.length;
    await converge(bot);
    console.log(world.writes.slice(n), bot.laws.broken, bot.unexpected, exposuresOf(bot).map(e => [e.id, e.phase, e.progress.waiting, e.progress.gateProofs, e.closing?.because]));
  }
});
