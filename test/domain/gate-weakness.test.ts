// Who could pass an application or be let in by an audience: those who were meant, or anybody at all.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOT_IDENTITIES, type Selector } from "../../src/domain/audience.ts";
import type { AccessGroup, AccessPolicy, IdentityProvider } from "../../src/domain/observed.ts";
import { PUBLIC_LOGINS, type PublicLogin } from "../../src/domain/public-login.ts";
import { targetOf } from "../../src/domain/target.ts";
import { openingOf, weaknessOf } from "../../src/domain/weakness.ts";
import { openExposure } from "./exposure-sample.ts";
import { idealApplication } from "./model-world.ts";

const target = targetOf(openExposure());
const want = target.gate;
const ours = idealApplication(target, "app-1", "aud-1");

function policy(change: Partial<AccessPolicy>): AccessPolicy {
  return { name: "p", decision: "allow", include: [], require: [], exclude: [], ...change };
}

const EVERYONE: Selector = { kind: "everyone" };
const LEE: Selector = { kind: "email", email: "lee@lakeside.example" };
const PIN: Selector = { kind: "login-method", id: "pin" };
const GOOGLE: Selector = { kind: "login-method", id: "google" };
const OKTA: Selector = { kind: "login-method", id: "okta" };
const COUNTRY: Selector = { kind: "not-identity", name: "by-country" };
const CLAIM: Selector = { kind: "other", name: "oidc" };
const LAKESIDE_AT_GITHUB: Selector = {
  kind: "idp-group",
  provider: "github",
  providerId: "github",
  group: "lakeside",
};
const PROVIDERS: IdentityProvider[] = [
  { id: "pin", name: "One-time PIN", publicLogin: "one-time-pin" },
  { id: "google", name: "Google", publicLogin: "any-google-account" },
  { id: "github", name: "GitHub", publicLogin: "any-github-account" },
  { id: "okta", name: "Okta", publicLogin: null },
];

function group(id: string, include: Selector[], require: Selector[] = []): AccessGroup {
  return { id, name: id, include, require, exclude: [] };
}

const GROUPS = [
  group("all", [EVERYONE]),
  group("pins", [PIN]),
  group("leads", [LEE]),
  group("all-at-lakeside", [EVERYONE], [{ kind: "email-domain", domain: "lakeside.example" }]),
  group("all-at-google", [EVERYONE], [GOOGLE]),
  group("all-at-okta", [EVERYONE], [OKTA]),
  group("leads-and-country", [LEE, COUNTRY]),
  group("all-in-country", [EVERYONE], [COUNTRY]),
  group("leads-in-country", [LEE], [COUNTRY]),
  group("country-of-leads", [COUNTRY], [LEE]),
  group("strange", [LEE, { kind: "unknown", name: "moon_phase" }]),
  group("outer", [{ kind: "access-group", id: "all" }]),
  group("around", [{ kind: "access-group", id: "around" }]),
];

function of(id: string): Selector {
  return { kind: "access-group", id };
}

describe("who could pass an application", () => {
  it.each<[string, Partial<AccessPolicy>[], string | null]>([
    ["nobody without a policy", [], null],
    ["nobody by a policy that only denies", [{ decision: "deny", include: [EVERYONE] }], null],
    ["those who are named", [{ include: [LEE] }], null],
    ["anybody by a bypass", [{ include: [LEE] }, { decision: "bypass", include: [LEE] }], "bypass"],
    ["anybody by everyone", [{ include: [LEE, EVERYONE] }], "everyone"],
    ["anybody by a PIN sent to any address", [{ include: [PIN] }], "one-time-pin"],
    ["anybody by a log-in with any Google account", [{ include: [LEE, GOOGLE] }], "any-google-account"],
    [
      "anybody by a log-in with any GitHub account",
      [{ include: [{ kind: "login-method", id: "github" }] }],
      "any-github-account",
    ],
    ["those of an organisation at GitHub", [{ include: [LAKESIDE_AT_GITHUB] }], null],
    ["those of it who log in there", [{ include: [LAKESIDE_AT_GITHUB], require: [GOOGLE] }], null],
    ["those with an account elsewhere", [{ include: [OKTA] }], null],
    ["those named who log in with Google", [{ include: [GOOGLE], require: [LEE] }], null],
    ["anybody when any Google account is required", [{ include: [EVERYONE], require: [GOOGLE] }], "everyone"],
    ["those of everyone who are required to be named", [{ include: [EVERYONE], require: [LEE] }], null],
    ["anybody when everyone is required", [{ include: [EVERYONE], require: [EVERYONE] }], "everyone"],
    ["anybody when any PIN is required", [{ include: [EVERYONE], require: [PIN] }], "everyone"],
    ["anybody by a group of everyone", [{ include: [of("all")] }], "everyone"],
    ["anybody by a group of PINs", [{ include: [of("pins")] }], "one-time-pin"],
    ["those of a group", [{ include: [of("leads")] }], null],
    ["anybody by a group that requires any Google account", [{ include: [of("all-at-google")] }], "everyone"],
    ["those whom a group requires to log in elsewhere", [{ include: [of("all-at-okta")] }], null],
    ["those that a group requires", [{ include: [of("all-at-lakeside")] }], null],
    ["nobody by a group that is not there", [{ include: [of("gone")] }], null],
    ["anybody from a country", [{ include: [LEE, COUNTRY] }], "by-country"],
    ["anybody by a group with a country", [{ include: [of("leads-and-country")] }], "by-country"],
    ["anybody of a country that is required", [{ include: [EVERYONE], require: [COUNTRY] }], "everyone"],
    ["anybody by a group that requires a country", [{ include: [of("all-in-country")] }], "everyone"],
    ["those named who come from a country", [{ include: [LEE], require: [COUNTRY] }], null],
    ["those of a group who come from a country", [{ include: [of("leads-in-country")] }], null],
    ["those from a country who are required to be named", [{ include: [of("country-of-leads")] }], null],
    [
      "anybody when a group of a country is required",
      [{ include: [COUNTRY], require: [of("all-in-country")] }],
      "by-country",
    ],
    ["those with a claim of their provider's", [{ include: [CLAIM] }], null],
    ["those of everyone who have such a claim", [{ include: [EVERYONE], require: [CLAIM] }], null],
    ["anybody by a condition we do not know", [{ include: [of("strange")] }], "unknown-condition"],
    [
      "anybody when a condition we do not know is required",
      [{ include: [EVERYONE], require: [{ kind: "unknown", name: "moon_phase" }] }],
      "everyone",
    ],
    ["anybody by a group within a group", [{ include: [of("outer")] }], "everyone"],
    ["nobody by a group that is within itself", [{ include: [of("around")] }], null],
  ])("%s", (_, policies, weakness) => {
    expect(weaknessOf({ ...ours, policies: policies.map(policy) }, GROUPS, PROVIDERS)).toBe(weakness);
  });
});

/** Groups that may hold one another in any way, of selectors of every sort. */
const someSelector = fc.constantFrom<Selector>(EVERYONE, LEE, PIN, OKTA, COUNTRY, of("a"), of("b"), of("c"));
const someSelectors = fc.array(someSelector, { maxLength: 3 });
const someGroups = fc
  .tuple(...["a", "b", "c"].map((id) => fc.tuple(fc.constant(id), someSelectors, someSelectors)))
  .map((all) => all.map(([id, include, require]) => group(id, include, require)));

describe("who could pass a Service Auth policy", () => {
  const TOKEN: Selector = { kind: "service-token", id: "ci" };
  const ANY_TOKEN: Selector = { kind: "service-token", id: null };
  const CERTIFICATE: Selector = { kind: "not-identity", name: "by-certificate" };
  const COMMON_NAME: Selector = { kind: "other", name: "common_name" };
  const APP_TOKEN: Selector = { kind: "other", name: "linked_app_token" };
  const UNKNOWN: Selector = { kind: "unknown", name: "moon_phase" };
  const machines = [...GROUPS, group("machines", [TOKEN, CERTIFICATE]), group("mixed", [TOKEN, COUNTRY])];

  it.each<[string, Selector[], Selector[], string | null]>([
    ["those with a secret", [TOKEN, ANY_TOKEN, CERTIFICATE, COMMON_NAME, APP_TOKEN], [], null],
    ["those with a secret from a country", [TOKEN], [COUNTRY], null],
    ["those of everyone who need a secret", [EVERYONE], [CERTIFICATE], null],
    ["those of a group that needs a secret", [of("machines")], [], null],
    ["those of everyone who need to be of such a group", [EVERYONE], [of("machines")], null],
    ["nobody by a group that is not there", [of("gone")], [], null],
    ["nobody by a group that is within itself", [of("around")], [], null],
    ["anybody by everyone", [EVERYONE], [], "service-auth"],
    ["anybody from a country", [TOKEN, COUNTRY], [], "service-auth"],
    ["anybody from a country that is required", [EVERYONE], [COUNTRY], "service-auth"],
    ["anybody by a condition we do not know", [UNKNOWN], [], "service-auth"],
    ["anybody by a group that is open on one side", [of("mixed")], [], "service-auth"],
    ["anybody by a group within a group", [of("outer")], [], "service-auth"],
  ])("%s", (_, include, require, weakness) => {
    const policies = [policy({ include: [LEE] }), policy({ decision: "service-auth", include, require })];
    expect(weaknessOf({ ...ours, policies }, machines, PROVIDERS)).toBe(weakness);
  });
});

describe("a condition that does not say who", () => {
  it.each(NOT_IDENTITIES)("opens an audience by a group of it: %s", (name) => {
    const groups = [group("wide", [LEE, { kind: "not-identity", name }])];
    expect(openingOf({ ...want.audience, accessGroups: ["wide"] }, groups, [])).toBe(name);
  });

  it("narrows nothing, wherever it is required", () => {
    fc.assert(
      fc.property(someGroups, someSelectors, someSelectors, (groups, include, require) => {
        const judge = (more: Selector[]) => {
          const within = groups.map((each) => ({ ...each, require: [...each.require, ...more] }));
          const policies = [policy({ include, require: [...require, ...more] })];
          return weaknessOf({ ...ours, policies }, within, PROVIDERS);
        };
        expect(judge([COUNTRY])).toBe(judge([]));
      }),
    );
  });
});

describe("a log-in that anybody has", () => {
  /** The account, where the one-time PIN is a log-in of this kind instead. */
  function providersWith(kind: PublicLogin): IdentityProvider[] {
    return PROVIDERS.map((each) => (each.id === "pin" ? { ...each, publicLogin: kind } : each));
  }

  it("opens what a one-time PIN opens, whichever it is, and says which it is", () => {
    fc.assert(
      fc.property(
        someGroups,
        someSelectors,
        someSelectors,
        fc.constantFrom(...PUBLIC_LOGINS),
        (groups, include, require, kind) => {
          const application = { ...ours, policies: [policy({ include, require })] };
          const pin = weaknessOf(application, groups, PROVIDERS);
          expect(weaknessOf(application, groups, providersWith(kind))).toBe(
            pin === "one-time-pin" ? kind : pin,
          );
        },
      ),
    );
  });

  it("is no weakness by being there", () => {
    for (const kind of PUBLIC_LOGINS)
      expect(weaknessOf({ ...ours, policies: [policy({ include: [LEE] })] }, [], providersWith(kind))).toBe(
        null,
      );
  });

  it.each(PUBLIC_LOGINS)("opens an audience by a group of it: %s", (kind) => {
    const audience = { ...want.audience, accessGroups: ["leads", "pins"] };
    expect(openingOf(audience, GROUPS, providersWith(kind))).toBe(kind);
    expect(openingOf({ ...audience, accessGroups: ["leads"] }, GROUPS, providersWith(kind))).toBeNull();
  });
});
