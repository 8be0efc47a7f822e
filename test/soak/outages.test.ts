// A vendor that is down for minutes: how often it is asked, for one exposure and for twenty on one tunnel. The figures are
// those of docs/reliability.md; no storm means that they do not grow with the exposures, and stay below half of what a token has.
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { FaultRule } from "../../sandbox/contract.ts";
import { ask, isClosed, isOpen, standing } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { createWorld, type World } from "../world.ts";

const MINUTE = 60_000;
const DOWN: Record<string, FaultRule["effect"]> = {
  "503": { kind: "status", status: 503 },
  "no answer": { kind: "hang" },
  "429, come back in 30 s": { kind: "status", status: 429, retryAfterSeconds: 30 },
};

/** One person asks for one service once at a time. */
function serviceOf(index: number, people: number): string {
  return `shop-${Math.floor(index / people) + 1}`;
}

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

test.each(Object.keys(DOWN).flatMap((how) => [1, 20].map((exposures) => [how, exposures] as const)))(
  "Cloudflare is down for two minutes (%s), %i approved at once",
  async (how, exposures) => {
    world = await createWorld({ seed: withShops(exposures) });
    const { journal, faults } = world.sandbox.shared;
    const names = Array.from({ length: exposures }, (_, index) => `down-${index}`);
    const people = [world.asha, world.mina, world.tom];
    const here = world;
    await Promise.all(
      people.map(async (person, turn) => {
        for (const [index, hostname] of names.entries())
          if (index % people.length === turn)
            await ask(here, { service: serviceOf(index, people.length), hostname }, person);
      }),
    );
    const hosts = names.map((name) => `${name}.lakeside.example`);
    faults.add({ vendor: "cloudflare", times: 0, effect: DOWN[how]! });
    journal.clear();
    await Promise.all(hosts.map((host) => here.lee.presses("Approve", here.card(host))));
    const counts: number[] = [];
    for (let minute = 0; minute < 2; minute++) {
      const from = journal.entries().length;
      await pause(MINUTE);
      counts.push(
        journal
          .entries()
          .slice(from)
          .filter((each) => each.vendor === "cloudflare").length,
      );
    }
    process.stderr.write(
      `${how}, ${exposures}: ${counts.join(" and ")} calls in the first minute and in the second\n`,
    );
    expect(counts[0]).toBeLessThan(350);
    expect(counts[1]).toBeLessThan(120);
    faults.clear();
    await here.until(
      "all are over",
      () => hosts.every((host) => isClosed(here, host) || isOpen(here, host)),
      75,
    );
    for (const host of hosts)
      expect([host, isOpen(here, host) ? 1 : 0]).toEqual([host, standing(here, host).routes]);
  },
);
