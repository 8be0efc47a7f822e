// Slack recycles sockets all day, and bots are replaced while people click. What was acked is stored, under load too.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Delivery } from "../../sandbox/contract.ts";
import { ask, untilOpen } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { actsOf, trailOf } from "../trail.ts";
import { createWorld, type World } from "../world.ts";

const RECYCLES = 300;
const EVERY_MS = 20;

let world: World;
beforeAll(async () => {
  world = await createWorld({ ownProcess: true, seed: withShops(40) });
});
afterAll(() => world.close());

/** Commands at a steady pace, each of which leaves a row in the audit, until `work` is done. */
async function underLoad(work: () => Promise<void>): Promise<{ acked: string[]; lost: Delivery[] }> {
  const { slack } = world.sandbox;
  const acked: string[] = [];
  const lost: Delivery[] = [];
  const sent: Promise<void>[] = [];
  let over = false;
  const working = work().finally(() => {
    over = true;
  });
  for (let number = 0; !over; number += 1) {
    const hostname = `none-${number}-${acked.length}.lakeside.example`;
    const delivery = slack.command("U0ASHA", "C0GENERAL", "/expose", `close ${hostname}`);
    sent.push(
      delivery.then((each) => void (each.outcome === "acked" ? acked.push(hostname) : lost.push(each))),
    );
    await pause(EVERY_MS);
  }
  await Promise.all(sent);
  await working;
  return { acked, lost };
}

async function expectStored(acked: string[]): Promise<void> {
  // Fifty a second were sent, for many seconds.
  expect(acked.length).toBeGreaterThan(100);
  const stored = new Set((await trailOf(world)).map((row) => String(row.details.hostname)));
  expect(acked.filter((hostname) => !stored.has(hostname))).toEqual([]);
}

test(`${RECYCLES} recycles of both sockets under 50 commands a second: nothing acked is lost`, async () => {
  const { slack } = world.sandbox;
  const { acked, lost } = await underLoad(async () => {
    for (let round = 0; round < RECYCLES / 2; round += 1) {
      slack.recycle("all", round % 3 === 0 ? "warning" : "refresh_requested");
      await pause(300);
      await world.until("both sockets are back", () => slack.sockets() >= 2);
    }
  });
  await expectStored(acked);
  expect(acked.length).toBeGreaterThan(RECYCLES);
  // For a moment Slack has no socket at all, since both were taken away at once; on a socket that it has, none is lost.
  expect(lost.filter((each) => each.outcome === "failed" && each.because !== "no-connection")).toEqual([]);
});

test("ended by SIGTERM ten times under the same load: nothing acked is lost, and it leaves within 8 s", async () => {
  const slowest = { ms: 0 };
  const { acked } = await underLoad(async () => {
    for (let round = 0; round < 10; round += 1) {
      const began = performance.now();
      await world.stopBot("SIGTERM");
      slowest.ms = Math.max(slowest.ms, performance.now() - began);
      await world.startBot();
    }
  });
  await expectStored(acked);
  expect(slowest.ms).toBeLessThan(8_000);
  await expectServed("shop-1");
});

test("replaced ten times under the same load, each by one that is connected before: none finds no bot", async () => {
  const { slack } = world.sandbox;
  await world.stopBot();
  let serving = await world.startBot();
  const { acked, lost } = await underLoad(async () => {
    for (let round = 0; round < 10; round += 1) {
      const next = await world.startBot();
      await world.until("both bots have both their sockets", () => slack.sockets() === 4);
      await serving.stop("SIGTERM");
      serving = next;
    }
  });
  // What was on its way to a socket in the moment of its closing cannot be answered over it.
  expect(lost.filter((each) => each.outcome === "failed" && each.because !== "timeout")).toEqual([]);
  process.stderr.write(`${acked.length} acked, ${lost.length} lost on a socket that was being closed\n`);
  expect(lost.length).toBeLessThanOrEqual(10);
  await expectStored(acked);
  await expectServed("shop-2");
});

async function expectServed(service: string): Promise<void> {
  const host = await ask(world, { service });
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect(await actsOf(world, host)).toEqual(["U0ASHA request: ok", "U0LEE approve: ok"]);
}
