// Faults that last: a right that is missing is told in plain words and everything is taken down again; a vendor that asks
// for time gets it; a vendor that never answers holds nothing up for good.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { FaultRule } from "../../sandbox/contract.ts";
import {
  ALL_STANDING,
  askAndApprove,
  expose,
  NOTHING_STANDING,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { createLanes, type Lane } from "../lanes.ts";
import type { World } from "../world.ts";

let world: World;
let lanes: Lane[];
beforeAll(async () => {
  ({ world, lanes } = await createLanes(6));
});
afterEach(() => world.sandbox.shared.faults.clear());
afterAll(() => world.close());

const FORBIDDEN: FaultRule["effect"] = { kind: "status", status: 403 };

function add(call: string, { tunnelId, zoneId }: Lane, rule: Partial<FaultRule>): void {
  const [method = "", path = ""] = call.split(" ");
  const own = path
    .replace("TUNNEL", `/cfd_tunnel/${tunnelId}`)
    .replace("RECORDS", `/zones/${zoneId}/dns_records`);
  const effect = rule.effect ?? FORBIDDEN;
  world.sandbox.shared.faults.add({
    vendor: "cloudflare",
    method,
    path: `${own}$`,
    times: 0,
    ...rule,
    effect,
  });
}

/** Once the fault is gone, whatever is left to take down is taken down at the next attempt. */
async function expectTakenDown(hosts: string[]): Promise<void> {
  world.sandbox.shared.faults.clear();
  world.sandbox.shared.clock.forward(60_000);
  for (const host of hosts) await untilClosed(world, host);
  expect(hosts.map((host) => standing(world, host))).toEqual(hosts.map(() => NOTHING_STANDING));
  expect(hosts.map((host) => world.sandbox.cloudflare.firstHole(host))).toEqual(hosts.map(() => null));
}

async function expectToldWhy(host: string, operation: string, right: string): Promise<void> {
  await world.until(`the card of ${host} says why`, () => world.cardText(host).includes("Could not open"));
  const text = world.cardText(host);
  expect(text).toContain(`Cloudflare refused our API token for ${operation} (403`);
  expect(text).toContain(`Give the token the permission "${right}`);
  expect(text).toContain("Mend what is named here, then ask again with /expose.");
}

test("a right that the token lacks for a tunnel or a zone", async () => {
  const calls: [call: string, operation: string, right: string][] = [
    ["GET TUNNEL", "cfd_tunnel.get", "Cloudflare Tunnel Edit"],
    ["GET TUNNEL/configurations", "cfd_tunnel.configurations.get", "Cloudflare Tunnel Edit"],
    ["GET TUNNEL/connections", "cfd_tunnel.connections.get", "Cloudflare Tunnel Edit"],
    ["PUT TUNNEL/configurations", "cfd_tunnel.configurations.update", "Cloudflare Tunnel Edit"],
    ["GET RECORDS", "dns.records.list", "DNS Edit"],
    ["POST RECORDS", "dns.records.create", "DNS Edit"],
  ];
  const hosts: string[] = [];
  for (const [index, [call]] of calls.entries()) {
    const { service, zone } = lanes[index]!;
    const hostname = `forbidden.${zone}`;
    await world.asha.asks({ service, hostname });
    add(call, lanes[index]!, {});
    hosts.push(hostname);
  }
  for (const host of hosts) {
    const card = await world.until("the card is posted", () => world.card(host));
    await world.lee.presses("Approve", card);
  }
  for (const [index, [, operation, right]] of calls.entries())
    await expectToldWhy(hosts[index]!, operation, right);
  await expectTakenDown(hosts);
});

test.each([
  ["GET /access/apps", "access.apps.list", "Access: Apps and Policies Edit"],
  ["POST /access/apps", "access.apps.create", "Access: Apps and Policies Edit"],
  ["GET /access/apps/[0-9a-f-]+", "access.apps.get", "Access: Apps and Policies Edit"],
  ["GET /access/groups", "access.groups.list", "Access: Organizations, Identity Providers, and Groups Read"],
  ["GET /access/identity_providers", "access.identity_providers.list", "Access: Organizations, Identity"],
])("a right that the token lacks for %s", async (call, operation, right) => {
  const [lane] = lanes;
  const hostname = `${operation.replace(/[^a-z]/g, "-")}.${lane!.zone}`;
  await world.asha.asks({ service: lane!.service, hostname });
  add(call, lane!, {});
  const card = await world.until("the card is posted", () => world.card(hostname));
  await world.lee.presses("Approve", card);
  await expectToldWhy(hostname, operation, right);
  await expectTakenDown([hostname]);
});

test("an edge that refuses every visit proves nothing: nothing is routed, and after ten minutes it is given up", async () => {
  const [lane] = lanes;
  const { faults, clock } = world.sandbox.shared;
  const refusal = faults.add({ vendor: "edge", times: 0, effect: FORBIDDEN });
  const host = await askAndApprove(world, { service: lane!.service, hostname: `unseen.${lane!.zone}` });
  const waits =
    "The visit from outside proved nothing yet (refused, but not by Access's log-in). Nothing is routed.";
  await world.until("the card says why it waits", () => world.cardText(host).includes(waits));
  const visits = () => faults.list().find((each) => each.id === refusal)?.hits ?? 0;
  const isGivenUp = () => world.cardText(host).includes("Could not open");
  const wait = async (ms: number) => {
    const before = visits();
    clock.forward(ms);
    await world.until("it was visited again, or given up", () => visits() > before || isGivenUp());
  };
  // A bot that is there all the while: no time passes without a visit.
  for (let turn = 0; turn < 14; turn++) await wait(40_000);
  expect(isGivenUp()).toBe(false);
  for (let turn = 0; turn < 3; turn++) await wait(40_000);
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("Could not open");
  expect(world.cardText(host)).toContain(waits);
  expect(world.sandbox.cloudflare.history(host).map((each) => each.what)).not.toContain("route added");
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
});

/** The next readings do not know what the write made: they come from where that has not arrived. */
function lagBehind(write: string, reading: string, times: number, lane: Lane): void {
  const behind = () => add(reading, lane, { times, effect: { kind: "status", status: 404 } });
  add(write, lane, { times: 1, effect: { kind: "delay", ms: 0 }, onHit: behind });
}

test("a 404 for what was written a moment ago ends no opening, and nothing that is opened anew", async () => {
  const { cloudflare, shared } = world.sandbox;
  const lags: [write: string, reading: string, times: number][] = [
    ["POST /access/apps", "GET /access/apps/[0-9a-f-]+", 1],
    ["PUT TUNNEL/configurations", "GET TUNNEL/configurations", 1],
    // Once beside the write, and once by those who wait for the connectors.
    ["PUT TUNNEL/configurations", "GET TUNNEL/connections", 2],
  ];
  const hits = () => shared.faults.list().find((each) => each.effect.kind === "status")?.hits;
  for (const [index, [write, reading, times]] of lags.entries()) {
    const { service, zone } = lanes[index]!;
    lagBehind(write, reading, times, lanes[index]!);
    const host = await expose(world, { service, hostname: `lagging.${zone}` });
    expect([reading, hits()]).toEqual([reading, times]);
    shared.faults.clear();

    lagBehind(write, reading, times, lanes[index]!);
    const gate = cloudflare.applications().find((each) => each.domain === host);
    cloudflare.deleteApplication(String(gate?.id));
    shared.clock.forward(1);
    await world.until(`${host} is without its route`, () => standing(world, host).routes === 0);
    await world.until(`${host} is routed again`, () => standing(world, host).routes === 1);
    await world.until(`${reading} met it`, () => hits() === times);
    await untilOpen(world, host);
    expect([standing(world, host), cloudflare.firstHole(host)]).toEqual([ALL_STANDING, null]);
    shared.faults.clear();
    await world.lee.presses("Close", world.card(host));
    await untilClosed(world, host);
  }
});

test("a vendor that asks for three seconds gets them", async () => {
  const [, lane] = lanes;
  const { journal } = world.sandbox.shared;
  journal.clear();
  add("PUT TUNNEL/configurations", lane!, {
    times: 1,
    effect: { kind: "status", status: 429, retryAfterSeconds: 3 },
  });
  await expose(world, { service: lane!.service, hostname: `patient.${lane!.zone}` });
  const puts = journal
    .entries()
    .filter((each) => each.method === "PUT" && each.path.includes(lane!.tunnelId));
  const [refused = 0, done = 0] = puts.map((each) => Date.parse(each.at));
  expect(puts.map((each) => each.status)).toEqual([429, 200]);
  expect(done - refused).toBeGreaterThanOrEqual(3000);
});

test("a vendor that does not answer at all, whether it did what it was asked or not", async () => {
  const [one, two, three, four] = lanes.slice(2);
  add("POST /access/apps", one!, { times: 1, when: "after", effect: { kind: "hang" } });
  add("PUT TUNNEL/configurations", two!, { times: 1, when: "after", effect: { kind: "hang" } });
  add("POST RECORDS", three!, { times: 1, effect: { kind: "hang" } });
  const visit = `^silent.${four!.zone}/`;
  world.sandbox.shared.faults.add({ vendor: "edge", path: visit, effect: { kind: "hang" } });
  const hosts: string[] = [];
  for (const { service, zone } of [one!, two!, three!, four!])
    hosts.push(await askAndApprove(world, { service, hostname: `silent.${zone}` }));
  for (const host of hosts) await untilOpen(world, host, 30);
  expect(hosts.map((host) => standing(world, host))).toEqual(hosts.map(() => ALL_STANDING));
  expect(hosts.map((host) => world.sandbox.cloudflare.firstHole(host))).toEqual(hosts.map(() => null));
});
