// Access applications and policies between their wire form and our words, and the mark that says which are ours.
import { type Audience, selectorsOf } from "../domain/audience.ts";
import type { AccessGroup, AccessPolicy, Application, IdentityProvider, Mark } from "../domain/observed.ts";
import type { PublicLogin } from "../domain/public-login.ts";
import { parseSelector, selectorToWire } from "./access-selector.ts";
import { isRecord } from "./json.ts";

type Wire = Record<string, unknown>;

export const TAG = "drawbridge";
const LONGEST_NAME = 200;
/** Cloudflare lets an application's session live for a month at the longest. */
const LONGEST_SESSION_MINUTES = 730 * 60;

// Types that ask for a log-in at a public hostname. The others (a bookmark, SaaS, WARP, the launcher) gate no hostname.
const GATING_TYPES: readonly unknown[] = ["self_hosted", "ssh", "vnc", "rdp", "mcp", "mcp_portal"];

// ---- The mark ------------------------------------------------------------------------------------------------------

/** The hostname stands last, so that cutting the name costs no part of the mark. */
export function applicationName(mark: Pick<Mark, "installation" | "exposureId">, hostname: string): string {
  return `Drawbridge ${mark.installation} ${mark.exposureId} ${hostname}`.slice(0, LONGEST_NAME);
}

export function parseApplicationName(name: string, tags: string[]): Mark | null {
  const match = /^Drawbridge (\S+) (\S+)( |$)/.exec(name);
  if (!match?.[1] || !match[2] || !tags.includes(TAG)) return null;
  return { installation: match[1], exposureId: match[2], until: null };
}

// Access's own default is None: any page on the web could make requests with the cookie of whoever is logged in.
// https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/
const SAME_SITE: readonly string[] = ["lax", "strict"];

// ---- Policies and applications -------------------------------------------------------------------------------------

const DECISIONS = new Map<unknown, AccessPolicy["decision"]>([
  ["allow", "allow"],
  ["deny", "deny"],
  ["non_identity", "service-auth"],
  ["bypass", "bypass"],
]);

/** A decision that we do not know is taken for the worst one. */
export function parsePolicy(wire: unknown): AccessPolicy {
  const policy = isRecord(wire) ? wire : {};
  return {
    name: textOf(policy.name),
    decision: DECISIONS.get(policy.decision) ?? "bypass",
    include: listOf(policy.include).map(parseSelector),
    require: listOf(policy.require).map(parseSelector),
    exclude: listOf(policy.exclude).map(parseSelector),
  };
}

/** Null when it is not an application. */
export function parseApplication(wire: unknown): Application | null {
  if (!isRecord(wire) || typeof wire.id !== "string" || wire.id === "") return null;
  const destinations = listOf(wire.destinations).filter(isRecord);
  const name = textOf(wire.name);
  return {
    id: wire.id,
    aud: textOf(wire.aud),
    name,
    selfHosted: GATING_TYPES.includes(wire.type),
    destinations: GATING_TYPES.includes(wire.type) ? addressesOf(wire, destinations) : [],
    publicPaths: destinations.flatMap((each) => publicPathsOf(each)),
    optionsBypass: wire.options_preflight_bypass === true,
    policies: listOf(wire.policies).map(parsePolicy),
    sessionMinutes: longestSession(wire),
    loginMethods: textsOf(wire.allowed_idps),
    warpLogin: wire.allow_authenticate_via_warp === true,
    crossSiteCookie: !SAME_SITE.includes(textOf(wire.same_site_cookie_attribute).toLowerCase()),
    mark: parseApplicationName(name, textsOf(wire.tags)),
  };
}

/** https://developers.cloudflare.com/cloudflare-one/access-controls/access-settings/session-management/ */
function longestSession(wire: Wire): number | null {
  const own = listOf(wire.policies).map((each) => (isRecord(each) ? each.session_duration : null));
  const minutes = [wire.session_duration, ...own.filter(Boolean)].map(minutesOf);
  return minutes.includes(null) ? null : Math.max(...minutes.map(Number));
}

/** Every public address that any of the fields names, the deprecated ones too: an address overlooked is a hole unseen. */
function addressesOf(wire: Wire, destinations: Wire[]): string[] {
  const uris = destinations
    .filter((each) => (each.type ?? "public") === "public")
    .map((each) => textOf(each.uri));
  const older = destinations.length > 0 ? [] : textsOf(wire.self_hosted_domains);
  const all = [textOf(wire.domain), ...uris, ...older].map(plainAddress);
  return [...new Set(all.filter((each) => each !== ""))];
}

function plainAddress(uri: string): string {
  return uri
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/+$/, "");
}

function publicPathsOf(destination: Wire): string[] {
  return listOf(destination.overrides)
    .filter(isRecord)
    .filter((override) => override.behavior === "public")
    .map((override) => textOf(override.path_pattern) || "/*");
}

export function parseGroup(wire: Wire & { id: string }): AccessGroup {
  const { include, require, exclude } = parsePolicy(wire);
  return { id: wire.id, name: textOf(wire.name), include, require, exclude };
}

// ---- Identity providers --------------------------------------------------------------------------------------------

/** Every type that the API names. https://developers.cloudflare.com/cloudflare-one/integrations/identity-providers/ */
const LOGINS = new Map<string, PublicLogin | null>([
  ["onetimepin", "one-time-pin"],
  ["google", "any-google-account"],
  ["github", "any-github-account"],
  ["facebook", "any-facebook-account"],
  ["linkedin", "any-linkedin-account"],
  ["yandex", "any-yandex-account"],
  ["cloudflare", "any-cloudflare-account"],
  ...["azureAD", "okta", "saml", "oidc", "google-apps", "centrify", "onelogin", "pingone"].map(
    (type): [string, null] => [type, null],
  ),
]);

/** A type that we do not know is taken for the worst one. */
export function parseIdentityProvider(wire: Wire & { id: string }): IdentityProvider {
  const known = LOGINS.get(textOf(wire.type));
  const publicLogin = known === undefined ? "unknown-login" : known;
  // New accounts come with this one: https://developers.cloudflare.com/cloudflare-one/integrations/identity-providers/cloudflare/
  const config = isRecord(wire.config) ? wire.config : {};
  const members = publicLogin === "any-cloudflare-account" && config.restrict_to_account_members === true;
  return { id: wire.id, name: textOf(wire.name), publicLogin: members ? null : publicLogin };
}

// ---- What we write -------------------------------------------------------------------------------------------------

export type WantedApplication = {
  hostname: string;
  mark: Mark;
  audience: Audience;
  sessionMinutes: number;
  /** Lets our own visits pass, by this service token; null without one. */
  visitTokenId: string | null;
};

/** The whole application, as POST and PUT take it: a PUT drops what it does not name. */
export function applicationToWire(want: WantedApplication) {
  const { audience, hostname } = want;
  const session_duration = `${sessionOf(want.sessionMinutes)}m`;
  const policies = [
    policyToWire(audience),
    ...(want.visitTokenId !== null ? [visitPolicyToWire(want.visitTokenId)] : []),
  ];
  return {
    type: "self_hosted" as const,
    name: applicationName(want.mark, hostname),
    domain: hostname,
    destinations: [{ type: "public" as const, uri: hostname }],
    // A policy that names no session may be given one of a day: https://github.com/cloudflare/terraform-provider-cloudflare/pull/7221
    policies: policies.map((each) => ({ ...each, session_duration })),
    session_duration,
    allowed_idps: [...audience.loginMethods],
    // Needs exactly one provider to lead to.
    auto_redirect_to_identity: audience.loginMethods.length === 1,
    tags: [TAG],
    // Unnamed, the organization's setting would count.
    allow_authenticate_via_warp: false,
    app_launcher_visible: false,
    http_only_cookie_attribute: true,
    same_site_cookie_attribute: "lax",
    options_preflight_bypass: false,
    service_auth_401_redirect: false,
    skip_interstitial: false,
  };
}

function policyToWire(audience: Audience) {
  const include = selectorsOf(audience).map(selectorToWire);
  return {
    name: `Drawbridge: ${audience.name}`.slice(0, LONGEST_NAME),
    decision: "allow" as const,
    precedence: 1,
    include: include.filter((each) => each !== null),
    exclude: [],
    require: [],
  };
}

/** https://developers.cloudflare.com/cloudflare-one/access-controls/policies/#service-auth */
function visitPolicyToWire(id: string) {
  return {
    name: "Drawbridge: its own visits",
    decision: "non_identity" as const,
    precedence: 2,
    include: [{ service_token: { token_id: id } }],
    exclude: [],
    require: [],
  };
}

export function sessionOf(minutes: number): number {
  return Math.min(Math.max(1, Math.floor(minutes)), LONGEST_SESSION_MINUTES);
}

const UNIT_MINUTES: Record<string, number> = {
  ns: 1 / 6e10,
  us: 1 / 6e7,
  µs: 1 / 6e7,
  ms: 1 / 6e4,
  s: 1 / 60,
  m: 1,
  h: 60,
};

/** `2h45m`, `30m`, `300ms`; null when it cannot be read. */
export function minutesOf(duration: unknown): number | null {
  if (typeof duration !== "string" || !/^([\d.]+(ns|us|µs|ms|s|m|h))+$/.test(duration)) return null;
  const parts = [...duration.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MINUTES[unit ?? ""] ?? 0), 0);
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((each) => typeof each === "string");
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
