// A closing in a zone that was taken from the Cloudflare token: its route goes, the rest of it waits for the right, and
// nothing else on the tunnel waits with it.
import { expect, test } from "vitest";
import { converge, exposuresOf } from "../domain/model-bot.ts";
import { expectLawful } from "../domain/model-ends.ts";
import { begin } from "../domain/model-jobs.ts";
import { isRouted } from "../domain/model-laws.ts";
import { sceneOf } from "../domain/model-states.ts";
import { settleDown } from "../domain/model-world.ts";

const WHOLE = { phase: "closing", route: "right", proofs: 3, noted: true } as const;

test("only what is in the zone waits for it, and its route is out", async () => {
  const opening = { ...WHOLE, phase: "opening", route: "none" } as const;
  const bot = begin(sceneOf({ ...WHOLE, zoneTaken: true }, opening, WHOLE));
  const [taken, up, down] = [...bot.rows.values()] as [Row, Row, Row];
  // It has been tried for long, and the others come to their turn with it.
  Object.assign(taken, { attempts: 12 });
  for (const each of [up, down]) Object.assign(each, { attempts: 2 });

  // Less than the minute until its next attempt.
  for (let pass = 0; pass < 5; pass++) {
    await converge(bot);
    settleDown(bot.world);
    bot.now = new Date(bot.now.getTime() + 10_000);
  }
  expectLawful(bot);
  expect(exposuresOf(bot).map(({ phase }) => phase)).toEqual(["closing", "open", "closed"]);
  expect(isRouted(bot.world, taken.exposure)).toBe(false);
  expect(taken.exposure.progress).toMatchObject({ waiting: "It is zone-taken.", faults: 1 });
  // Its gate stands as long as its record does.
  expect(bot.world.applications.some((each) => each.mark?.exposureId === taken.exposure.id)).toBe(true);
});

type Row = ReturnType<typeof begin>["rows"] extends Map<string, infer R> ? R : never;
