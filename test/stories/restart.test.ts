// The bot stops in the middle and starts again: what was begun goes on and ends right, and what waits for people keeps its
// buttons.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { JournalEntry } from "../../sandbox/contract.ts";
import {
  ALL_STANDING,
  ask,
  askAndApprove,
  expose,
  NOTHING_STANDING,
  shapeOf,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { SAID_OPEN, toldOf } from "../extending.ts";
import { APPROVALS, buttonsOf, createWorld, TUNNEL, textOf, type World } from "../world.ts";

let world: World;
let number = 0;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(() => {
  number += 1;
});
afterAll(() => world.close());

/** Stops the bot as soon as it has sent this call, and starts it again. */
async function restartAfter(call: string, begin: () => Promise<unknown>): Promise<void> {
  const { journal } = world.sandbox.shared;
  let stopped: Promise<void> | null = null;
  const off = journal.onWrite((entry: JournalEntry) => {
    if (!stopped && shapeOf(entry) === call) stopped = world.stopBot();
  });
  await begin();
  await world.until(`the bot has sent ${call}`, () => stopped !== null);
  off();
  await stopped;
  await world.startBot();
}

const CONFIG = "/accounts/{id}/cfd_tunnel/{id}/configurations";
const OPENING = [
  "cloudflare POST /accounts/{id}/access/apps",
  "cloudflare POST /zones/{id}/dns_records",
  "edge visit",
  `cloudflare PUT ${CONFIG}`,
];
const CLOSING = [
  `cloudflare PUT ${CONFIG}`,
  "cloudflare DELETE /zones/{id}/dns_records/{id}",
  "cloudflare POST /accounts/{id}/access/apps/{id}/revoke_tokens",
  "cloudflare DELETE /accounts/{id}/access/apps/{id}",
];

test.each(OPENING.map((opening, index) => [opening, CLOSING[index]!]))(
  "after %s of an opening, and after %s of the closing",
  async (opening, closing) => {
    const { cloudflare } = world.sandbox;
    const host = await ask(world, { service: "grafana", hostname: `again-${number}` });
    await restartAfter(opening, () => world.lee.presses("Approve", world.card(host)));
    await untilOpen(world, host);
    expect(standing(world, host)).toEqual(ALL_STANDING);
    expect((await cloudflare.visit(host, { email: "tom@lakeside.example" })).verdict).toBe(
      "reached the service",
    );

    await restartAfter(closing, () => world.lee.presses("Close", world.card(host)));
    await untilClosed(world, host);
    expect(standing(world, host)).toEqual(NOTHING_STANDING);
    expect(cloudflare.firstHole(host)).toBeNull();
    const cards = world.sandbox.slack.messages(APPROVALS).filter((each) => !each.threadTs);
    expect(cards.filter((each) => textOf(each).includes(host))).toHaveLength(1);
    expect(toldOf(world, host, SAID_OPEN)).toHaveLength(1);
  },
);

test("a request that waits keeps its buttons, and a click in between is not lost: it can be made again", async () => {
  const host = await ask(world, { service: "reports" });
  const before = world.card(host);
  await world.stopBot();
  expect(buttonsOf(world.card(host))).toEqual(buttonsOf(before));
  const lost = await world.lee.presses("Approve", world.card(host));
  expect(lost.outcome).toBe("failed");
  await world.startBot();
  expect((await world.lee.presses("Approve", world.card(host))).outcome).toBe("acked");
  await untilOpen(world, host);
});

test("an exposure that was open all the while is left alone", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await expose(world, { service: "stock-viewer" });
  const { version } = cloudflare.tunnelConfig(TUNNEL);
  await world.stopBot();
  shared.journal.clear();
  await world.startBot();
  await expose(world, { service: "returns" });
  const writes = shared.journal
    .entries()
    .filter(({ vendor, method }) => vendor === "cloudflare" && method !== "GET");
  // The tag, and the three writes of the other one.
  expect(writes.map((each) => each.path.split("/").at(-1))).toEqual([
    "tags",
    "apps",
    "dns_records",
    "configurations",
  ]);
  expect(cloudflare.tunnelConfig(TUNNEL).version).toBe(version + 1);
  expect(standing(world, host)).toEqual(ALL_STANDING);
});

test("away for longer than an opening may take: what was half open, and half opened anew, goes on", async () => {
  const { cloudflare, shared } = world.sandbox;
  const { faults, clock } = shared;
  const anew = await expose(world, { service: "supplier-portal" });
  // They prove nothing, and only time gives up what waits for them.
  const refusals = [anew, "label-maker.lakeside.example"].map((host) =>
    faults.add({ vendor: "edge", path: `^${host}/`, times: 0, effect: { kind: "status", status: 403 } }),
  );
  const visits = () =>
    faults
      .list()
      .filter((each) => refusals.includes(each.id))
      .map((each) => each.hits);
  const visited = async (before: number[]) =>
    await world.until("both were visited", () =>
      visits().every((hits, index) => hits > (before[index] ?? 0)),
    );

  const gate = cloudflare.applications().find((each) => each.domain === anew);
  cloudflare.deleteApplication(String(gate?.id));
  clock.forward(1);
  const opening = await askAndApprove(world, { service: "label-maker" });
  await visited([0, 0]);
  await world.stopBot();
  clock.forward(11 * 60_000);
  const before = visits();
  await world.startBot();
  await visited(before);
  await visited(visits());
  faults.clear();
  for (const host of [anew, opening]) {
    await world.until(`${host} is routed`, () => standing(world, host).routes === 1);
    await untilOpen(world, host);
    expect(standing(world, host)).toEqual(ALL_STANDING);
    expect(cloudflare.firstHole(host)).toBeNull();
  }
});
