// Whether a tunnel is up, judged from its signals: a connector's own word comes first, then whichever of the log and
// Cloudflare's API tells of the later change.
import { connectorsSeen } from "./connectors-seen.ts";
import { beginOf, type Run, upCount } from "./diagnosis/connector-run.ts";
import { later } from "./diagnosis/evidence.ts";
import { CONNECTIONS, type LogFact } from "./diagnosis/facts.ts";
import { newStreams, takeLine } from "./diagnosis/streams.ts";
import type { ConnectorDetails } from "./observed.ts";
import type { EndpointReading, Signals, TunnelReading } from "./signals.ts";
import type { TunnelHealth, TunnelState } from "./tunnel-health.ts";

/** How long Cloudflare may take to show what a log line told. */
const API_LAG_MS = 90_000;

/** `signals`: those that answered lately. */
export function healthOf(
  tunnel: { tunnelId: string; name: string },
  signals: Signals,
  before: TunnelHealth | null,
  now: Date,
): TunnelHealth {
  const runs = runsIn(signals.log?.facts ?? []);
  const alive = liveOf(runs, signals.instances);
  const state = stateOf(signals, runs, before);
  const seenAt = [signals.api?.at, signals.log?.at, ...signals.endpoints.map(answeredAt)].reduce<Date | null>(
    (latest, at) => later(latest, at ?? null),
    before?.seenAt ?? null,
  );
  return {
    tunnelId: tunnel.tunnelId,
    name: signals.api?.name ?? before?.name ?? tunnel.name,
    state,
    since: before?.state === state ? before.since : now,
    connectors:
      state === "unknown" ? (before?.connectors ?? []) : connectorsSeen(signals, alive, before, now),
    seenAt: seenAt ?? now,
  };
}

function answeredAt({ at, ready }: EndpointReading): Date | null {
  return ready.state === "silent" ? null : at;
}

function stateOf(signals: Signals, runs: Run[], before: TunnelHealth | null): TunnelState {
  const { api, log, endpoints } = signals;
  const ours = (state: TunnelState) => (state === "down" && mayStandElsewhere(signals) ? "degraded" : state);
  const own = byEndpoints(endpoints, api);
  if (own) return ours(own);
  const told = byLog(runs, signals.instances);
  if (told && (!api || told.at.getTime() + API_LAG_MS > api.at.getTime())) return ours(told.state);
  if (api) return BY_STATUS[api.status];
  if (endpoints.some(({ ready }) => ready.state === "refused")) return ours("down");
  // A log that has nothing to say is that of a tunnel that goes on as it was.
  return (log && before?.state) || "unknown";
}

/** Neither the log nor the addresses tell of connectors that are meant to be elsewhere. */
function mayStandElsewhere({ others, api }: Signals): boolean {
  return others && !(api && BY_STATUS[api.status] === "down");
}

const BY_STATUS: Record<TunnelReading["status"], TunnelState> = {
  healthy: "up",
  degraded: "degraded",
  down: "down",
  inactive: "down",
};

/** Null where no connector answered, or where the ones that are silent could be up. */
function byEndpoints(endpoints: EndpointReading[], api: TunnelReading | null): TunnelState | null {
  const ready = endpoints.map((each) => each.ready);
  const answered = ready.flatMap((each) => (each.state === "answered" ? [each] : []));
  if (answered.length === 0) return null;
  const serving = answered.filter(({ connections }) => connections > 0);
  if (serving.length === 0) {
    if (ready.some(({ state }) => state === "silent")) return null;
    return othersIn(api, answered).some(({ connections }) => connections.length > 0) ? "degraded" : "down";
  }
  const whole = answered.every(({ connections }) => connections >= CONNECTIONS);
  // An instance that was replaced has another address: that its old one refuses says nothing while Cloudflare sees all.
  const missing = ready.some(({ state }) => state === "refused") && api?.status !== "healthy";
  const others = othersIn(api, answered).every(({ connections }) => connections.length >= CONNECTIONS);
  return whole && !missing && others ? "up" : "degraded";
}

/** Connectors that the configured addresses do not reach, as far as Cloudflare tells of them. */
function othersIn(api: TunnelReading | null, own: { connectorId: string | null }[]): ConnectorDetails[] {
  if (!api || api.status === "down" || api.connectorsAt === null) return [];
  return (api.connectors ?? []).filter(({ id }) => !own.some(({ connectorId }) => connectorId === id));
}

/** The processes that the log shows, those that ended apart; the newest where it shows more than should run. */
function liveOf(runs: Run[], instances: number | null): Run[] {
  const alive = runs.filter((run) => !run.ended && !run.stopping);
  if (instances === null || alive.length <= instances) return alive;
  // An instance that was killed wrote no last word.
  const newest = alive.toSorted((a, b) => beginOf(b) - beginOf(a));
  return newest.slice(0, instances);
}

function runsIn(facts: LogFact[]): Run[] {
  const streams = newStreams();
  const ordered = facts.toSorted((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0));
  for (const fact of ordered) takeLine(streams, fact);
  return streams.runs;
}

/** Null where the log tells of no connection. */
function byLog(runs: Run[], instances: number | null): { state: TunnelState; at: Date } | null {
  const alive = liveOf(runs, instances);
  const told = alive.filter((run) => run.indexes.size > 0);
  const moments = alive.length === 0 ? runs.map(({ lastAt }) => lastAt) : told.flatMap(changes);
  const at = moments.reduce<Date | null>((latest, each) => later(latest, each), null);
  if (at === null) return null;
  // With nobody left alive, every one of none is missing.
  if (told.every((run) => missingOf(run) >= run.expected)) return { state: "down", at };
  return { state: told.every((run) => missingOf(run) === 0) ? "up" : "degraded", at };
}

function changes(run: Run): (Date | null)[] {
  return [...run.indexes.values()].map(({ since }) => since);
}

/** Where the log begins in the middle, connections that it does not mention are thought to be up. */
function missingOf(run: Run): number {
  if (run.faults.has("last-one-lost")) return run.expected;
  if (run.startedAt !== null) return Math.max(0, run.expected - upCount(run));
  return [...run.indexes.values()].filter(({ up }) => !up).length;
}
