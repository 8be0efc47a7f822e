// Bots that die in the middle of an incident, and two that watch the same tunnels: what is said is said once.
import { afterEach, expect, test } from "vitest";
import { expose } from "../exposing.ts";
import { armKill } from "../kills.ts";
import { createTunnelWorld, incidents, replies, untilIncident } from "../tunnels.ts";
import { ALERTS, TUNNEL, textOf, type World } from "../world.ts";

let world: World;
afterEach(() => world.close());

function told(words: string): number {
  return world.asha.directMessages().filter((each) => textOf(each).includes(words)).length;
}

test("a bot that dies in the middle of an outage is followed by one that goes on with the same message", async () => {
  world = await createTunnelWorld();
  const { cloudflare } = world.sandbox;
  await expose(world, { service: "billing-api" });
  cloudflare.setConnectors(TUNNEL, 0);
  const incident = await untilIncident(world, "Tunnel cloud-run is down");
  await world.until("Asha is told", () => told("out of reach") === 1);
  await world.stopBot();
  await world.startBot();
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
  await world.until("Asha is told that it is back", () => told("behind a tunnel that is up again") === 1);
  expect(incidents(world).map(({ ts }) => ts)).toEqual([incident.ts]);
  expect(told("out of reach")).toBe(1);
});

test("a bot that is killed between posting an outage and noting where posts it once more, and goes on with that message", async () => {
  world = await createTunnelWorld({}, { ownProcess: true });
  const { cloudflare } = world.sandbox;
  const kill = armKill(world, { call: "slack POST /api/chat.postMessage", nth: 1, moment: "answer lost" });
  cloudflare.setConnectors(TUNNEL, 0);
  await world.until("it is killed", () => kill.struck(), 30);
  await kill.back();
  await world.until("it is posted once more", () => incidents(world).length === 2, 30);
  const [lost, kept] = incidents(world);
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
  await world.until("the thread says so", () => replies(world, kept).length > 0);
  expect(incidents(world).map(({ ts }) => ts)).toEqual([lost?.ts, kept?.ts]);
  expect(textOf(incidents(world)[1] ?? null)).toContain("Over: ");
  expect(replies(world, lost)).toEqual([]);
});

test("what broke while nobody watched is told by the bot that comes next, and what healed as well", async () => {
  world = await createTunnelWorld();
  const { cloudflare } = world.sandbox;
  await world.stopBot();
  cloudflare.setConnectors(TUNNEL, 0);
  await world.startBot();
  const incident = await untilIncident(world, "Tunnel cloud-run is down");
  await world.stopBot();
  cloudflare.setConnectors(TUNNEL, 2);
  await world.startBot();
  await untilIncident(world, "Over: tunnel cloud-run was down");
  await world.until("it is said in the thread", () => replies(world, incident).length > 0);
  expect(incidents(world)).toHaveLength(1);
  expect(replies(world, incident)).toHaveLength(1);
});

test("two bots that watch the same tunnels post once between them", async () => {
  world = await createTunnelWorld();
  const { cloudflare } = world.sandbox;
  await world.startBot();
  await expose(world, { service: "billing-api" });
  cloudflare.setConnectors(TUNNEL, 0);
  await untilIncident(world, "Tunnel cloud-run is down");
  await world.until("Asha is told", () => told("out of reach") === 1);
  cloudflare.setConnectors(TUNNEL, 2);
  const incident = await untilIncident(world, "Over: tunnel cloud-run was down");
  await world.until("Asha is told that it is back", () => told("behind a tunnel that is up again") === 1);
  await world.until("it is said in the thread", () => replies(world, incident).length > 0);
  expect([incidents(world).length, replies(world, incident).length, told("out of reach")]).toEqual([1, 1, 1]);
});

test("the alerts channel is archived in an outage: requesters are told, and its one message follows when it is back", async () => {
  world = await createTunnelWorld();
  const { cloudflare, shared, slack } = world.sandbox;
  await expose(world, { service: "billing-api" });
  slack.archive(ALERTS);
  cloudflare.setConnectors(TUNNEL, 0);
  await world.until("Asha is told", () => told("out of reach") === 1);
  slack.archive(ALERTS, false);
  shared.clock.forward(61_000);
  await untilIncident(world, "Tunnel cloud-run is down");
  // It comes back in the moment after it refused.
  const archived = { kind: "status", status: 200, body: { ok: false, error: "is_archived" } } as const;
  shared.faults.add({ vendor: "slack", path: "chat.update$", effect: archived });
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
  expect(incidents(world)).toHaveLength(1);
});

test("Slack that fails while it is told gets it later, and not twice", async () => {
  world = await createTunnelWorld();
  const { cloudflare, shared } = world.sandbox;
  const fault = { vendor: "slack", path: "chat.postMessage$", times: 2 } as const;
  shared.faults.add({ ...fault, effect: { kind: "status", status: 503 } });
  cloudflare.setConnectors(TUNNEL, 0);
  await untilIncident(world, "Tunnel cloud-run is down");
  shared.faults.add({ ...fault, path: "chat.update$", effect: { kind: "status", status: 503 } });
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
  expect(incidents(world)).toHaveLength(1);
});
