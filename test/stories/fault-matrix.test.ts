// Every call of an opening and of a closing fails once, in every way: the exposure opens and closes all the same, nothing
// is doubled, no stranger ever gets through, and the vendor is not stormed with repetitions.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultRule } from "../../sandbox/contract.ts";
import {
  ALL_STANDING,
  ask,
  isClosed,
  NOTHING_STANDING,
  shapeOf,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { createLanes, type Lane } from "../lanes.ts";
import type { World } from "../world.ts";

const WAYS: Record<string, Pick<FaultRule, "effect" | "when">> = {
  "500": { effect: { kind: "status", status: 500 } },
  "429": { effect: { kind: "status", status: 429, retryAfterSeconds: 1 } },
  dropped: { effect: { kind: "drop" } },
  "done, and the answer lost": { effect: { kind: "drop" }, when: "after" },
  malformed: { effect: { kind: "malformed" } },
  "done, and the answer cut off": { effect: { kind: "reset-body" }, when: "after" },
};

const TUNNEL = "/accounts/{id}/cfd_tunnel/{id}";
const ACCESS = "/accounts/{id}/access";
const RECORDS = "/zones/{id}/dns_records";
const READS = [
  `GET ${TUNNEL}`,
  `GET ${TUNNEL}/configurations`,
  `GET ${TUNNEL}/connections`,
  `GET ${ACCESS}/apps`,
  `GET ${ACCESS}/groups`,
  `GET ${ACCESS}/identity_providers`,
  `GET ${RECORDS}`,
];
const OPENING = [
  READS,
  [`POST ${ACCESS}/apps`],
  [`GET ${ACCESS}/apps/{id}`],
  [`POST ${RECORDS}`],
  [`PUT ${TUNNEL}/configurations`],
  ["edge visit"],
];
const CLOSING = [
  READS,
  [`PUT ${TUNNEL}/configurations`],
  [`GET ${RECORDS}/{id}`, `DELETE ${RECORDS}/{id}`],
  [`POST ${ACCESS}/apps/{id}/revoke_tokens`],
  [`GET ${ACCESS}/apps/{id}`, `DELETE ${ACCESS}/apps/{id}`],
  ["edge visit"],
];
const ROUNDS = OPENING.map((opening, index) => ({
  opening,
  closing: CLOSING[index] ?? [],
  number: index + 1,
}));
/** Without faults an opening and a closing are some sixty calls. A storm would be hundreds. */
const MOST_CALLS = 150;

let world: World;
let lanes: Lane[];
beforeAll(async () => {
  ({ world, lanes } = await createLanes(Object.keys(WAYS).length));
});
afterAll(() => world.close());

/** Calls that name a tunnel or a zone hit one lane; the account's own are dealt out, one way to each that comes. */
function injure(spoilt: string[], hosts: string[]): void {
  for (const call of spoilt) {
    for (const [index, way] of Object.values(WAYS).entries()) {
      const rule = callRule(call, lanes[index]!, hosts[index]!);
      world.sandbox.shared.faults.add({ ...rule, ...way, nth: call.includes("/access/") ? index + 1 : 1 });
    }
  }
}

function expectEveryFaultHit(): void {
  const { faults } = world.sandbox.shared;
  expect(faults.list().filter((each) => each.hits !== 1)).toEqual([]);
  faults.clear();
}

function callRule(call: string, { tunnelId, zoneId }: Lane, host: string): Omit<FaultRule, "effect"> {
  if (call === "edge visit") return { vendor: "edge", path: `^${host}/` };
  const [method = "", path = ""] = call.split(" ");
  const own = path
    .replace("/cfd_tunnel/{id}", `/cfd_tunnel/${tunnelId}`)
    .replace("/zones/{id}", `/zones/${zoneId}`);
  return { vendor: "cloudflare", method, path: `${own.replaceAll("{id}", "[0-9a-f-]+")}$` };
}

function calls(): string[] {
  return world.sandbox.shared.journal
    .entries()
    .filter(
      ({ vendor, path }) =>
        (vendor === "cloudflare" || vendor === "edge") && !path.endsWith("/access_requests"),
    )
    .map((entry) => shapeOf(entry).replace("cloudflare ", ""));
}

/** Three people ask side by side: each has one form at a time. */
async function askOnEveryLane(name: string): Promise<string[]> {
  const { asha, mina, tom } = world;
  const people = [asha, mina, tom];
  await Promise.all(
    people.map(async (person, turn) => {
      for (const { service, zone } of lanes.filter((_, index) => index % people.length === turn))
        await ask(world, { service, hostname: `${name}.${zone}` }, person);
    }),
  );
  return lanes.map(({ zone }) => `${name}.${zone}`);
}

async function all(button: string, hosts: string[]): Promise<void> {
  await Promise.all(hosts.map((host) => world.lee.presses(button, world.card(host))));
}

test("the calls of an opening and of a closing are the ones that are spoilt below", async () => {
  const { journal } = world.sandbox.shared;
  const [{ service, zone } = { service: "", zone: "" }] = lanes;
  const host = await ask(world, { service, hostname: `plain.${zone}` });
  journal.clear();
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect([...new Set(calls())].sort()).toEqual(OPENING.flat().sort());
  journal.clear();
  await world.lee.presses("Close", world.card(host));
  await untilClosed(world, host);
  expect([...new Set(calls())].sort()).toEqual(CLOSING.flat().sort());
});

describe.each(ROUNDS)("round $number", ({ opening, closing, number }) => {
  test(`opening: ${opening.join(", ")}; closing: ${closing.join(", ")}`, async () => {
    const { cloudflare, shared } = world.sandbox;
    const hosts = await askOnEveryLane(`round-${number}`);
    shared.journal.clear();
    injure(opening, hosts);
    await all("Approve", hosts);
    for (const host of hosts) await untilOpen(world, host);
    expectEveryFaultHit();
    expect(hosts.map((host) => standing(world, host))).toEqual(hosts.map(() => ALL_STANDING));

    injure(closing, hosts);
    await all("Close", hosts);
    await untilAllClosed(hosts);
    expectEveryFaultHit();
    shared.faults.clear();
    expect(hosts.map((host) => standing(world, host))).toEqual(hosts.map(() => NOTHING_STANDING));
    expect(hosts.map((host) => cloudflare.firstHole(host))).toEqual(hosts.map(() => null));
    expect(calls().length).toBeLessThan(MOST_CALLS * hosts.length);
  });
});

/** A write to the tunnel whose answer was lost may arrive late: half a minute long the gate stands on for it. */
async function untilAllClosed(hosts: string[]): Promise<void> {
  const waits = (host: string) => world.cardText(host).includes("whose answer was lost may still arrive.");
  await world.until("all are closed, or have to wait", () =>
    hosts.every((host) => isClosed(world, host) || waits(host)),
  );
  if (hosts.some(waits)) world.sandbox.shared.clock.forward(31_000);
  for (const host of hosts) await untilClosed(world, host);
}
