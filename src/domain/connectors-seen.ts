// Who runs a tunnel: each connector as the API, its own address and its log show it, put together by its id.
import type { Run } from "./diagnosis/connector-run.ts";
import type { EndpointReading, Signals, TunnelReading } from "./signals.ts";
import type { ConnectorHealth, TunnelHealth } from "./tunnel-health.ts";

/** A connector that has been there for so long cannot be one of ours whose first lines are still on their way. */
const SETTLED_MS = 5 * 60_000;

/** `runs`: the processes that the log shows alive. */
export function connectorsSeen(
  signals: Signals,
  runs: Run[],
  before: TunnelHealth | null,
  now: Date,
): ConnectorHealth[] {
  const found = new Map<string, ConnectorHealth>();
  const add = (each: ConnectorHealth) => found.set(each.id, merged(found.get(each.id), each));
  for (const each of fromApi(signals.api)) add(each);
  for (const each of runs.flatMap(fromLog)) add(each);
  for (const each of signals.endpoints.flatMap(fromEndpoint)) add(each);
  const known = (before?.connectors ?? []).filter(({ ours }) => ours === true).map(({ id }) => id);
  const all = [...found.values()].map((each) => (known.includes(each.id) ? { ...each, ours: true } : each));
  const oursCount = all.filter(({ ours }) => ours === true).length;
  // Only where all of ours are known can another be told to be none of them.
  const { instances, others } = signals;
  const complete = !others && instances !== null && instances > 0 && oursCount >= instances;
  return all.map((each) =>
    complete && each.ours === null && isSettled(each, now) ? { ...each, ours: false } : each,
  );
}

function isSettled({ startedAt }: ConnectorHealth, now: Date): boolean {
  return startedAt !== null && now.getTime() - startedAt.getTime() >= SETTLED_MS;
}

function fromApi(api: TunnelReading | null): ConnectorHealth[] {
  if (!api || api.status === "down") return [];
  return (api.connectors ?? []).map((each) => ({
    id: each.id,
    version: each.version || null,
    protocol: null,
    configVersion: each.configVersion,
    startedAt: each.openedAt,
    colos: each.connections.map(({ colo }) => colo),
    ours: null,
  }));
}

function fromLog(run: Run): ConnectorHealth[] {
  if (run.connector === null) return [];
  const up = [...run.indexes.values()].filter((index) => index.up);
  const protocol = up.map((index) => index.protocol).find((each) => each === "http2" || each === "quic");
  return [
    {
      id: run.connector,
      version: run.version,
      protocol: protocol ?? null,
      configVersion: run.configVersion,
      startedAt: run.startedAt,
      colos: up.flatMap(({ location }) => location ?? []),
      ours: true,
    },
  ];
}

function fromEndpoint({ ready, details }: EndpointReading): ConnectorHealth[] {
  if (ready.state !== "answered" || ready.connectorId === null) return [];
  return [
    {
      id: ready.connectorId,
      version: details?.version ?? null,
      protocol: details?.protocol ?? null,
      configVersion: details?.configVersion ?? null,
      startedAt: null,
      // The list of places is kept by cloudflared after a connection is lost.
      colos: ready.connections === details?.colos.length ? details.colos : [],
      ours: true,
    },
  ];
}

/** The later one knows better, where it says anything at all. */
function merged(one: ConnectorHealth | undefined, other: ConnectorHealth): ConnectorHealth {
  if (!one) return other;
  return {
    id: one.id,
    version: other.version ?? one.version,
    protocol: other.protocol ?? one.protocol,
    configVersion: other.configVersion ?? one.configVersion,
    startedAt: one.startedAt ?? other.startedAt,
    colos: other.colos.length > 0 ? other.colos : one.colos,
    ours: other.ours ?? one.ours,
  };
}
