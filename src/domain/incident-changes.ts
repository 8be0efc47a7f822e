// How an incident changes when a fault is seen: it begins, comes back, gets worse, or its cause becomes known.
import { type Cause, explains, SEVERITIES, type Severity } from "./diagnosis/facts.ts";
import { type Fault, type Incident, isSerious, isVague, standingMembers } from "./incident.ts";

/** A reason that is no root of the one that is named takes its place once that was not seen for this long. */
const CAUSE_REST_MS = 10 * 60_000;
/** As exact as that is known when it was seen last: each note is a write. */
const CAUSE_NOTED_MS = 60_000;
/** The reason that is named is that of the time before: whatever is found now takes its place at once. */
const OF_BEFORE = new Date(0);

export function openedBy(fault: Fault, id: string, at: Date): Incident {
  const { slot, cause, severity, connector, since, evidence, remedy, down } = fault;
  return {
    id,
    version: 0,
    slot,
    phase: "open",
    cause,
    severity,
    connector,
    since,
    openedAt: at,
    endedAt: null,
    evidence,
    remedy,
    members: [],
    rounds: 1,
    wasDown: down,
    causes: 1,
    causeAt: at,
    told: [],
    acknowledged: null,
    muted: null,
    onCall: isSerious(severity) ? "message" : null,
    message: null,
  };
}

/** Back within a short time: the same incident, and not a new message each time. */
export function comeBack(incident: Incident): Incident {
  return {
    ...incident,
    phase: "open",
    endedAt: null,
    rounds: incident.rounds + 1,
    causeAt: OF_BEFORE,
    wasDown: false,
    told: [],
  };
}

/** It was good for long enough that what breaks it now may be something else. */
export function wasGood(incident: Incident): Incident {
  return { ...incident, causeAt: OF_BEFORE };
}

/** Whether the fault says more than the incident knows. */
export function saysMore(incident: Incident, fault: Fault, at: Date): boolean {
  return (
    worse(fault.severity, incident.severity) !== incident.severity ||
    (fault.down && !incident.wasDown) ||
    isBetterCause(incident, fault, at) ||
    isSeenAgain(incident, fault, at) ||
    hasMoreEvidence(fault, incident) ||
    hasMoreAdvice(fault, incident)
  );
}

function hasMoreEvidence({ cause, evidence }: Fault, incident: Incident): boolean {
  return cause === incident.cause && evidence.length > incident.evidence.length;
}

/** A failed revision may become known late. Only ever more, so that tunnels that fail together do not take turns. */
function hasMoreAdvice({ cause, remedy }: Fault, incident: Incident): boolean {
  return isVague(cause) && cause === incident.cause && remedy.length > incident.remedy.length;
}

export function corrected(incident: Incident, fault: Fault, at: Date): Incident {
  const better = isBetterCause(incident, fault, at);
  const { cause, connector, evidence, remedy } = fault;
  const advised = hasMoreAdvice(fault, incident);
  const severity = worse(fault.severity, incident.severity);
  return withTold({
    ...incident,
    ...(better ? { cause, connector, remedy } : {}),
    ...(better || isSeenAgain(incident, fault, at) ? { causeAt: at } : {}),
    causes: incident.causes + (better && !isVague(cause) ? 1 : 0),
    ...(advised ? { remedy } : {}),
    ...(better || advised || hasMoreEvidence(fault, incident) ? { evidence } : {}),
    severity,
    since: fault.since < incident.since ? fault.since : incident.since,
    wasDown: incident.wasDown || fault.down,
    onCall: incident.onCall ?? (isSerious(severity) ? "thread" : null),
  });
}

function isSeenAgain({ cause, causeAt }: Incident, fault: Fault, at: Date): boolean {
  return fault.cause === cause && at.getTime() - causeAt.getTime() >= CAUSE_NOTED_MS;
}

/** A root is better than what it explains, so a reason than none; and none is better than a reason that does not explain it. Any
 *  other waits until the one that is named is gone, so that two of them do not take turns for ever. */
function isBetterCause(incident: Incident, { cause }: { cause: Cause }, at: Date): boolean {
  if (cause === incident.cause) return false;
  if (incident.causeAt.getTime() === OF_BEFORE.getTime()) return true;
  if (isVague(cause)) return !isVague(incident.cause) && !explains(incident.cause, cause);
  if (explains(cause, incident.cause)) return true;
  return at.getTime() - incident.causeAt.getTime() >= CAUSE_REST_MS;
}

function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b) ? a : b;
}

/** Notes whom the outage keeps from what they asked for; they are told once in each round. */
function withTold(incident: Incident): Incident {
  const unreachable = standingMembers(incident)
    .filter((member) => member.down)
    .flatMap(({ tunnelId, affected }) => affected.map((each) => ({ ...each, tunnelId })));
  const known = new Set(incident.told.map(({ requesterId }) => requesterId));
  const fresh = Map.groupBy(
    unreachable.filter(({ requesterId }) => !known.has(requesterId)),
    ({ requesterId }) => requesterId,
  );
  if (fresh.size === 0) return incident;
  const added = [...fresh].map(([requesterId, mine]) => ({
    requesterId,
    tunnelIds: [...new Set(mine.map(({ tunnelId }) => tunnelId))],
    hostnames: [...new Set(mine.map(({ hostname }) => hostname))],
  }));
  return { ...incident, told: [...incident.told, ...added] };
}
