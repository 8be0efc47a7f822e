// From one look at a tunnel after the other to the faults that have stood for long enough to be told.
import { blindAfter } from "./availability.ts";
import { earlier, MOST_LINES } from "./diagnosis/evidence.ts";
import {
  type Cause,
  type Diagnosis,
  explains,
  isEdgeCause,
  SEVERITIES,
  type Severity,
} from "./diagnosis/facts.ts";
import { remedyFor } from "./diagnosis/remedies.ts";
import { type ConnectorDrops, dropsSeen, flapOf } from "./flapping.ts";
import { type Fault, type HealthLimits, isVague, type Slot } from "./incident.ts";
import { withFailedRevision, withPoolOff } from "./pool-as-reason.ts";
import type { TunnelHealth } from "./tunnel-health.ts";
import type { FailedRevision } from "./worker-pool.ts";

/** One look: what every signal together says of a tunnel, and why. */
export type Look = {
  health: TunnelHealth;
  diagnoses: Diagnosis[];
  /** The newest of the connectors' worker pool, where it does not come up. */
  failedRevision: FailedRevision | null;
  /** That pool is set to run nothing, and no connector is meant to be elsewhere. */
  poolOff: boolean;
  /** There is a log to be read, and it was not read lately. */
  unread: boolean;
  at: Date;
};

/** What is remembered of a tunnel between looks. A look that knows nothing leaves the times as they are. */
export type TunnelWatch = {
  tunnelId: string;
  lookedAt: Date;
  downSince: Date | null;
  /** Fewer connections than there should be, or none. */
  amissSince: Date | null;
  /** Since when it has been up with no fault found on the way to the edge. Lost connections of before do not count. */
  calmSince: Date | null;
  /** Since when each diagnosis has been made at every look. */
  diagnosedSince: Partial<Record<Cause, Date>>;
  connectors: ConnectorDrops[];
};

export type Judgement = {
  watch: TunnelWatch;
  faults: Fault[];
  /** Where there is any sign of a fault, however young: nothing there counts as good. */
  amiss: Slot[];
  /** Where nobody knows whether it is good. */
  blind: Slot[];
};

/** After a gap this long nobody knows what was in between: times begin anew. */
const GAP_MS = 5 * 60_000;

/** `lookMs`: from one look to the next. */
export function judge(
  before: TunnelWatch | null,
  look: Look,
  limits: HealthLimits,
  lookMs: number,
): Judgement {
  const gapMs = Math.max(GAP_MS, blindAfter(lookMs));
  const known = before && look.at.getTime() - before.lookedAt.getTime() <= gapMs ? before : null;
  const watch = nextWatch(known, look, limits);
  const alarming = [...look.diagnoses, ...flapOf(watch.connectors, look.health, limits)].filter(isAlarming);
  const edge = alarming.filter((each) => slotOf(each) === "edge");
  const others = alarming.filter((each) => slotOf(each) !== "edge");
  const edgeFault = judgeEdge(watch, look, edge, limits);
  const faults = others
    .filter((each) => hasStood(watch, each, look, limits))
    .map((each) => faultOf(each, look));
  const unknown = look.health.state === "unknown" && edge.length === 0;
  const edgeAmiss = edge.length > 0 || watch.amissSince !== null;
  return {
    watch,
    faults: [...(edgeFault ? [edgeFault] : []), ...faults],
    amiss: [...(edgeAmiss ? (["edge"] as const) : []), ...others.map(slotOf)],
    blind: [...(unknown ? OF_EDGE : []), ...(look.unread ? OF_LOG : [])],
  };
}

const OF_EDGE: readonly Slot[] = ["edge", "coping"];
/** What nothing but the log tells of. */
const OF_LOG: readonly Slot[] = [
  "coping",
  "origin-dns",
  "origin-tls",
  "origin-refused",
  "origin-unreachable",
  "origin-host",
  "bad-config",
];

function nextWatch(before: TunnelWatch | null, { health, diagnoses, at }: Look, limits: HealthLimits) {
  const { state, tunnelId } = health;
  const since = (was: Date | null | undefined, is: boolean) =>
    state === "unknown" ? (was ?? null) : is ? (was ?? at) : null;
  const isFaulty = diagnoses.some((each) => isAlarming(each) && slotOf(each) === "edge");
  const diagnosedSince = Object.fromEntries(
    diagnoses.map(({ cause }) => [cause, before?.diagnosedSince[cause] ?? at]),
  );
  return {
    tunnelId,
    lookedAt: at,
    downSince: since(before?.downSince, state === "down"),
    amissSince: since(before?.amissSince, state === "down" || state === "degraded"),
    calmSince: isFaulty ? null : since(before?.calmSince, state === "up"),
    diagnosedSince,
    connectors: dropsSeen(before?.connectors ?? [], health, at, limits),
  };
}

/** What wants an answer. Advice, such as an old version, is for those who ask for the status. */
function isAlarming({ severity }: Diagnosis): boolean {
  return severity !== "low" && severity !== "info";
}

function slotOf({ cause, severity }: Pick<Diagnosis, "cause" | "severity">): Slot {
  if (!isEdgeCause(cause)) return cause;
  return severity === "medium" && !LOSING.includes(cause) && !isVague(cause) ? "coping" : "edge";
}

/** Connections are missing, if only now and then: no fallback has taken their place. */
const LOSING: readonly Cause[] = ["quic-flap", "h2-flap", "liveness-loop", "few-addresses"];

/** The state says whether, the diagnosis says why. */
function judgeEdge(watch: TunnelWatch, look: Look, edge: Diagnosis[], limits: HealthLimits): Fault | null {
  // While nobody knows, what was so before gets no older.
  const known = look.health.state !== "unknown";
  const down = known && hasPassed(watch.downSince, look.at, limits.outageMs);
  const degraded = known && hasPassed(watch.amissSince, look.at, limits.degradedMs);
  const stood = edge.find((each) => hasStood(watch, each, look, limits));
  if (!down && !degraded && !stood) return null;
  const since = down ? watch.downSince : degraded ? watch.amissSince : null;
  const what = down ? "outage" : degraded ? "degraded" : stood?.cause;
  const cause: Diagnosis =
    edge.find((each) => !isVague(each.cause) && explains(each.cause, down ? "outage" : "degraded")) ??
    edge.find((each) => each.cause === what) ??
    vague(look, down ? "outage" : "degraded", since ?? look.at);
  const isDown = down || (look.health.state === "unknown" && cause.severity === "critical");
  return {
    ...withPoolOff(withFailedRevision(faultOf(cause, look), look.failedRevision), look.poolOff),
    severity: isDown ? "critical" : atMost("high", cause.severity),
    since: earlier(since, cause.since) ?? look.at,
    down: isDown,
  };
}

/** Whether a diagnosis is old, or sure, enough to be told without the tunnel's state saying so too. */
function hasStood(watch: TunnelWatch, made: Diagnosis, { at, health }: Look, limits: HealthLimits): boolean {
  const { cause, seen, severity, counted, lastSeen } = made;
  if (counted) return true;
  const diagnosed = watch.diagnosedSince[cause] ?? null;
  if (SEEN_BY_REQUESTS.includes(cause)) {
    // Of a flood of lines only the newest are kept.
    const first = earlier(made.since, diagnosed);
    return seen >= REPEATED && lastSeen !== null && hasPassed(first, lastSeen, limits.outageMs);
  }
  const patient = isEdgeCause(cause) && (severity !== "critical" || health.state !== "unknown");
  const patience = patient ? limits.degradedMs : limits.outageMs;
  return hasPassed(diagnosed, at, patience);
}

/** One request that failed is no incident, nor is one page with all that it loads; three are, where the service fails for as long
 *  as makes an outage. */
const SEEN_BY_REQUESTS: readonly Cause[] = [
  "origin-dns",
  "origin-tls",
  "origin-refused",
  "origin-unreachable",
];
const REPEATED = 3;

/** Where no signal says why, what was seen of the connections is the evidence. */
function vague({ health, at }: Look, cause: "outage" | "degraded", since: Date): Diagnosis {
  const connectors = health.connectors.map(
    ({ id, version, colos }) =>
      `${stamp(at)} connector ${id} (version ${version ?? "unknown"}) has ${colos.length} connections`,
  );
  const what = cause === "outage" ? "no connection is up" : "connections are missing";
  return {
    cause,
    severity: cause === "outage" ? "critical" : "medium",
    confidence: 0.6,
    seen: 1 + connectors.length,
    counted: false,
    connector: null,
    since,
    lastSeen: at,
    evidence: [`${stamp(since)} ${what} from here on`, ...connectors].slice(0, MOST_LINES),
    remedy: remedyFor(cause, { coping: false, services: [] }),
    services: [],
  };
}

function faultOf(made: Diagnosis, look: Look): Fault {
  const { cause, severity, connector, remedy, services } = made;
  const evidence = made.evidence.slice(0, MOST_LINES);
  const found = { cause, severity, connector, evidence, remedy, services };
  return { ...found, slot: slotOf(made), since: made.since ?? look.at, down: false };
}

function stamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

function hasPassed(since: Date | null, at: Date, ms: number): boolean {
  return since !== null && at.getTime() - since.getTime() >= ms;
}

function atMost(most: Severity, severity: Severity): Severity {
  return SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(most) ? most : severity;
}
