// What somebody else has at a hostname is never touched and never built upon: the opening is refused, the card says what
// stands in the way and what to do, and nothing of ours is left.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startSandbox } from "../../sandbox/start.ts";
import { loadConfig } from "../../src/config.ts";
import { start } from "../../src/start.ts";
import { ask, expose, isOpen, ourRoutes, routesOf, standing, untilClosed } from "../exposing.ts";
import { ZONE } from "../hands.ts";
import { createWorld, quickSeed, TUNNEL, type World } from "../world.ts";

const SERVICE = "https://somewhere-168310110017.asia-northeast1.run.app";

let world: World;
let before: Record<string, unknown>;
beforeAll(async () => {
  world = await createWorld();
  before = world.sandbox.cloudflare.tunnelConfig(TUNNEL).config;
});
afterEach(() => world.sandbox.cloudflare.putConfig(TUNNEL, before));
afterAll(() => world.close());

/** Somebody builds something between the request and the approval: the form saw nothing of it. */
async function refusedBecauseOf(service: string, obstacle: (hostname: string) => void): Promise<string> {
  const host = await ask(world, { service });
  obstacle(host);
  await world.lee.presses("Approve", world.card(host));
  await untilClosed(world, host);
  const text = world.cardText(host);
  expect(text).toContain("Could not open");
  expect(text).not.toContain("Open until");
  expect(ourRoutes(world, host)).toBe(0);
  return text;
}

function addRules(rules: Record<string, unknown>[]): Record<string, unknown> {
  const config = { ...before, ingress: [...rules, ...routesOf(before)] };
  world.sandbox.cloudflare.putConfig(TUNNEL, config);
  return config;
}

test("a wildcard route that somebody else made", async () => {
  const wildcard = { hostname: "*.lakeside.example", service: SERVICE };
  const text = await refusedBecauseOf("grafana", () => addRules([wildcard]));
  expect(text).toContain(`already leads this hostname to ${SERVICE} by a route that Drawbridge did not make`);
  expect(routesOf(world.sandbox.cloudflare.tunnelConfig(TUNNEL).config)[0]).toEqual(wildcard);
  expect(standing(world, "grafana.lakeside.example")).toEqual({ applications: 0, records: 0, routes: 0 });
});

test("a real service as the tunnel's catch-all", async () => {
  const text = await refusedBecauseOf("reports", () => {
    const [first] = routesOf(before);
    world.sandbox.cloudflare.putConfig(TUNNEL, { ...before, ingress: [first, { service: SERVICE }] });
  });
  expect(text).toContain(`already leads this hostname to ${SERVICE}`);
});

test("a route to this very hostname", async () => {
  const route = { hostname: "recipe-editor.lakeside.example", service: SERVICE };
  await refusedBecauseOf("recipe-editor", () => addRules([route]));
  expect(standing(world, route.hostname)).toEqual({ applications: 0, records: 0, routes: 1 });
});

test("a record that somebody else made", async () => {
  const text = await refusedBecauseOf("stock-viewer", (name) => {
    world.sandbox.cloudflare.addRecord(ZONE, { type: "A", name, content: "192.0.2.44", proxied: true });
  });
  expect(text).toContain("A DNS record that Drawbridge did not make stands at this hostname (192.0.2.44).");
  expect(standing(world, "stock-viewer.lakeside.example")).toEqual({
    applications: 0,
    records: 1,
    routes: 0,
  });
});

test("an application for a path of the hostname", async () => {
  const domain = "supplier-portal.lakeside.example/hooks";
  const text = await refusedBecauseOf("supplier-portal", () => {
    world.sandbox.cloudflare.addApplication({
      name: "Hooks",
      domain,
      policies: [{ name: "Anybody", decision: "bypass", include: [{ everyone: {} }] }],
    });
  });
  expect(text).toContain(`The Access application "Hooks" also answers for ${domain}`);
  expect(world.sandbox.cloudflare.applications().filter((each) => each.domain === domain)).toHaveLength(1);
});

test("a wildcard application above the hostname is none: ours is more specific", async () => {
  world.sandbox.cloudflare.addApplication({
    name: "Everything",
    domain: "*.lakeside-labs.example",
    policies: [{ name: "Anybody", decision: "bypass", include: [{ everyone: {} }] }],
  });
  const host = await expose(world, { service: "notebook", zone: "lakeside-labs.example" });
  expect((await world.sandbox.cloudflare.visit(host)).verdict).toBe("stopped by Access");
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
});

test("a tunnel that was moved to a local configuration file", async () => {
  const { shared } = world.sandbox;
  const result = { id: TUNNEL, name: "cloud-run", status: "healthy", config_src: "local" };
  const path = `/cfd_tunnel/${TUNNEL}$`;
  const fault = shared.faults.add({
    vendor: "cloudflare",
    path,
    times: 0,
    effect: { kind: "status", status: 200, body: { success: true, errors: [], messages: [], result } },
  });
  const text = await refusedBecauseOf("returns", () => undefined);
  shared.faults.remove(fault);
  expect(text).toContain("The tunnel is configured by a local file, which Drawbridge does not change.");
});

test("what stands in the way of one hostname leaves the others open", async () => {
  const host = await expose(world, { service: "label-maker", zone: "lakeside-labs.example" });
  const config = world.sandbox.cloudflare.tunnelConfig(TUNNEL).config;
  await refusedBecauseOf("route-planner", (name) => {
    const ingress = [{ hostname: name, service: SERVICE }, ...routesOf(config)];
    world.sandbox.cloudflare.putConfig(TUNNEL, { ...config, ingress });
  });
  expect(isOpen(world, host)).toBe(true);
  expect(ourRoutes(world, host)).toBe(1);
});

test("a bot that is given a tunnel with a local configuration does not start, and says what to do", async () => {
  const seed = quickSeed();
  const tunnels = seed.cloudflare.tunnels.map((each) => ({
    ...each,
    configSrc: "local" as const,
    config: undefined,
  }));
  const sandbox = await startSandbox({
    bot: false,
    seed: { ...seed, cloudflare: { ...seed.cloudflare, tunnels } },
  });
  const config = loadConfig({ ...sandbox.env, HEALTH_PORT: "0", LOG_LEVEL: "error" });
  await expect(start(config, () => undefined)).rejects.toThrow(
    "is configured by a local file. Move it to remote",
  );
  await sandbox.stop();
});
