// The bridge goes up in the reverse order: road, connectors, record, log-ins, gate. What is half closed is still gated,
// and a closing is never given up.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  alertsAbout,
  ask,
  askAndApprove,
  expose,
  NOTHING_STANDING,
  routesOf,
  shapeOf,
  standing,
  untilClosed,
} from "../exposing.ts";
import { expectLateRouteGated } from "../late-route.ts";
import { actsOf } from "../trail.ts";
import { createWorld, TUNNEL, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterEach(() => world.sandbox.shared.faults.clear());
afterAll(() => world.close());

async function close(hostname: string): Promise<void> {
  await world.lee.presses("Close", world.card(hostname));
}

/** Time passes while it waits. */
async function untilLater(what: string, check: () => boolean): Promise<void> {
  await world.until(what, async () => {
    world.sandbox.shared.clock.forward(60_000);
    await pause(200);
    return check();
  });
}

test("each step is confirmed before the next", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await expose(world, { service: "grafana" });
  shared.journal.clear();
  await close(host);
  await untilClosed(world, host);
  const calls = shared.journal.entries().map((entry) => shapeOf(entry).replace("cloudflare ", ""));
  const tunnel = "/accounts/{id}/cfd_tunnel/{id}";
  const put = calls.indexOf(`PUT ${tunnel}/configurations`);
  // Both are read side by side, and both before the next step.
  const readBack = ["configurations", "connections"].map((what) =>
    calls.indexOf(`GET ${tunnel}/${what}`, put),
  );
  const order = [
    put,
    Math.max(...readBack),
    calls.indexOf("DELETE /zones/{id}/dns_records/{id}"),
    calls.indexOf("POST /accounts/{id}/access/apps/{id}/revoke_tokens"),
    calls.indexOf("DELETE /accounts/{id}/access/apps/{id}"),
    calls.indexOf("edge visit"),
  ];
  expect([...order, ...readBack]).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
});

test("the record stays until no connector serves the route any more", async () => {
  const { cloudflare } = world.sandbox;
  const host = await expose(world, { service: "reports" });
  cloudflare.setConnectorDelay(600_000);
  await close(host);
  const waits = "2 of 2 connectors have not taken the new configuration yet.";
  await world.until("the card says why it waits", () => world.cardText(host).includes(waits));
  expect(standing(world, host)).toEqual({ applications: 1, records: 1, routes: 0 });
  cloudflare.setConnectorDelay(40);
  cloudflare.putConfig(TUNNEL, { ...cloudflare.tunnelConfig(TUNNEL).config });
  await untilClosed(world, host);
  expect(cloudflare.firstHole(host)).toBeNull();
});

test("an employee's cookie ends with the exposure, also for the next one at the same hostname", async () => {
  const { cloudflare } = world.sandbox;
  const host = await expose(world, { service: "recipe-editor" });
  const inside = await cloudflare.visit(host, { email: "tom@lakeside.example" });
  expect(inside.verdict).toBe("reached the service");
  const cookie = inside.headers["set-cookie"] ?? "";
  expect((await cloudflare.visit(host, { cookie })).verdict).toBe("reached the service");
  // A form that is opened meanwhile sees what stands there. That must not count for the next request.
  await world.stopBot();
  await world.startBot();
  await world.tom.runs("");
  await world.tom.modal();
  await close(host);
  await untilClosed(world, host);
  expect((await cloudflare.visit(host, { cookie })).verdict).toBe("no such host");

  // Asked for again at once: what stood there a moment ago is no obstacle.
  await expose(world, { service: "recipe-editor" });
  expect((await cloudflare.visit(host, { cookie })).verdict).toBe("stopped by Access");
});

test("closed while it is being opened: no further step of the opening is taken", async () => {
  const { cloudflare, shared } = world.sandbox;
  cloudflare.setPropagation(600_000);
  const host = await askAndApprove(world, { service: "stock-viewer" });
  await world.until("it waits for Access", () => world.cardText(host).includes("Nothing is routed."));
  cloudflare.setPropagation(40);
  shared.journal.clear();
  await world.asha.presses("Close", world.card(host));
  await untilClosed(world, host);
  const writes = shared.journal
    .entries()
    .filter(({ vendor, method }) => vendor === "cloudflare" && method !== "GET");
  expect(writes.map((each) => shapeOf(each).split("/").at(-1))).toEqual(["{id}", "revoke_tokens", "{id}"]);
  expect(cloudflare.history(host).map((each) => each.what)).not.toContain("route added");
  expect(world.cardText(host)).toContain("The requester closed it");
});

test("closed while its route is on the way: the route is taken out again", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await ask(world, { service: "returns" });
  const path = `${TUNNEL}/configurations$`;
  shared.faults.add({ vendor: "cloudflare", method: "PUT", path, effect: { kind: "delay", ms: 1500 } });
  await world.lee.presses("Approve", world.card(host));
  await world.until("the write is on its way", () => shared.faults.list().some((each) => each.hits > 0));
  await close(host);
  await untilClosed(world, host);
  shared.faults.clear();
  expect(world.cardText(host)).not.toContain("Open until");
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
});

test("its time ran out while the bot was down: it is closed when the bot comes back", async () => {
  const host = await expose(world, { service: "supplier-portal", duration: 60 });
  await world.stopBot();
  world.sandbox.shared.clock.forward(3 * 60 * 60_000);
  expect((await world.sandbox.cloudflare.visit(host)).verdict).toBe("stopped by Access");
  await world.startBot();
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("Its time was up.");
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
});

test("somebody else's route to the same hostname keeps the gate standing until it is gone", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await expose(world, { service: "route-planner" });
  const { config } = cloudflare.tunnelConfig(TUNNEL);
  const foreign = { hostname: host, service: "https://elsewhere.example" };
  const [ours, ...rest] = routesOf(config);
  cloudflare.putConfig(TUNNEL, { ...config, ingress: [ours, foreign, ...rest] });
  await close(host);
  const waits = "A route that Drawbridge did not make still leads this hostname to a service.";
  await world.until("the card says why it waits", () => world.cardText(host).includes(waits));
  expect(standing(world, host)).toEqual({ applications: 1, records: 0, routes: 1 });

  const now = cloudflare.tunnelConfig(TUNNEL).config;
  cloudflare.putConfig(TUNNEL, { ...now, ingress: routesOf(now).filter((rule) => rule.hostname !== host) });
  shared.clock.forward(10_000);
  await untilClosed(world, host);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
});

test.each([
  ["a zone that the token may not read any more", "stock-viewer", "/dns_records$", 403],
  ["a list of applications that fails", "reports", "/access/apps$", 500],
  ["connectors that cannot be told", "grafana", "/connections$", 500],
])("the route goes in time beside %s", async (_, service, path, status) => {
  const { cloudflare, shared } = world.sandbox;
  const host = await expose(world, { service });
  const effect = { kind: "status", status } as const;
  shared.faults.add({ vendor: "cloudflare", method: "GET", path, times: 0, effect });
  shared.journal.clear();
  await close(host);
  await world.until("the card says why it waits", () => world.cardText(host).includes(`(${status}`));
  const out = "Done: \nRoute removed from the tunnel";
  await world.until("the route is out", () => world.cardText(host).includes(out));
  expect(standing(world, host)).toEqual({ applications: 1, records: 1, routes: 0 });
  shared.clock.forward(60_000);
  await world.until("it was tried again", () => shared.faults.list().some(({ hits }) => hits > 9));
  const puts = shared.journal.entries().filter(({ method }) => method === "PUT");
  expect(puts.map((each) => shapeOf(each).split("/").at(-1))).toEqual(["configurations"]);

  shared.faults.clear();
  shared.clock.forward(60_000);
  await untilClosed(world, host);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
});

test("a write that a gateway gave up waiting for may still land: the application stands until it cannot", async () => {
  const { shared } = world.sandbox;
  const page = "<html><body><h1>504 Gateway Time-out</h1></body></html>";
  const effect = { kind: "status", status: 504, body: page } as const;
  shared.faults.add({ vendor: "cloudflare", method: "PUT", path: "/configurations$", times: 0, effect });
  shared.journal.clear();
  const host = await askAndApprove(world, { service: "returns" });
  const sent = await world.until("its route is sent", () =>
    shared.journal.entries().find((each) => each.method === "PUT" && each.path.endsWith("/configurations")),
  );
  await close(host);
  await expectLateRouteGated(world, host, (sent.body as { config: Record<string, unknown> }).config);
});

test("a closing that cannot go on keeps trying, says so on the card, and in the alerts channel once", async () => {
  const { shared } = world.sandbox;
  const host = await expose(world, { service: "label-maker", zone: "lakeside-labs.example" });
  const path = "/access/apps/[0-9a-f-]+$";
  const fault = { vendor: "cloudflare", method: "DELETE", path, times: 0 } as const;
  shared.faults.add({ ...fault, effect: { kind: "status", status: 500 } });
  await close(host);
  const why = "Cloudflare has trouble of its own (500";
  await world.until("the card says why", () => world.cardText(host).includes(why));
  expect(alertsAbout(world, host)).toEqual([]);

  shared.clock.forward(6 * 60_000);
  const [alert = ""] = await world.until("the alert is posted", () => {
    const alerts = alertsAbout(world, host);
    return alerts.length > 0 ? alerts : null;
  });
  expect(alert).toContain("is still not closed. Drawbridge keeps trying.");
  expect(alert).toContain(why);
  const tries = () => shared.faults.list()[0]?.hits ?? 0;
  const before = tries();
  await untilLater("it has tried three times more", () => tries() >= before + 3);
  expect(alertsAbout(world, host)).toHaveLength(1);
  // What each try did again was told once, and never took the reason off the card.
  const acts = await actsOf(world, host, "converge");
  expect(acts.filter((each) => each === "converge step: tokens-revoked: ok")).toHaveLength(1);

  shared.faults.clear();
  await untilLater("it is closed", () => standing(world, host).applications === 0);
  await untilClosed(world, host);
  const last = await world.until("the alerts channel is told", () => alertsAbout(world, host)[1]);
  expect(last).toContain("It is closed now. Nothing is left to do.");
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
});
