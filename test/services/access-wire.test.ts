// Access policies and applications between their wire form and our words.
import { expect, test } from "vitest";
import type { NotIdentity, Selector } from "../../src/domain/audience.ts";
import type { PublicLogin } from "../../src/domain/public-login.ts";
import { parseSelector, selectorToWire } from "../../src/services/access-selector.ts";
import {
  applicationName,
  minutesOf,
  parseApplication,
  parseApplicationName,
  parseIdentityProvider,
} from "../../src/services/access-wire.ts";
import { MARK } from "./cloudflare-account.ts";

const selectors: Selector[] = [
  { kind: "email", email: "asha@example.com" },
  { kind: "email-domain", domain: "example.com" },
  { kind: "access-group", id: "g" },
  { kind: "login-method", id: "idp" },
  { kind: "idp-group", provider: "okta", providerId: "idp", group: "payments" },
  { kind: "idp-group", provider: "azure-ad", providerId: "idp", group: "5f2c" },
  { kind: "idp-group", provider: "google-workspace", providerId: "idp", group: "payments@example.com" },
  { kind: "idp-group", provider: "github", providerId: "idp", group: "lakeside" },
  { kind: "idp-group", provider: "github", providerId: "idp", group: "lakeside/payments" },
  { kind: "idp-group", provider: "saml", providerId: "idp", group: "payments" },
];

test.each(selectors)("a selector comes back as it was written: %o", (selector) => {
  expect(parseSelector(selectorToWire(selector))).toEqual(selector);
});

test.each([
  [{ everyone: {} }, { kind: "everyone" }],
  [{ service_token: { token_id: "t" } }, { kind: "service-token", id: "t" }],
  [{ any_valid_service_token: {} }, { kind: "service-token", id: null }],
  [
    { saml: { attribute_name: "role", attribute_value: "x", identity_provider_id: "idp" } },
    { kind: "other", name: "saml" },
  ],
  [{ email: {} }, { kind: "other", name: "email" }],
  [
    { email: { email: "a@x.example" }, everyone: {} },
    { kind: "unknown", name: "unknown" },
  ],
  ["everyone", { kind: "unknown", name: "unknown" }],
  [{ group: {} }, { kind: "unknown", name: "group" }],
  [{ login_method: { id: 7 } }, { kind: "unknown", name: "login_method" }],
  [{ moon_phase: { is: "full" } }, { kind: "unknown", name: "moon_phase" }],
  [{ constructor: {} }, { kind: "unknown", name: "constructor" }],
])("what Access may say besides is %o", (wire, selector) => {
  expect(parseSelector(wire)).toEqual(selector);
});

// Every other condition that the API has: node_modules/cloudflare/resources/zero-trust/access/applications/policies.d.ts
test.each<[string, NotIdentity | null]>([
  ["ip", "by-address"],
  ["ip_list", "by-address"],
  ["geo", "by-country"],
  ["device_posture", "by-device"],
  ["certificate", "by-certificate"],
  ["email_list", null],
  ["oidc", null],
  ["auth_context", null],
  ["auth_method", null],
  ["external_evaluation", null],
  ["user_risk_score", null],
  ["cloudflare_account_member", null],
  ["common_name", null],
  ["linked_app_token", null],
])("the condition %s says nothing of who somebody is: %s", (key, notIdentity) => {
  const expected = notIdentity ? { kind: "not-identity", name: notIdentity } : { kind: "other", name: key };
  expect(parseSelector({ [key]: { id: "1" } })).toEqual(expected);
});

test("an everyone is never written", () => {
  expect([selectorToWire({ kind: "everyone" }), selectorToWire({ kind: "service-token", id: "t" })]).toEqual([
    null,
    null,
  ]);
});

test("the mark is read from name and tag together", () => {
  const name = applicationName(MARK, `${"long-".repeat(60)}.example.com`);
  expect(name.length).toBeLessThanOrEqual(200);
  expect(parseApplicationName(name, ["other", "drawbridge"])).toEqual(MARK);
  expect(parseApplicationName(name, [])).toBeNull();
  expect(parseApplicationName("Drawbridge prod", ["drawbridge"])).toBeNull();
  expect(parseApplicationName("My Drawbridge prod exp-1 x", ["drawbridge"])).toBeNull();
});

test("an application's addresses are all of those it names; a bookmark gates nothing", () => {
  const wire = {
    id: "a",
    domain: "One.example.com/",
    destinations: [
      { type: "public", uri: "two.example.com/Path" },
      { type: "private", hostname: "db.internal" },
      { uri: "*.three.example.com" },
    ],
  };
  expect(parseApplication({ ...wire, type: "self_hosted" })?.destinations).toEqual([
    "one.example.com",
    "two.example.com/path",
    "*.three.example.com",
  ]);
  expect(parseApplication({ ...wire, type: "bookmark" })).toMatchObject({
    destinations: [],
    selfHosted: false,
  });
  expect(
    parseApplication({ id: "a", type: "self_hosted", self_hosted_domains: ["old.example.com"] })
      ?.destinations,
  ).toEqual(["old.example.com"]);
  expect(parseApplication({ id: "", type: "self_hosted" })).toBeNull();
  const policies = ["new_thing", "constructor"].map((decision) => ({ decision }));
  expect(parseApplication({ ...wire, type: "self_hosted", policies })?.policies).toMatchObject([
    { decision: "bypass" },
    { decision: "bypass" },
  ]);
});

test.each([
  ["30m", 30],
  ["24h", 1440],
  ["2h45m", 165],
  ["1.5h", 90],
  ["90s", 1.5],
  ["soon", null],
  [undefined, null],
])("the session %s is %s minutes", (duration, minutes) => {
  expect(minutesOf(duration)).toBe(minutes);
});

test.each<[string, (string | null)[], number | null]>([
  ["30m", [], 30],
  ["30m", [null, ""], 30],
  ["30m", ["24h"], 1440],
  ["30m", ["15m", "45m"], 45],
  ["24h", ["30m"], 1440],
  ["30m", ["soon"], null],
])("an application of %s with policies of %j lets a log-in last for %s minutes", (session, own, minutes) => {
  const policies = own.map((session_duration) => ({ decision: "allow", session_duration }));
  const wire = { id: "a", type: "self_hosted", session_duration: session, policies };
  expect(parseApplication(wire)?.sessionMinutes).toBe(minutes);
});

test.each([
  [true, true],
  [false, false],
  [undefined, false],
])("a log-in by WARP is allowed by %s: %s", (allow_authenticate_via_warp, warpLogin) => {
  expect(parseApplication({ id: "a", type: "self_hosted", allow_authenticate_via_warp })).toMatchObject({
    warpLogin,
  });
});

test.each([
  ["lax", false],
  ["Lax", false],
  ["strict", false],
  ["none", true],
  ["", true],
  [undefined, true],
])(
  "the cookie's SameSite of %s lets other sites use it: %s",
  (same_site_cookie_attribute, crossSiteCookie) => {
    expect(parseApplication({ id: "a", type: "self_hosted", same_site_cookie_attribute })).toMatchObject({
      crossSiteCookie,
    });
  },
);

const MEMBERS = { restrict_to_account_members: true };

test.each<[string, object, PublicLogin | null]>([
  ["onetimepin", {}, "one-time-pin"],
  ["google", {}, "any-google-account"],
  ["github", {}, "any-github-account"],
  ["facebook", {}, "any-facebook-account"],
  ["linkedin", {}, "any-linkedin-account"],
  ["yandex", {}, "any-yandex-account"],
  ["cloudflare", {}, "any-cloudflare-account"],
  ["cloudflare", { config: { restrict_to_account_members: false } }, "any-cloudflare-account"],
  ["cloudflare", { config: MEMBERS }, null],
  ["google", { config: MEMBERS }, "any-google-account"],
  ["azureAD", {}, null],
  ["okta", {}, null],
  ["saml", {}, null],
  ["oidc", {}, null],
  ["google-apps", {}, null],
  ["centrify", {}, null],
  ["onelogin", {}, null],
  ["pingone", {}, null],
  ["apple", {}, "unknown-login"],
  ["constructor", {}, "unknown-login"],
  ["", {}, "unknown-login"],
])("an identity provider of the type %s (%o) lets in: %s", (type, more, publicLogin) => {
  const provider = { id: "idp-1", name: "Ours", type, ...more };
  expect(parseIdentityProvider(provider)).toEqual({ id: "idp-1", name: "Ours", publicLogin });
});
