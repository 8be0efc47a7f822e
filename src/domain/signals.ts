// What each signal says of a tunnel, and the facts for its diagnosis. A signal that failed says nothing: it is left out, and
// never taken for "down".
import {
  CONNECTIONS,
  type ConnectorFact,
  type Fact,
  type LogFact,
  type ProbeFact,
} from "./diagnosis/facts.ts";
import type { ConnectorDetails, Tunnel } from "./observed.ts";
import type { TunnelHealth } from "./tunnel-health.ts";
import type { FailedRevision } from "./worker-pool.ts";

/** What Cloudflare's API says. */
export type TunnelReading = {
  tunnelId: string;
  /** When the status was read. */
  at: Date;
  name: string;
  status: Tunnel["status"];
  /** As they were at `connectorsAt`; null before they were first read. */
  connectors: ConnectorDetails[] | null;
  /** Null where they are older than the status. */
  connectorsAt: Date | null;
};

/** A connector's own `/ready`. `refused`: nothing listens there, so no cloudflared runs, or it has just been started.
 *  `silent`: nothing is known. */
export type Readiness =
  | { state: "answered"; connectorId: string | null; connections: number }
  | { state: "refused" }
  | { state: "silent"; because: string };

/** What a connector tells of itself beyond that; null where it did not say. */
export type EndpointDetails = {
  version: string | null;
  protocol: "http2" | "quic" | null;
  /** Null before the first configuration arrived. */
  configVersion: number | null;
  /** The data centres that its connections end in, such as `nrt08`. */
  colos: string[];
};

export type EndpointReading = {
  address: string;
  at: Date;
  ready: Readiness;
  /** As they were at `detailsAt`; null before they were first read. */
  details: EndpointDetails | null;
  detailsAt: Date | null;
};

/** The latest of each signal; null or empty where it did not answer, or is not configured. */
export type Signals = {
  api: TunnelReading | null;
  endpoints: EndpointReading[];
  /** The lines of this tunnel's connectors, those of earlier readings included; `at` is when the log was last read.
   *  `standing`: of those before `facts`, the ones that still say how a process stands. */
  log: { at: Date; standing: LogFact[]; facts: LogFact[] } | null;
  probes: ProbeFact[];
  /** How many connectors the worker pool should run. */
  instances: number | null;
  /** Connectors outside that pool are meant to be. */
  others: boolean;
  /** Its newest revision, where it does not come up. */
  failedRevision: FailedRevision | null;
};

/** What is older has not answered lately. */
const FRESH_MS = 3 * 60_000;
/** Cloudflare is asked at every third: one reading that failed, or came late, is no silence yet. */
const FRESH_LOOKS = 6;

/** Those that answered lately: what a signal said before it failed is not what is so now. */
export function freshOnes(signals: Signals, now: Date, lookMs: number): Signals {
  const freshMs = Math.max(FRESH_MS, FRESH_LOOKS * lookMs);
  const isFresh = (at: Date) => now.getTime() - at.getTime() <= freshMs;
  return {
    ...signals,
    api: signals.api && isFresh(signals.api.at) ? signals.api : null,
    log: signals.log && isFresh(signals.log.at) ? signals.log : null,
    endpoints: signals.endpoints.filter(({ at }) => isFresh(at)),
  };
}

/** What the diagnosis is made from: this look's facts, to be put with those of earlier looks. */
export function factsOf(tunnelId: string, signals: Signals, before: TunnelHealth | null): Fact[] {
  const own = signals.endpoints.flatMap((each) => ownFact(tunnelId, each));
  const told = new Set(own.map(({ connector }) => connector));
  const others = apiFacts(signals, before).filter(({ connector }) => !told.has(connector));
  const { standing = [], facts = [] } = signals.log ?? {};
  return [...standing, ...facts, ...own, ...others, ...signals.probes];
}

/** `/ready` knows better than the API how many connections a connector has. */
function ownFact(tunnelId: string, { at, ready, details, detailsAt }: EndpointReading): ConnectorFact[] {
  if (ready.state !== "answered" || ready.connectorId === null) return [];
  return [
    {
      kind: "connector",
      at,
      connector: ready.connectorId,
      tunnelId,
      ours: true,
      version: details?.version ?? null,
      configVersion: details?.configVersion ?? null,
      configReadAt: detailsAt,
      connections: ready.connections,
      expected: CONNECTIONS,
    },
  ];
}

function apiFacts({ api }: Signals, before: TunnelHealth | null): ConnectorFact[] {
  if (!api) return [];
  const ours = new Map(before?.connectors.map((each) => [each.id, each.ours]));
  const of = (
    connector: string,
    version: string | null,
    configVersion: number | null,
    connections: number,
    configReadAt: Date | null,
  ) => ({
    kind: "connector" as const,
    at: api.at,
    connector,
    tunnelId: api.tunnelId,
    ours: ours.get(connector) ?? null,
    version,
    configVersion,
    configReadAt,
    connections,
    expected: CONNECTIONS,
  });
  // Cloudflare lists no connector that has lost all its connections: those that were there are the ones that are missing.
  if (api.status === "down")
    return (before?.connectors ?? []).map((each) => of(each.id, each.version, each.configVersion, 0, null));
  const { connectorsAt } = api;
  if (connectorsAt === null) return [];
  return (api.connectors ?? []).map((each) =>
    of(each.id, each.version || null, each.configVersion, each.connections.length, connectorsAt),
  );
}
