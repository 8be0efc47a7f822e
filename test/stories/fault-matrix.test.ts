// Every call of an opening and of a closing fails once, in every way: the exposure opens and closes all the same, nothing
// is doubled, no stranger ever gets through, and the vendor is not stormed with repetitions.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultRule } from "../../sandbox/contract.ts";
import {
  ALL_STANDING,
  ask,
  isOpen,
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

/** Calls that name a tunnel or a zone hit one lane; the account's own are dealt out, one way to each that comes. */
const TUNNEL = "GET /accounts/{id}/cfd_tunnel/{id}";
const OPENING = [
  TUNNEL,
  `${TUNNEL}/configurations`,
  `${TUNNEL}/connections`,
  "PUT /accounts/{id}/cfd_tunnel/{id}/configurations",
  "GET /accounts/{id}/access/apps",
  "GET /accounts/{id}/access/groups",
  "GET /accounts/{id}/access/identity_providers",
  "POST /accounts/{id}/access/apps",
  "GET /accounts/{id}/access/apps/{id}",
  "GET /zones/{id}/dns_records",
  "POST /zones/{id}/dns_records",
  "edge visit",
];
const CLOSING = [
  TUNNEL,
  `${TUNNEL}/configurations`,
  `${TUNNEL}/connections`,
  "PUT /accounts/{id}/cfd_tunnel/{id}/configurations",
  "GET /accounts/{id}/access/apps",
  "GET /accounts/{id}/access/groups",
  "GET /accounts/{id}/access/identity_providers",
  "GET /zones/{id}/dns_records",
  "GET /zones/{id}/dns_records/{id}",
  "DELETE /zones/{id}/dns_records/{id}",
  "POST /accounts/{id}/access/apps/{id}/revoke_tokens",
  "GET /accounts/{id}/access/apps/{id}",
  "DELETE /accounts/{id}/access/apps/{id}",
  "edge visit",
];
/** Without faults an opening and a closing are some sixty calls. A storm would be hundreds. */
const MOST_CALLS = 150;

let world: World;
let lanes: Lane[];
beforeAll(async () => {
  ({ world, lanes } = await createLanes(Object.keys(WAYS).length));
});
afterAll(() => world.close());

function injure(call: string, hosts: string[]): void {
  Object.values(WAYS).forEach((way, index) => {
    const rule = callRule(call, lanes[index]!, hosts[index]!);
    const shared = call.includes("/access/");
    world.sandbox.shared.faults.add({ ...rule, ...way, nth: shared ? index + 1 : 1 });
  });
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

async function askOnEveryLane(name: string): Promise<string[]> {
  const hosts: string[] = [];
  for (const { service, zone } of lanes)
    hosts.push(await ask(world, { service, hostname: `${name}.${zone}` }));
  return hosts;
}

async function all(button: string, hosts: string[]): Promise<void> {
  await Promise.all(hosts.map((host) => world.lee.presses(button, world.card(host))));
}

test("the calls of an opening and of a closing are the ones that are spoilt below", async () => {
  const { journal } = world.sandbox.shared;
  const [host = ""] = await askOnEveryLane("plain");
  journal.clear();
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect([...new Set(calls())].sort()).toEqual([...OPENING].sort());
  journal.clear();
  await world.lee.presses("Close", world.card(host));
  await untilClosed(world, host);
  expect([...new Set(calls())].sort()).toEqual([...CLOSING].sort());
  for (const { zone } of lanes.slice(1)) await world.asha.presses("Withdraw", world.card(`plain.${zone}`));
});

const ROUNDS = CLOSING.map((closing, index) => ({
  opening: OPENING[index] ?? "edge visit",
  closing,
  number: index + 1,
}));

describe.each(ROUNDS)("opening: $opening; closing: $closing", ({ opening, closing, number }) => {
  test("fails once in each way, and all ends well", async () => {
    const { faults, journal } = world.sandbox.shared;
    const hosts = await askOnEveryLane(`round-${number}`);
    journal.clear();
    injure(opening, hosts);
    await all("Approve", hosts);
    for (const host of hosts) await untilOpen(world, host);
    expect(faults.list().every((each) => each.hits === 1)).toBe(true);
    expect(hosts.map((host) => standing(world, host))).toEqual(hosts.map(() => ALL_STANDING));

    faults.clear();
    injure(closing, hosts);
    await all("Close", hosts);
    for (const host of hosts) await untilClosed(world, host);
    expect(faults.list().every((each) => each.hits === 1)).toBe(true);
    faults.clear();
    expect(hosts.map((host) => standing(world, host))).toEqual(hosts.map(() => NOTHING_STANDING));
    expect(hosts.filter((host) => isOpen(world, host))).toEqual([]);
    expect(hosts.map((host) => world.sandbox.cloudflare.firstHole(host))).toEqual(hosts.map(() => null));
    expect(calls().length).toBeLessThan(MOST_CALLS * hosts.length);
  });
});
