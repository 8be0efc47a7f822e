// Which gates hold: exactly ours, alone at the hostname, and passable by nobody who was not meant.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Selector } from "../../src/domain/audience.ts";
import {
  applicationFor,
  hostMatches,
  judgeGate,
  splitDestination,
  standsAtOrBelow,
} from "../../src/domain/gate.ts";
import type { AccessPolicy, Application } from "../../src/domain/observed.ts";
import { targetOf } from "../../src/domain/target.ts";
import { openExposure } from "./exposure-sample.ts";
import { foreignApplication, spoil, type WEAKNESSES } from "./model-spoils.ts";
import { idealApplication } from "./model-world.ts";

const target = targetOf(openExposure());
const want = { ...target.gate, visitTokenId: null };
const ours = idealApplication(target, "app-1", "aud-1");

function problems(...applications: Application[]): string[] {
  return judgeGate(want, applications).map(({ severity, problem }) => `${severity}: ${problem}`);
}

function policy(change: Partial<AccessPolicy>): AccessPolicy {
  return { name: "p", decision: "allow", include: [], require: [], exclude: [], ...change };
}

describe("our gate", () => {
  it("holds when it is exactly as it was written and alone", () => {
    expect(problems(ours)).toEqual([]);
    expect(problems(ours, foreignApplication("shop.lakeside.example", "shop"))).toEqual([]);
    expect(problems(ours, foreignApplication("*.lakeside.example", "all"))).toEqual([]);
  });

  it("holds however the API spells the audience", () => {
    const include: Selector[] = [{ kind: "email-domain", domain: "Lakeside.EXAMPLE" }];
    expect(problems({ ...ours, policies: [policy({ include })] })).toEqual([]);
  });

  it.each<[string, Partial<Application> | (typeof WEAKNESSES)[number], string[]]>([
    ["no policy", "no-policies", ["weak: policies"]],
    ["a bypass beside ours", "bypass", ["weak: bypass"]],
    ["everyone beside our audience", "everyone", ["weak: policies"]],
    ["a public path", "public-path", ["weak: public-path"]],
    ["OPTIONS let through", "options-bypass", ["weak: options-bypass"]],
    ["another destination too", "more-destinations", ["weak: destinations"]],
    ["another login method", "login-methods", ["weak: login-methods"]],
    ["another type", "not-self-hosted", ["weak: not-self-hosted"]],
    ["a longer session", "long-session", ["differs: session"]],
    ["a log-in by WARP", "warp-login", ["differs: session"]],
    ["a log-in by WARP for longer", { warpLogin: true, sessionMinutes: null }, ["differs: session"]],
    ["a cookie that other sites may use", "cross-site-cookie", ["differs: cross-site-cookie"]],
    ["a session a minute longer", { sessionMinutes: want.sessionMinutes + 1 }, ["differs: session"]],
    ["a session that cannot be read", { sessionMinutes: null }, ["differs: session"]],
    ["no destination", { destinations: [] }, ["weak: destinations"]],
    ["a path only", { destinations: [`${want.hostname}/admin`] }, ["weak: destinations"]],
    [
      "a policy that asks for more",
      { policies: [{ ...ours.policies[0]!, require: [{ kind: "everyone" }] }] },
      ["weak: policies"],
    ],
    [
      "a policy that leaves people out",
      { policies: [{ ...ours.policies[0]!, exclude: [{ kind: "email", email: "a@b.c" }] }] },
      ["weak: policies"],
    ],
    [
      "a service token's policy",
      { policies: [{ ...ours.policies[0]!, decision: "service-auth" }] },
      ["weak: policies"],
    ],
    ["a second policy", { policies: [ours.policies[0]!, policy({ decision: "deny" })] }, ["weak: policies"]],
  ])("does not hold with %s", (_, change, expected) => {
    const changed = typeof change === "string" ? spoil(change, ours) : { ...ours, ...change };
    expect(problems(changed)).toEqual(expected);
  });

  it("is no gate for pinned log-in methods where WARP is one besides", () => {
    const loginMethods = ["okta"];
    const pinned = { ...want, audience: { ...want.audience, loginMethods } };
    expect(judgeGate(pinned, [{ ...ours, loginMethods }])).toEqual([]);
    expect(judgeGate(pinned, [{ ...ours, loginMethods, warpLogin: true }])).toEqual([
      { severity: "weak", problem: "login-methods" },
    ]);
  });

  it("may have a shorter session", () => {
    expect(problems({ ...ours, sessionMinutes: 1 })).toEqual([]);
  });

  it("does not hold when it is missing, or there twice", () => {
    expect(problems()).toEqual(["weak: missing"]);
    expect(problems({ ...ours, mark: null, destinations: ["x.lakeside.example"] })).toEqual([
      "weak: missing",
    ]);
    expect(problems(ours, { ...ours, id: "app-2" })).toEqual(["weak: several-of-ours"]);
  });

  it.each([
    [want.hostname, true],
    [want.hostname.toUpperCase(), true],
    [`${want.hostname}/*`, true],
    [`${want.hostname}/admin`, true],
    [`${want.hostname}/admin/*`, true],
    ["*.lakeside.example/admin", true],
    ["bill*.lakeside.example/admin", true],
    ["*.lakeside.example", false],
    ["*.lakeside.example/*", false],
    ["lakeside.example/admin", false],
    ["a.billing.lakeside.example", false],
    ["*.billing.lakeside.example/admin", false],
    ["billing.lakeside.example.evil.example", false],
  ])("another application at %s stands in the way: %s", (destination, stands) => {
    expect(standsAtOrBelow(destination, want.hostname)).toBe(stands);
    const expected = stands ? ["weak: another-application"] : [];
    expect(problems(ours, foreignApplication(destination, "theirs"))).toEqual(expected);
  });

  it("is not held by another exposure's application at its hostname", () => {
    const other = { ...ours, id: "app-2", mark: { ...ours.mark!, exposureId: "e2" } };
    expect(problems(other)).toEqual(["weak: missing", "weak: another-application"]);
  });
});

describe("the application that Access asks", () => {
  const exact = foreignApplication("a.lakeside.example", "exact");
  const wildcard = foreignApplication("*.lakeside.example", "wildcard");
  const part = foreignApplication("a*.lakeside.example", "part");
  const path = foreignApplication("a.lakeside.example/x", "path");

  it("is the exact one, then the longer wildcard, and never one for a path", () => {
    expect(applicationFor("a.lakeside.example", [wildcard, part, path, exact])).toBe(exact);
    expect(applicationFor("a.lakeside.example", [wildcard, part, path])).toBe(part);
    expect(applicationFor("b.lakeside.example", [wildcard, part, path])).toBe(wildcard);
    expect(applicationFor("a.lakeside.example", [path])).toBeNull();
  });

  it.each([
    ["*.lakeside.example", "a.lakeside.example", true],
    ["*.lakeside.example", "lakeside.example", false],
    ["*.lakeside.example", "a.b.lakeside.example", false],
    ["*.*.lakeside.example", "a.b.lakeside.example", true],
    ["*.lakeside.example", "a.lakeside.example.evil.example", false],
    ["a*c.lakeside.example", "abc.lakeside.example", true],
    ["a*c.lakeside.example", "ab.lakeside.example", false],
    ["a.lakeside.example", "aXlakeside.example", false],
    ["a+.lakeside.example", "aa.lakeside.example", false],
  ])("%s covers %s: %s", (pattern, hostname, covers) => {
    expect(hostMatches(pattern, hostname)).toBe(covers);
  });

  it("is found whatever the API answers", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (destination, hostname) => {
        expect(typeof standsAtOrBelow(destination, hostname)).toBe("boolean");
        expect(splitDestination(destination).host).toBe(destination.split("/")[0]!.toLowerCase());
      }),
    );
  });
});
