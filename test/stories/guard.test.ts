// What somebody changes by hand at an exposure of ours is found by the sweep: where a stranger could come to pass, the road
// goes first, and then it is opened anew behind a gate that is proved again.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALL_STANDING, ask, isOpen, routesOf, standing, untilClosed, untilOpen } from "../exposing.ts";
import { ZONE } from "../hands.ts";
import type { Person } from "../people.ts";
import { trailOf } from "../trail.ts";
import { ALERTS, createWorld, TUNNEL, textOf, type World } from "../world.ts";

const SERVICES = [
  "grafana",
  "reports",
  "stock-viewer",
  "recipe-editor",
  "route-planner",
  "supplier-portal",
  "returns",
];
const STATUS = "https://status-page-168310110017.asia-northeast1.run.app";
const EVERYONE = [{ everyone: {} }];

let world: World;
beforeAll(async () => {
  world = await createWorld();
  const people = [world.asha, world.mina, world.tom];
  await Promise.all(people.map((person, turn) => askFor(person, turn, people.length)));
  for (const service of SERVICES) await world.lee.presses("Approve", world.card(hostOf(service)));
  for (const service of SERVICES) await untilOpen(world, hostOf(service));
});
afterAll(() => world.close());

async function askFor(person: Person, turn: number, of: number): Promise<void> {
  for (const service of SERVICES.filter((_, index) => index % of === turn))
    await ask(world, { service }, person);
}

function hostOf(service: string): string {
  return `${service}.lakeside.example`;
}

function applicationOf(host: string): { id: string; aud: string; session: string; policies: unknown } {
  const found = world.sandbox.cloudflare.applications().find((each) => each.domain === host);
  const { id, aud, session_duration: session, policies } = found ?? {};
  return { id: String(id), aud: String(aud), session: String(session), policies };
}

function routeOf(host: string): Record<string, unknown> | undefined {
  return routesOf(world.sandbox.cloudflare.tunnelConfig(TUNNEL).config).find(
    (rule) => rule.hostname === host,
  );
}

function rewriteRoutes(change: (rule: Record<string, unknown>) => Record<string, unknown>[]): void {
  const { config } = world.sandbox.cloudflare.tunnelConfig(TUNNEL);
  world.sandbox.cloudflare.putConfig(TUNNEL, { ...config, ingress: routesOf(config).flatMap(change) });
}

/** What happened at the hostname from here on, without the visits. */
function changesSince(host: string): () => string[] {
  const from = world.sandbox.cloudflare.history(host).length;
  const all = () => world.sandbox.cloudflare.history(host).slice(from);
  return () =>
    all()
      .map((each) => each.what)
      .filter((what) => !what.startsWith("stranger"));
}

/** Somebody changes something; the sweep finds it, and in the end all stands as it was approved. */
async function repaired(host: string, byHand: () => void): Promise<string[]> {
  const changes = changesSince(host);
  byHand();
  world.sandbox.shared.clock.forward(1);
  await world.until("something is done about it", () => changes().length > 1);
  await world.until("all stands again", () => isOpen(world, host) && isRight(host));
  expect(standing(world, host)).toEqual(ALL_STANDING);
  return changes();
}

function isRight(host: string): boolean {
  const { aud, session, policies } = applicationOf(host);
  const access = { required: true, teamName: "lakeside", audTag: [aud] };
  const rule = JSON.stringify(routeOf(host) ?? {});
  const allowed = JSON.stringify(policies);
  return (
    rule.includes(JSON.stringify(access)) &&
    session === "60m" &&
    allowed.includes('"email_domain"') &&
    !allowed.includes("everyone") &&
    !allowed.includes("720h") &&
    JSON.stringify(standing(world, host)) === JSON.stringify(ALL_STANDING)
  );
}

async function visit(host: string): Promise<string> {
  return (await world.sandbox.cloudflare.visit(host)).verdict;
}

test("its application is deleted: the route goes first, and a new gate is proved before it comes back", async () => {
  const host = hostOf("grafana");
  const { aud, id } = applicationOf(host);
  const changes = await repaired(host, () => world.sandbox.cloudflare.deleteApplication(id));
  expect(changes).toEqual([
    "access application removed",
    "route removed",
    "access application created",
    "route added",
  ]);
  expect(applicationOf(host).aud).not.toBe(aud);
  expect(await visit(host)).toBe("stopped by Access");
  // The second lock stood all the while.
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
  const told = world.asha.directMessages().map(textOf);
  expect(told.some((text) => text.includes(host) && text.includes("the route was taken away first"))).toBe(
    true,
  );
  const drift = (await trailOf(world, host)).find(({ action }) => action === "drift");
  expect(drift?.details.steps).toEqual(expect.arrayContaining(["remove-routes", "ensure-application"]));
});

test.each([
  ["reports", "allow"],
  ["stock-viewer", "bypass"],
])("the policy of %s is changed to let everybody in (%s)", async (service, decision) => {
  const host = hostOf(service);
  const { aud, id } = applicationOf(host);
  const changes = await repaired(host, () =>
    world.sandbox.cloudflare.editApplication(id, {
      policies: [{ name: "All", decision, include: EVERYONE }],
    }),
  );
  expect(changes).toEqual([
    "access application changed",
    "route removed",
    "access application changed",
    "route added",
  ]);
  expect(applicationOf(host).aud).toBe(aud);
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
});

test("the lock is taken off its route", async () => {
  const host = hostOf("recipe-editor");
  const changes = await repaired(host, () =>
    rewriteRoutes((rule) => {
      const { access: _, ...request } = (rule.originRequest ?? {}) as Record<string, unknown>;
      return [rule.hostname === host ? { ...rule, originRequest: request } : rule];
    }),
  );
  expect(changes).toEqual(["route changed", "route removed", "route added"]);
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
});

test("its route is deleted", async () => {
  const host = hostOf("route-planner");
  const changes = await repaired(host, () => rewriteRoutes((rule) => (rule.hostname === host ? [] : [rule])));
  expect(changes).toEqual(["route removed", "route added"]);
});

test("its record is deleted: it comes back, and the route is left alone", async () => {
  const { cloudflare } = world.sandbox;
  const host = hostOf("supplier-portal");
  const record = cloudflare.records(ZONE).find((each) => each.name === host);
  const changes = await repaired(host, () => cloudflare.deleteRecord(ZONE, String(record?.id)));
  expect(changes).toEqual(["dns record removed", "dns record created"]);
});

test.each<[string, (policies: object[]) => Record<string, unknown>]>([
  ["the application's session", () => ({ session_duration: "720h" })],
  [
    "its policy's",
    (policies) => ({ policies: policies.map((each) => ({ ...each, session_duration: "720h" })) }),
  ],
])(
  "its log-ins are made to last longer by %s: they are cut back, and the route is left alone",
  async (_, edit) => {
    const host = hostOf("returns");
    const { id, policies } = applicationOf(host);
    const changes = await repaired(host, () =>
      world.sandbox.cloudflare.editApplication(id, edit(policies as object[])),
    );
    expect(changes).toEqual(["access application changed", "access application changed"]);
  },
);

test("its application is as an older version made it: it is put right, and the route is left alone", async () => {
  const host = hostOf("returns");
  const { id, policies } = applicationOf(host);
  const older = (policies as object[]).map((each) => ({ ...each, session_duration: undefined }));
  const changes = await repaired(host, () =>
    world.sandbox.cloudflare.editApplication(id, {
      same_site_cookie_attribute: undefined,
      allow_authenticate_via_warp: undefined,
      policies: older,
    }),
  );
  expect(changes).toEqual(["access application changed", "access application changed"]);
  expect(world.sandbox.cloudflare.applications().find((each) => each.id === id)).toMatchObject({
    same_site_cookie_attribute: "lax",
    allow_authenticate_via_warp: false,
    policies: [{ session_duration: "60m" }],
  });
});

test("what is left of an exposure that ended is taken away", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = hostOf("returns");
  const route = routeOf(host);
  await world.lee.presses("Close", world.card(host));
  await world.until("it is closed", () => world.cardText(host).includes("Closed <!date"));
  // A write whose answer was lost lands late.
  const { config } = cloudflare.tunnelConfig(TUNNEL);
  cloudflare.putConfig(TUNNEL, { ...config, ingress: [route, ...routesOf(config)] });
  shared.clock.forward(1);
  await world.until("the late route is gone", () => !routeOf(host));
  await world.until("it is closed again", () => world.cardText(host).includes("Closed <!date"));
  expect(cloudflare.firstHole(host)).toBeNull();
});

test("what is left of one that ended is in the way of the next at its hostname, and goes when that one has ended", async () => {
  const { cloudflare, shared, slack } = world.sandbox;
  const host = hostOf("stock-viewer");
  const left = cloudflare.applications().find((each) => each.domain === host);
  await world.lee.presses("Close", world.card(host));
  await untilClosed(world, host);
  await ask(world, { service: "stock-viewer" });
  // Somebody makes again what was taken away.
  const include = [{ email_domain: { domain: "lakeside.example" } }];
  const { id: _, aud: __, ...again } = left ?? {};
  cloudflare.addApplication({ ...again, policies: [{ name: "Employees", decision: "allow", include }] });
  const changes = changesSince(host);

  rewriteRoutes((rule) =>
    rule.hostname ? [rule] : [{ ...rule, hostname: "bare.lakeside.example", service: STATUS }, rule],
  );
  shared.clock.forward(1);
  await world.until("the sweep tells of a hole", () =>
    slack.messages(ALERTS).some((each) => textOf(each).includes("bare.lakeside.example")),
  );
  expect(world.logged.some((line) => line.includes("what is left is at the hostname of another"))).toBe(true);
  expect(standing(world, host)).toEqual({ applications: 1, records: 0, routes: 0 });

  await world.lee.presses("Approve", world.card(host));
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("Could not open");
  shared.clock.forward(1);
  await world.until("what was left is gone", () => standing(world, host).applications === 0);
  expect(changes()).not.toContain("route added");
  const isTaken = async () => (await world.asha.asks({ service: "stock-viewer" })) === null;
  await world.until("the hostname is free again", isTaken);
});
