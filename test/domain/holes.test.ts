// Holes: what a stranger can reach through a tunnel, whoever made it.
import { describe, expect, it } from "vitest";
import { NOT_IDENTITIES } from "../../src/domain/audience.ts";
import { findHoles, isOwnRoute, leadsSomewhere } from "../../src/domain/holes.ts";
import type { Application, Observed, Rule } from "../../src/domain/observed.ts";
import { PUBLIC_LOGINS } from "../../src/domain/public-login.ts";
import { parseConfig } from "../../src/services/tunnel-config.ts";
import { TUNNEL_ID } from "./exposure-sample.ts";
import { foreignApplication } from "./model-spoils.ts";
import { rawRoute, TEAM } from "./model-world.ts";

const HOST = "shop.lakeside.example";
const LOCK = { required: true, teamName: TEAM, audTag: ["aud-1"] };
const OWN = [{ exposureId: "e1", hostname: HOST, auds: ["aud-1"], leadsTo: null }];

function observedWith(rules: Rule["raw"][], applications: Application[] = []): Observed {
  return {
    tunnel: { id: TUNNEL_ID, name: "bridge", remotelyManaged: true, status: "healthy" },
    config: parseConfig({ version: 1, config: { ingress: rules } })!,
    connectors: [],
    applications,
    groups: [],
    identityProviders: [],
    records: [],
  };
}

function found(rules: Rule["raw"][], applications: Application[] = [], own = OWN): string[] {
  return findHoles(observedWith(rules, applications), own).map(
    ({ hostname, why, path, ours }) => `${ours ? "our " : ""}${hostname}${path ?? ""}: ${why}`,
  );
}

function route(hostname: string, lock: object | null = null, change: object = {}): Rule["raw"] {
  return { ...rawRoute(hostname, "http://shop:80", lock), ...change };
}

describe("a hole", () => {
  it("is a route with no application in front, and none is one with a proper gate", () => {
    expect(found([route(HOST)])).toEqual([`${HOST}: no-application`]);
    expect(found([route(HOST)], [foreignApplication(HOST, "shop")])).toEqual([]);
    expect(found([route(HOST)], [foreignApplication("*.lakeside.example", "all")])).toEqual([]);
    expect(found([route("a.b.lakeside.example")], [foreignApplication("*.lakeside.example", "all")])).toEqual(
      ["a.b.lakeside.example: no-application"],
    );
  });

  it.each<[string, Partial<Application>, string]>([
    [
      "a bypass",
      { policies: [{ name: "", decision: "bypass", include: [], require: [], exclude: [] }] },
      "bypass",
    ],
    ["a public path", { publicPaths: ["/metrics"] }, "/metrics: public-path"],
    ["OPTIONS let through", { optionsBypass: true }, "options-bypass"],
  ])("is an application with %s", (_, change, why) => {
    const hole = why.startsWith("/") ? `${HOST}${why}` : `${HOST}: ${why}`;
    expect(found([route(HOST)], [{ ...foreignApplication(HOST, "shop"), ...change }])).toEqual([hole]);
  });

  it("is a path below that is guarded less than the hostname", () => {
    const gate = foreignApplication(HOST, "shop");
    for (const destination of [`${HOST}/hook`, "*.lakeside.example/hook"])
      expect(found([route(HOST)], [gate, foreignApplication(destination, "hook", "bypass")])).toEqual([
        `${HOST}/hook: weaker-application`,
      ]);
    expect(found([route(HOST)], [gate, foreignApplication(`${HOST}/hook`, "hook")])).toEqual([]);
    expect(
      found([route(HOST)], [gate, foreignApplication("b.lakeside.example/hook", "hook", "bypass")]),
    ).toEqual([]);
  });

  it.each<[string, Partial<Application>]>([
    ["a public path of its own", { publicPaths: ["/hook/*"] }],
    ["OPTIONS let through", { optionsBypass: true }],
  ])("is an application for a path below with %s", (_, change) => {
    const below = { ...foreignApplication(`${HOST}/hook`, "hook"), ...change };
    expect(found([route(HOST)], [foreignApplication(HOST, "shop"), below])).toHaveLength(1);
  });

  it("is a wildcard route even with a wildcard application, which covers one level only", () => {
    const wildcard = route("*.lakeside.example");
    expect(found([wildcard])).toEqual(["*.lakeside.example: no-application"]);
    expect(found([wildcard], [foreignApplication("*.lakeside.example", "all")])).toEqual([
      "*.lakeside.example: wildcard",
    ]);
  });

  it("is a catch-all that leads to a service", () => {
    expect(found([{ service: "http://lobby:80" }])).toEqual(["*: wildcard"]);
    expect(found([{ hostname: "*", service: "http://lobby:80" }])).toEqual(["*: wildcard"]);
    expect(found([{ service: "hello_world" }])).toEqual(["*: wildcard"]);
  });

  it("is none where a rule only answers with a status", () => {
    expect(
      found([route(HOST, null, { service: "http_status:403" }), { service: "http_status:404" }]),
    ).toEqual([]);
    expect(
      ["http_status:404", "http://a:1", "hello_world", "unix:/a"].map((service) =>
        leadsSomewhere({ service } as Rule),
      ),
    ).toEqual([false, true, true, true]);
  });

  it("is told once, however many rules lead there", () => {
    expect(found([route(HOST), route(HOST, null, { path: "^/x" })])).toEqual([`${HOST}: no-application`]);
  });
});

describe("a locked route", () => {
  const bypass = foreignApplication(HOST, "shop", "bypass");

  it("lets nobody in without a token, whatever stands in front of it", () => {
    expect(found([route(HOST, LOCK)], [], [])).toEqual([]);
    expect(found([route(HOST, LOCK)], [bypass], [])).toEqual([]);
    expect(found([route("*.lakeside.example", LOCK)], [], [])).toEqual([]);
  });

  it("lets in whoever can log in: a gate for everyone stays a hole", () => {
    const everyone = foreignApplication(HOST, "shop");
    everyone.policies[0]!.include = [{ kind: "everyone" }];
    expect(found([route(HOST, LOCK)], [everyone], [])).toEqual([`${HOST}: everyone`]);
  });

  it.each(PUBLIC_LOGINS)("lets in whoever can log in: a gate for %s stays a hole", (publicLogin) => {
    const gate = foreignApplication(HOST, "shop");
    gate.policies[0]!.include = [{ kind: "login-method", id: "any" }];
    const identityProviders = [{ id: "any", name: "Any", publicLogin }];
    const observed = { ...observedWith([route(HOST, LOCK)], [gate]), identityProviders };
    expect(findHoles(observed, []).map(({ why }) => why)).toEqual([publicLogin]);
  });

  it.each(NOT_IDENTITIES)("lets in whoever can log in: a gate that asks %s stays a hole", (name) => {
    const gate = foreignApplication(HOST, "shop");
    gate.policies[0]!.include = [{ kind: "not-identity", name }];
    expect(found([route(HOST, LOCK)], [gate], [])).toEqual([`${HOST}: ${name}`]);
  });

  it("lets in whoever Service Auth lets by, with the token that it gives", () => {
    const gate = foreignApplication(HOST, "shop");
    gate.policies.push({ ...gate.policies[0]!, decision: "service-auth", include: [{ kind: "everyone" }] });
    expect(found([route(HOST, LOCK)], [gate], [])).toEqual([`${HOST}: service-auth`]);
  });

  it("lets in whoever meets a condition that we do not know", () => {
    const gate = foreignApplication(HOST, "shop");
    gate.policies[0]!.include = [{ kind: "unknown", name: "moon_phase" }];
    expect(found([route(HOST, LOCK)], [gate], [])).toEqual([`${HOST}: unknown-condition`]);
  });

  it.each<[string, object]>([
    ["not required", { ...LOCK, required: false }],
    ["for no application at all", { ...LOCK, audTag: [] }],
  ])("is no lock when it is %s", (_, lock) => {
    expect(found([route(HOST, lock)], [], [])).toEqual([`${HOST}: no-application`]);
  });
});

describe("whose it is", () => {
  const own = OWN[0]!;
  const [rule] = observedWith([route(HOST, LOCK)]).config.rules;

  it("is told by hostname and lock together", () => {
    expect(isOwnRoute(rule!, own)).toBe(true);
    expect(isOwnRoute(rule!, { ...own, hostname: "b.lakeside.example" })).toBe(false);
    expect(isOwnRoute(rule!, { ...own, auds: ["aud-2"] })).toBe(false);
    expect(isOwnRoute({ ...rule!, path: "^/x" }, own)).toBe(false);
    expect(isOwnRoute({ ...rule!, lock: null }, own)).toBe(false);
    expect(isOwnRoute({ ...rule!, lock: { ...LOCK, required: false } }, own)).toBe(true);
  });

  it("stays ours without its lock while it is known to be in", () => {
    const bare = { ...rule!, lock: null };
    expect(isOwnRoute(bare, { ...own, leadsTo: "http://shop:80" })).toBe(true);
    expect(isOwnRoute(bare, { ...own, leadsTo: "http://other:80" })).toBe(false);
    expect(isOwnRoute({ ...bare, hostHeader: null }, { ...own, leadsTo: "http://shop:80" })).toBe(false);
  });

  it("is said with the hole", () => {
    expect(found([route(HOST, { ...LOCK, required: false })])).toEqual([`our ${HOST}: no-application`]);
    expect(found([route(HOST)])).toEqual([`${HOST}: no-application`]);
  });
});
