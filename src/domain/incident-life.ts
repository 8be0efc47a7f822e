// The life of incidents: what stands is opened, joined, changed or taken up again, what has been good for long enough
// ends. Pure: incidents and judgements in, changed incidents out.
import type { Judgement } from "./fault.ts";
import {
  type Affected,
  type Fault,
  type HealthLimits,
  type Incident,
  isDown,
  isMuted,
  isVague,
  type Member,
  standingMembers,
} from "./incident.ts";
import { comeBack, corrected, openedBy, saysMore, wasGood } from "./incident-changes.ts";

/** What a look found on a tunnel, and whom each fault affects. */
export type Seen = Pick<Judgement, "faults" | "amiss" | "blind" | "watch"> & {
  tunnelId: string;
  name: string;
  affected: (fault: Pick<Fault, "slot" | "services">) => Affected[];
};

export type Advance = {
  /** Open ones, and those that ended lately: see `stillMatters`. */
  incidents: Incident[];
  seen: Seen[];
  at: Date;
  /** Tunnels that are not watched any more have no incidents either. */
  watched: string[];
  limits: HealthLimits;
  newId: () => string;
};

/** What fails on several tunnels within this time is one incident. */
const TOGETHER_MS = 2 * 60_000;
/** Once it came back after its end, it has to be calm for this many times as long before it ends again. */
const UNSTABLE = 15;
/** It comes back as the same incident within this many times the time of calm. */
export const REMEMBERED = 30;

/** The incidents that are new or changed, each with its version raised. */
export function advance({ incidents, seen, at, watched, limits, newId }: Advance): Incident[] {
  const before = new Map(incidents.map((incident) => [incident.id, incident]));
  let now = incidents;
  for (const tunnel of seen) {
    for (const fault of tunnel.faults) now = takeFault(now, tunnel, fault, { at, limits, newId });
    now = now.map((incident) => calmDown(incident, tunnel, at, limits));
  }
  now = now.map((incident) => unmuted(settle(forgetUnwatched(incident, watched, at), at), at));
  return now.flatMap((incident) => {
    const was = before.get(incident.id);
    if (was === incident) return [];
    return [{ ...incident, version: (was?.version ?? 0) + (was && !isVisible(was, incident) ? 0 : 1) }];
  });
}

/** Whether it can still come back, so that `advance` has to know it. */
export function stillMatters(incident: Incident, at: Date, limits: HealthLimits): boolean {
  if (incident.phase === "open" || incident.endedAt === null || isMuted(incident, at)) return true;
  return at.getTime() - incident.endedAt.getTime() <= REMEMBERED * limits.recoveredMs;
}

type Tools = Pick<Advance, "at" | "limits" | "newId">;

function takeFault(all: Incident[], tunnel: Seen, fault: Fault, tools: Tools): Incident[] {
  const { at, limits } = tools;
  const ofTunnel = ({ members }: Incident) => members.some((each) => each.tunnelId === tunnel.tunnelId);
  const known =
    all.find((each) => each.slot === fault.slot && standsOn(each, tunnel.tunnelId)) ??
    all.findLast((each) => each.slot === fault.slot && ofTunnel(each) && stillMatters(each, at, limits)) ??
    all.find((each) => isTogether(each, fault, at));
  // What copes follows from what was down a moment ago: that message has said so.
  if (!known && fault.slot === "coping" && all.some((each) => each.slot === "edge" && ofTunnel(each)))
    return all;
  const next = joined(known ?? null, tunnel, fault, tools);
  return known ? all.map((each) => (each === known ? next : each)) : [...all, next];
}

function standsOn(incident: Incident, tunnelId: string): boolean {
  return standingMembers(incident).some((member) => member.tunnelId === tunnelId);
}

function isTogether(incident: Incident, { slot, cause }: Fault, at: Date): boolean {
  const young = at.getTime() - incident.openedAt.getTime() <= TOGETHER_MS;
  const alike = incident.cause === cause || isVague(incident.cause) || isVague(cause);
  return incident.phase === "open" && incident.slot === slot && young && alike;
}

function joined(known: Incident | null, tunnel: Seen, fault: Fault, tools: Tools): Incident {
  const incident = known
    ? known.phase === "ended"
      ? comeBack(known)
      : known
    : openedBy(fault, tools.newId(), tools.at);
  const was = incident.members.find((each) => each.tunnelId === tunnel.tunnelId);
  const member: Member = {
    tunnelId: tunnel.tunnelId,
    name: tunnel.name,
    cause: fault.cause,
    since: was && was.endedAt === null ? was.since : fault.since,
    down: fault.down,
    affected: tunnel.affected(fault),
    goodSince: null,
    endedAt: null,
  };
  const members = was
    ? incident.members.map((each) => (each === was ? member : each))
    : [...incident.members, member];
  return known !== null &&
    was &&
    incident === known &&
    sameFault(was, member) &&
    !saysMore(incident, fault, tools.at)
    ? known
    : corrected({ ...incident, members }, fault, tools.at);
}

function sameFault(a: Member, b: Member): boolean {
  const ids = (member: Member) => member.affected.map((each) => each.exposureId).join();
  return (
    a.cause === b.cause &&
    a.down === b.down &&
    a.goodSince === b.goodSince &&
    a.endedAt === b.endedAt &&
    ids(a) === ids(b)
  );
}

function calmDown(incident: Incident, tunnel: Seen, at: Date, limits: HealthLimits): Incident {
  const member = standingMembers(incident).find((each) => each.tunnelId === tunnel.tunnelId);
  if (!member) return incident;
  const bad = tunnel.amiss.includes(incident.slot);
  if (tunnel.blind.includes(incident.slot) || (bad && member.goodSince === null)) return incident;
  // Lost connections are counted for a while: once they are too few to tell, it has been calm since the last of them.
  const calm = incident.slot === "edge" ? tunnel.watch.calmSince : null;
  const goodSince = bad ? null : (member.goodSince ?? calm ?? at);
  const calmMs = limits.recoveredMs * (incident.rounds > 1 ? UNSTABLE : 1);
  const over = goodSince !== null && at.getTime() - goodSince.getTime() >= calmMs;
  const next: Member = { ...member, goodSince, endedAt: over ? at : null, down: member.down && bad };
  const members = incident.members.map((each) => (each === member ? next : each));
  return { ...(bad && isGood(incident, at, limits) ? wasGood(incident) : incident), members };
}

/** All of it, for so long that it would have ended had it not come back before. */
function isGood(incident: Incident, at: Date, { recoveredMs }: HealthLimits): boolean {
  return standingMembers(incident).every(
    ({ goodSince }) => goodSince !== null && at.getTime() - goodSince.getTime() >= recoveredMs,
  );
}

function forgetUnwatched(incident: Incident, watched: string[], at: Date): Incident {
  const left = standingMembers(incident).filter(({ tunnelId }) => !watched.includes(tunnelId));
  if (left.length === 0) return incident;
  const members = incident.members.map((each) => (left.includes(each) ? { ...each, endedAt: at } : each));
  return { ...incident, members };
}

function settle(incident: Incident, at: Date): Incident {
  if (incident.phase === "ended" || standingMembers(incident).length > 0) return incident;
  return { ...incident, phase: "ended", endedAt: at };
}

function unmuted(incident: Incident, at: Date): Incident {
  return incident.muted && incident.muted.until <= at ? { ...incident, muted: null } : incident;
}

/** Whether people would see a difference; that a tunnel has been good for a moment, or long enough to wonder, is none. */
function isVisible(a: Incident, b: Incident): boolean {
  const shown = (incident: Incident) =>
    JSON.stringify({
      ...incident,
      causeAt: null,
      members: incident.members.map((each) => ({ ...each, goodSince: null })),
    });
  return isDown(a) !== isDown(b) || shown(a) !== shown(b);
}
