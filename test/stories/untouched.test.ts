// What is others' survives a whole opening and closing to the letter, also where Drawbridge does not know what it means;
// and a list that could not be read is never taken for an empty one.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultRule, JournalEntry } from "../../sandbox/contract.ts";
import { ask, expose, isOpen, routesOf, standing, untilClosed, untilOpen } from "../exposing.ts";
import { ZONE } from "../hands.ts";
import { createWorld, TUNNEL, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test("rules, settings, records and applications of others come out of it to the letter", async () => {
  const { cloudflare } = world.sandbox;
  const { config } = cloudflare.tunnelConfig(TUNNEL);
  const [status, catchAll] = routesOf(config);
  const odd = {
    id: "a7",
    path: "^/(v1|v2)/",
    hostname: "odd.lakeside.example",
    service: "https://odd.internal:8443",
    originRequest: {
      noTLSVerify: true,
      ipRules: [{ prefix: "10.0.0.0/8", ports: [80, 443], allow: false }],
      future: null,
    },
    "x-of-a-later-version": { deep: [1, "two", { three: 3 }] },
  };
  cloudflare.putConfig(TUNNEL, {
    "x-first": true,
    "warp-routing": { enabled: true, connectTimeout: 5, maxActiveFlows: 1000 },
    ingress: [odd, status, { hostname: "*.lakeside-labs.example", service: "http_status:503" }, catchAll],
    originRequest: { connectTimeout: 10, keepAliveConnections: 50, proxyType: "", bastionMode: false },
    "x-last": ["kept"],
  });
  cloudflare.addRecord(ZONE, { type: "TXT", name: "lakeside.example", content: "drawbridge is not mine" });
  const seen = () =>
    JSON.stringify([
      cloudflare.tunnelConfig(TUNNEL).config,
      cloudflare.records(ZONE),
      cloudflare.applications(),
    ]);
  const before = seen();
  const others = (text: string) =>
    JSON.stringify(routesOf(JSON.parse(text)[0]).filter((each) => each.hostname !== host));
  const host = await expose(world, { service: "grafana" });
  expect(others(seen())).toBe(JSON.stringify(routesOf(JSON.parse(before)[0])));
  await world.lee.presses("Close", world.card(host));
  await untilClosed(world, host);
  expect(seen()).toBe(before);
});

test("a path that only Go's expressions can spell, and cloudflared serves, stands in nobody's way but at its own hostname", async () => {
  const { cloudflare } = world.sandbox;
  const { config } = cloudflare.tunnelConfig(TUNNEL);
  const api = { hostname: "api.lakeside.example", path: "^/(?i)api", service: "https://api.internal:8443" };
  const ungreedy = { ...api, path: "(?U)^/a.*b$" };
  const put = (rules: object[]) =>
    cloudflare.putConfig(TUNNEL, { ...config, ingress: [...rules, ...routesOf(config)] });
  put([api, ungreedy]);
  const host = await expose(world, { service: "grafana", hostname: "beside-go" });
  expect(routesOf(cloudflare.tunnelConfig(TUNNEL).config).slice(1, 3)).toEqual([api, ungreedy]);
  await world.lee.presses("Close", world.card(host));
  await untilClosed(world, host);
  expect(routesOf(cloudflare.tunnelConfig(TUNNEL).config)).toEqual([api, ungreedy, ...routesOf(config)]);

  // For all that anybody can tell it takes every path of this hostname.
  const taken = await ask(world, { service: "grafana", hostname: "below-go" });
  put([{ ...api, hostname: "*.lakeside.example" }]);
  await world.lee.presses("Approve", world.card(taken));
  await untilClosed(world, taken);
  expect(world.cardText(taken)).toContain(`already leads this hostname to ${api.service}`);
  cloudflare.putConfig(TUNNEL, config);
});

/** A body that says more than it holds: the server counts five and gives none. */
function answer(result: unknown, more: object = {}): FaultRule["effect"] {
  return { kind: "status", status: 200, body: { success: true, errors: [], messages: [], result, ...more } };
}

const SHORT = answer([], { result_info: { page: 1, per_page: 50, count: 0, total_count: 5 } });
const LISTS: [list: string, path: string, wrong: FaultRule["effect"]][] = [
  ["applications", "/access/apps$", { kind: "status", status: 500 }],
  ["applications", "/access/apps$", SHORT],
  ["applications", "/access/apps$", answer(null)],
  ["records", "/dns_records$", { kind: "malformed" }],
  ["records", "/dns_records$", SHORT],
  ["configurations", "/configurations$", { kind: "reset-body" }],
  ["configurations", "/configurations$", answer({ tunnel_id: TUNNEL })],
  ["connections", "/connections$", { kind: "drop" }],
  ["connections", "/connections$", answer(null)],
];

describe("a list that cannot be read is not an empty one", () => {
  const services = [
    "reports",
    "stock-viewer",
    "recipe-editor",
    "route-planner",
    "supplier-portal",
    "returns",
  ];
  const labs = ["notebook", "label-maker", "forecast"];
  const hosts = [
    ...services.map((service) => ({ service, zone: "lakeside.example" })),
    ...labs.map((service) => ({ service, zone: "lakeside-labs.example" })),
  ];
  let open: string;
  beforeAll(async () => {
    open = await expose(world, { service: "billing-api", duration: 1440 });
  });

  test.each(LISTS.map((each, index) => [...each, hosts[index]!] as const))(
    "%s: %s, %o",
    async (_list, path, effect, request) => {
      const { shared } = world.sandbox;
      const host = await ask(world, request);
      shared.journal.clear();
      const fault = { vendor: "cloudflare", method: "GET", path, times: 0, effect } as const;
      shared.faults.add(fault);
      await world.lee.presses("Approve", world.card(host));
      shared.clock.forward(1);
      await world.until("the card says that it waits", () => world.cardText(host).includes("Not yet:"));
      const fails = () => world.logged.filter((line) => line.includes("a job failed")).length;
      const before = fails();
      shared.clock.forward(1);
      await world.until("a sweep has failed on it", () => fails() > before);
      expect(shared.journal.entries().filter(isWrite)).toEqual([]);
      expect([isOpen(world, open), isOpen(world, host)]).toEqual([true, false]);
      expect(standing(world, host)).toEqual({ applications: 0, records: 0, routes: 0 });

      shared.faults.clear();
      shared.clock.forward(10_000);
      await untilOpen(world, host);
      expect(isOpen(world, open)).toBe(true);
    },
  );
});

function isWrite({ vendor, method }: JournalEntry): boolean {
  return vendor === "cloudflare" && method !== "GET";
}
