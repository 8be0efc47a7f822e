// What a diagnosis is made of and what it says: facts in, causes with evidence and remedy out.

/** One line of a cloudflared log, whatever format it came in. */
export type LogFact = {
  kind: "log";
  /** Null where the line carries no time, as usage errors do. */
  at: Date | null;
  /** One process after the other writes to a stream: an instance of a worker pool, or a file. */
  stream: string;
  /** What runs the instances: a worker pool, or everything that was read in one go. */
  group: string;
  /** Where that is; null where the line names no place, as in a file. */
  place: Place | null;
  level: LogLevel | null;
  message: string;
  error: string | null;
  connIndex: number | null;
  /** The edge address. */
  ip: string | null;
  location: string | null;
  protocol: string | null;
  tunnelId: string | null;
  originService: string | null;
  /** Version and text of a pushed configuration. */
  configVersion: number | null;
  config: string | null;
  /** A row or the verdict of the connectivity checks at start. */
  precheck: Precheck | null;
};

/** `location`: a region, a zone or a cluster. */
export type Place = { project: string; location: string };

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

export type Precheck = {
  component: string | null;
  status: string | null;
  hardFail: boolean | null;
  suggestedProtocol: string | null;
};

/** What somebody without a token, or a signed-in visitor, got from outside. `google-not-found` is Google's own 404 page,
 *  `google-forbidden` its 403 before the service is asked. `fine` clears what was said of this hostname before. */
export type ProbeFact = {
  kind: "probe";
  at: Date;
  hostname: string;
  answer: "google-not-found" | "google-forbidden" | "fine" | "other";
};

/** How many connections a connector keeps: https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/tunnel-availability/ */
export const CONNECTIONS = 4;

/** A connector as Cloudflare's API or its own `/ready` shows it. */
export type ConnectorFact = {
  kind: "connector";
  at: Date;
  connector: string;
  tunnelId: string;
  /** False for a connector that runs outside the worker pools we know; null where that cannot be told. */
  ours: boolean | null;
  version: string | null;
  configVersion: number | null;
  /** When that was read, which may be minutes before the rest; null where nobody knows. */
  configReadAt: Date | null;
  /** Registered connections, of `expected`. */
  connections: number;
  expected: number;
};

export type Fact = LogFact | ProbeFact | ConnectorFact;

/** Of the way to Cloudflare's edge, roots first: each explains every other one that stands below it. */
const EDGE_CAUSES = [
  "token-malformed",
  "bad-flags",
  "fd-limit",
  "edge-dns",
  "token-rejected",
  "tcp-7844-blocked",
  "edge-ipv6",
  "liveness-loop",
  "quic-rejected",
  "quic-blocked",
  "quic-flap",
  "h2-flap",
  "outage",
  "few-addresses",
  "degraded",
] as const;

export type EdgeCause = (typeof EDGE_CAUSES)[number];

export const CAUSES = [
  ...EDGE_CAUSES,
  "origin-dns",
  "origin-tls",
  "origin-refused",
  "origin-unreachable",
  "origin-host",
  "origin-not-found",
  "origin-iam",
  "replica-mismatch",
  "bad-config",
  "old-version",
  "same-colo",
] as const;

export type Cause = (typeof CAUSES)[number];

/** Whether the first is a root of the second, on the way to the edge. */
export function explains(root: Cause, cause: Cause): boolean {
  return isEdgeCause(root) && isEdgeCause(cause) && EDGE_CAUSES.indexOf(root) < EDGE_CAUSES.indexOf(cause);
}

export function isEdgeCause(cause: Cause): cause is EdgeCause {
  return (EDGE_CAUSES as readonly Cause[]).includes(cause);
}

export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;

export type Severity = (typeof SEVERITIES)[number];

export type Diagnosis = {
  cause: Cause;
  severity: Severity;
  /** 0 to 1. */
  confidence: number;
  /** How many lines, or answers, say so. */
  seen: number;
  /** Found by counting over a time: there is nothing more to wait for. */
  counted: boolean;
  /** The connector id from the log or the API, else the instance that wrote the lines; null where neither is known. */
  connector: string | null;
  since: Date | null;
  /** When the newest of what says so was seen. */
  lastSeen: Date | null;
  /** At most five lines, secrets taken out. */
  evidence: string[];
  remedy: string;
  /** The services of routes, or the hostnames, that it concerns, for faults of an origin. */
  services: string[];
};

export type DiagnoseOptions = {
  /** The moment to judge at. Without it the facts are all there is: whatever is down at their end counts as down. */
  now?: Date;
  /** Also report what is worth knowing but wrong with nothing, such as four connections to one city. */
  informational?: boolean;
};
