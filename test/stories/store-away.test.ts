// The store goes away in the moment in which Slack takes a message: it is noted once the store is back, by the process that
// posted it, and nobody posts it a second time.
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, untilOpen } from "../exposing.ts";
import { type OwnPostgres, startOwnPostgres } from "../own-postgres.ts";
import { actsOf } from "../trail.ts";
import { createTwo, doubledCards, type Two } from "../two-processes.ts";
import { textOf } from "../world.ts";

let postgres: OwnPostgres;
let two: Two;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  two = await createTwo(2, postgres.url);
});
afterAll(async () => {
  await two.world.close();
  await postgres.stop();
});

/** Calls `act` when Slack is about to take the next message. */
function whenPosting(act: () => void): void {
  const effect = { kind: "delay", ms: 1 } as const;
  two.world.sandbox.shared.faults.add({ vendor: "slack", path: "chat.postMessage", effect, onHit: act });
}

/** Approved and open, with a crash of Postgres at the first message that tells of it, or with none. */
async function opens(host: string, act: () => void = () => undefined): Promise<void> {
  const { world } = two;
  whenPosting(act);
  expect(await world.lee.presses("Approve", world.card(host))).toMatchObject({ outcome: "acked" });
  await untilOpen(world, host, 60);
}

async function expectToldOnce(host: string): Promise<void> {
  const { world } = two;
  const acts = ["card posted", "message: approved", "message: open"].map((act) => `announce ${act}: ok`);
  const told = async () => [...new Set(await actsOf(world, host, "announce"))];
  const isTold = async () => (await told().catch(() => [])).length >= acts.length;
  await world.until("all of it is noted", isTold, 60);
  expect((await told()).sort()).toEqual(acts.sort());
  expect(doubledCards(two, [host])).toEqual([]);
  expect(world.asha.directMessages().filter((each) => textOf(each).includes(host))).toHaveLength(2);
}

test("Postgres crashes as Slack takes a card, and again as it takes a message", async () => {
  const { world } = two;
  whenPosting(() => postgres.crash());
  const host = await ask(world, { service: "shop-1" });
  await world.until(
    "its card is noted",
    async () => (await actsOf(world, host, "announce").catch(() => [])).length > 0,
    60,
  );
  await opens(host, () => postgres.crash());
  await expectToldOnce(host);
}, 120_000);

test("Postgres stands still for longer than a job is waited for", async () => {
  const { world } = two;
  whenPosting(() => postgres.pause());
  const host = await ask(world, { service: "shop-2" });
  await wait(LONGER_THAN_A_LEASE_MS);
  postgres.goOn();
  await world.until("its card is noted", async () => (await actsOf(world, host, "announce")).length > 0, 60);
  await opens(host);
  await expectToldOnce(host);
}, 120_000);

const LONGER_THAN_A_LEASE_MS = 15_000;
