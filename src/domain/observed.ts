// What the vendors answer about one tunnel and the hostnames that matter to it, in our words.
import type { Selector } from "./audience.ts";
import type { PublicLogin } from "./public-login.ts";

/** Our mark on what we made: which installation, which exposure, and until when it may live at the longest. */
export type Mark = { installation: string; exposureId: string; until: Date | null };

/** Whether it carries our mark for this exposure. */
export function isMadeFor(exposureId: string, { mark }: { mark: Mark | null }): boolean {
  return mark?.exposureId === exposureId;
}

/** Marks name the end by the minute. */
export function minuteOf(date: Date): number {
  return Math.ceil(date.getTime() / 60_000) * 60_000;
}

export type AccessPolicy = {
  name: string;
  decision: "allow" | "deny" | "bypass" | "service-auth";
  include: Selector[];
  require: Selector[];
  exclude: Selector[];
};

/** An Access application. Destinations and paths are lower case: `host` or `host/path`, wildcards as they are. */
export type Application = {
  id: string;
  /** Retired with the application: one that is made anew has another. */
  aud: string;
  name: string;
  /** Only self-hosted applications gate a hostname of a tunnel. */
  selfHosted: boolean;
  destinations: string[];
  /** Path patterns that an override of a destination opens to everybody. */
  publicPaths: string[];
  /** Lets OPTIONS requests through without a log-in. */
  optionsBypass: boolean;
  policies: AccessPolicy[];
  /** How long a log-in lasts at the longest: a policy's own session wins over the application's. Null when it cannot be read. */
  sessionMinutes: number | null;
  loginMethods: string[];
  /** Takes a device's WARP session for a log-in, whichever methods are pinned. */
  warpLogin: boolean;
  /** Browsers send the log-in's cookie along with requests that other sites make. */
  crossSiteCookie: boolean;
  mark: Mark | null;
};

/** The second lock: `cloudflared` itself refuses a request without a valid Access token for one of `audTag`. */
export type Lock = { required: boolean; teamName: string; audTag: string[] };

/** An ingress rule of the tunnel's configuration. `raw` is the rule as it was read, kept to the letter. */
export type Rule = {
  hostname: string | null;
  path: string | null;
  service: string;
  hostHeader: string | null;
  lock: Lock | null;
  raw: Readonly<Record<string, unknown>>;
};

/** The whole configuration of a tunnel. `raw` keeps every key that we do not know. */
export type TunnelConfig = {
  version: number;
  rules: Rule[];
  raw: Readonly<Record<string, unknown>>;
};

export type Tunnel = {
  id: string;
  name: string;
  /** False for a tunnel whose configuration lives in a local file: it is refused. */
  remotelyManaged: boolean;
  /** Deleted: it has neither configuration nor connectors any more. */
  gone?: boolean;
  status: "inactive" | "healthy" | "degraded" | "down";
};

/** A running cloudflared; `configVersion` is null until it reports one. */
export type Connector = { id: string; configVersion: number | null; version: string; openedAt: Date | null };

/** Whether it runs an older configuration than this version; one that has reported none may run any. */
export function runsOlder({ configVersion }: Connector, version: number): boolean {
  return (configVersion ?? -1) < version;
}

/** One of a connector's connections to Cloudflare's edge. */
export type EdgeConnection = { colo: string };

export type ConnectorDetails = Connector & { connections: EdgeConnection[] };

export type DnsRecord = {
  id: string;
  zoneId: string;
  name: string;
  type: string;
  content: string;
  proxied: boolean;
  comment: string;
  mark: Mark | null;
};

/** Where a proxied record has to point for the edge to hand its requests to this tunnel. */
export function tunnelAddress(tunnelId: string): string {
  return `${tunnelId}.cfargotunnel.com`;
}

/** The tunnel that a record leads to; null for any other record. */
export function tunnelLedTo({ content }: Pick<DnsRecord, "content">): string | null {
  return /^([^.]+)\.cfargotunnel\.com$/.exec(content)?.[1] ?? null;
}

/** A route of ours: the ingress rule that leads a hostname to a Cloud Run service. */
export type Route = { hostname: string; service: string; hostHeader: string; lock: Lock };

/** An Access group of the account, with what it lets in. */
export type AccessGroup = {
  id: string;
  name: string;
  include: Selector[];
  require: Selector[];
  exclude: Selector[];
};

/** `publicLogin` where anybody can log in with it, and is null where an organisation says who can. */
export type IdentityProvider = { id: string; name: string; publicLogin: PublicLogin | null };

/** One answer to an anonymous visit, judged. Only a redirect to our team's log-in that names our application's `aud`
 *  proves the gate; `reached` and `not-routed` prove that Access did not stop the visit. Everything else is inconclusive. */
export type VisitVerdict =
  | { kind: "stopped"; aud: string }
  /** Somebody's answer came back that neither Access nor the tunnel's catch-all gave. */
  | { kind: "reached"; status: number }
  /** The tunnel's catch-all: the hostname is not routed. Access did not stop it. */
  | { kind: "not-routed"; status: number }
  | { kind: "inconclusive"; status: number | null; because: string };

/** Everything that converge needs to know of one tunnel, read in one go. A part that could not be read throws: a list
 *  that failed is never an empty list. */
export type Observed = {
  tunnel: Tunnel;
  config: TunnelConfig;
  connectors: Connector[];
  /** Every Access application of the account. */
  applications: Application[];
  groups: AccessGroup[];
  identityProviders: IdentityProvider[];
  /** Every record that carries our installation's mark, and whatever stands at the hostnames that were asked for. */
  records: DnsRecord[];
};
