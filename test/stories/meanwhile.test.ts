// What somebody makes in the moment between the bot's look and its write: whose hostname it is, is refused for it, and what
// the same write serves is left out of it.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  ask,
  askAndApprove,
  NOTHING_STANDING,
  ourRoutes,
  routesOf,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { ZONE } from "../hands.ts";
import { createWorld, TUNNEL, type World } from "../world.ts";

const SERVICE = "https://somewhere-168310110017.asia-northeast1.run.app";

let world: World;
beforeAll(async () => {
  world = await createWorld({ env: { PROOF_VISITS: "1", SWEEP_SECONDS: "600" } });
  // One visit is made, and both hostnames are proved by it: what follows is one look and one write for the two.
  world.sandbox.cloudflare.setPropagation(0);
});
afterEach(() => world.sandbox.shared.faults.clear());
afterAll(() => world.close());

function putRules(change: (rules: Record<string, unknown>[]) => Record<string, unknown>[]): void {
  const { cloudflare } = world.sandbox;
  const { config } = cloudflare.tunnelConfig(TUNNEL);
  cloudflare.putConfig(TUNNEL, { ...config, ingress: change(routesOf(config)) });
}

/** Right after the look from which the routes of these hostnames are written. */
function beforeRoutesOf(hosts: string[], act: () => void): void {
  const { cloudflare, shared } = world.sandbox;
  // By then what was read is too old to write on, and is read again.
  const slow = { vendor: "google", method: "GetService", times: 0 } as const;
  shared.faults.add({ ...slow, effect: { kind: "delay", ms: 900 } });
  const isProved = (host: string) =>
    cloudflare.history(host).some((each) => each.what === "stranger stopped by Access");
  const off = shared.journal.onWrite(({ method, path }) => {
    if (method !== "GET" || !path.endsWith("/configurations") || !hosts.every(isProved)) return;
    off();
    act();
  });
}

test("a route to one of two hostnames that one write serves: that one is refused, the other opens", async () => {
  const { cloudflare, shared } = world.sandbox;
  const { lee } = world;
  const theirs = await ask(world, { service: "grafana" });
  const beside = await ask(world, { service: "reports" });
  await lee.runs("freeze");
  for (const host of [theirs, beside]) {
    await lee.presses("Approve", world.card(host));
    await world.until(`${host} waits`, () => world.cardText(host).includes("New openings are frozen."));
  }
  let made = false;
  beforeRoutesOf([theirs, beside], () => {
    putRules((rules) => [{ hostname: theirs, service: SERVICE }, ...rules]);
    made = true;
  });
  await lee.runs("unfreeze");
  shared.clock.forward(6_000);
  await world.until("their route was made", () => made);
  const refused = `already leads this hostname to ${SERVICE}`;
  await world.until("the card says why", () => world.cardText(theirs).includes(refused));
  await untilOpen(world, beside);
  expect([ourRoutes(world, theirs), ourRoutes(world, beside)]).toEqual([0, 1]);
  // Its gate stands until their route is gone.
  putRules((rules) => rules.filter((each) => each.hostname !== theirs));
  shared.clock.forward(10_000);
  await untilClosed(world, theirs);
  expect(standing(world, theirs)).toEqual(NOTHING_STANDING);
  expect([theirs, beside].map((host) => cloudflare.firstHole(host))).toEqual([null, null]);
});

test("a record at the hostname is named on the card, like one that stood there before", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = "returns.lakeside.example";
  const make = () =>
    void cloudflare.addRecord(ZONE, { type: "A", name: host, content: "192.0.2.45", proxied: true });
  const moment = { vendor: "cloudflare", method: "POST", path: "/access/apps$" } as const;
  shared.faults.add({ ...moment, effect: { kind: "delay", ms: 0 }, onHit: make });
  await askAndApprove(world, { service: "returns" });
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain(
    "A DNS record that Drawbridge did not make stands at this hostname (192.0.2.45).",
  );
  expect(standing(world, host)).toEqual({ ...NOTHING_STANDING, records: 1 });
});
