// What the emulated Cloudflare account holds: the truth of the API, which the edge follows after a delay. Values are
// replaced, never changed in place, so that the edge may keep the older ones.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Seed } from "../contract.ts";

export type Json = Record<string, unknown>;

export type Tunnel = {
  id: string;
  name: string;
  secret: string;
  configSrc: "cloudflare" | "local";
  config: Json | null;
  version: number;
  configuredAt: string;
  createdAt: string;
  deletedAt: string | null;
  /** When it last had, and last lost, its connectors. */
  activeAt: string | null;
  inactiveAt: string | null;
};

export type Override = { behavior?: string; path_pattern?: string };
export type Destination = { type?: string; uri?: string; overrides?: Override[] };

/** `body` is what the caller wrote; `policyIds` are in order of precedence. */
export type Application = {
  id: string;
  aud: string;
  policyIds: string[];
  body: Json;
  createdAt: string;
  updatedAt: string;
};

export type Policy = {
  id: string;
  reusable: boolean;
  decision: string;
  include: Json[];
  exclude: Json[];
  require: Json[];
  body: Json;
  createdAt: string;
  updatedAt: string;
};

export type DnsRecord = {
  id: string;
  zoneId: string;
  type: string;
  name: string;
  content: string;
  proxied: boolean;
  comment: string | null;
  body: Json;
  createdAt: string;
  modifiedAt: string;
};

export type Group = NonNullable<Seed["cloudflare"]["groups"]>[number] & {
  exclude?: Json[];
  require?: Json[];
};
export type IdentityProvider = NonNullable<Seed["cloudflare"]["identityProviders"]>[number];

/** One line of the Access log. */
export type Login = {
  action: string;
  allowed: boolean;
  app_domain: string;
  app_uid: string;
  connection: string;
  created_at: string;
  ip_address: string;
  ray_id: string;
  user_email: string;
};

export type State = {
  accountId: string;
  team: string;
  apiToken: string;
  zones: { id: string; name: string }[];
  tunnels: Map<string, Tunnel>;
  applications: Map<string, Application>;
  policies: Map<string, Policy>;
  records: Map<string, DnsRecord>;
  tags: Map<string, { name: string; createdAt: string }>;
  groups: Group[];
  identityProviders: IdentityProvider[];
  serviceTokens: NonNullable<Seed["cloudflare"]["serviceTokens"]>;
  /** Groups at the identity provider, by email: what an `okta`, `azureAD`, `gsuite` or `saml` selector looks at. */
  directory: Map<string, string[]>;
  organization: Json;
  /** What answers before Access, by hostname. */
  inFront: Map<string, { status: number; body: string }>;
  /** What answers where records lead that lead to no tunnel, by address. */
  sites: Map<string, { status: number; body: string }>;
  logins: Login[];
};

const CATCH_ALL = { ingress: [{ service: "http_status:404" }] };

export function createState(seed: Seed["cloudflare"], now: Date): State {
  const at = now.toISOString();
  return {
    accountId: seed.accountId,
    team: seed.team,
    apiToken: seed.apiToken,
    zones: [...seed.zones],
    tunnels: new Map(seed.tunnels.map((tunnel) => [tunnel.id, seededTunnel(tunnel, at)])),
    applications: new Map(),
    policies: new Map(),
    records: new Map(),
    tags: new Map(),
    groups: [...(seed.groups ?? [])],
    identityProviders: seed.identityProviders ?? [
      { id: stableUuid(`${seed.accountId} one-time pin`), name: "One-time PIN", type: "onetimepin" },
    ],
    serviceTokens: [...(seed.serviceTokens ?? [])],
    directory: new Map(),
    inFront: new Map(),
    sites: new Map(),
    organization: {
      name: seed.team,
      auth_domain: `${seed.team}.cloudflareaccess.com`,
      session_duration: "24h",
      deny_unmatched_requests: false,
      deny_unmatched_requests_exempted_zone_names: [],
      auto_redirect_to_identity: false,
      is_ui_read_only: false,
      created_at: at,
      updated_at: at,
    },
    logins: [],
  };
}

function seededTunnel(tunnel: Seed["cloudflare"]["tunnels"][number], at: string): Tunnel {
  const local = tunnel.configSrc === "local";
  return {
    id: tunnel.id,
    name: tunnel.name,
    secret: createHash("sha256").update(tunnel.id).digest("base64"),
    configSrc: tunnel.configSrc ?? "cloudflare",
    config: tunnel.config ?? (local ? null : CATCH_ALL),
    version: local ? 0 : 1,
    configuredAt: at,
    createdAt: at,
    deletedAt: null,
    activeAt: tunnel.connectors > 0 ? at : null,
    inactiveAt: null,
  };
}

/** An identifier as Cloudflare writes most of them: 32 hex digits. */
export function newHexId(): string {
  return randomBytes(16).toString("hex");
}

/** An audience tag: 64 hex digits. */
export function newAud(): string {
  return randomBytes(32).toString("hex");
}

export function newUuid(): string {
  return randomUUID();
}

function stableUuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** The zone that a hostname lies in: the longest one that fits. */
export function zoneOf(state: State, hostname: string): { id: string; name: string } | null {
  const fitting = state.zones.filter((zone) => hostname === zone.name || hostname.endsWith(`.${zone.name}`));
  return fitting.sort((a, b) => b.name.length - a.name.length)[0] ?? null;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
