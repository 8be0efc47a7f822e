// Whether a notice of an incident that is sent late still says what is so: it is drawn from the incident as it is by then.
import type { Exposure } from "./exposure.ts";
import { type Incident, isMuted, type Member, standingMembers } from "./incident.ts";
import type { IncidentNoticeKind } from "./incident-notices.ts";

/** `tunnelIds`: that lead to what a requester is told of, as far as it is still open. */
type Late = { tunnelIds: string[]; now: Date };

const STILL_TRUE: Record<IncidentNoticeKind, (incident: Incident, late: Late) => boolean> = {
  again: isOpen,
  // Until it ends it counts as down, also while it is good for a moment: it is told once.
  worse: isOpen,
  "on-call": isOpen,
  cause: isOpen,
  // What somebody did stays true.
  acknowledged: () => true,
  muted: (incident, { now }) => isMuted(incident, now),
  "mute-over": (incident, { now }) => isOpen(incident) && !isMuted(incident, now),
  recovered: (incident) => !isOpen(incident),
  unreachable: (incident, { tunnelIds }) => standingOn(incident, tunnelIds).length > 0,
  // It may have come back as a lesser fault.
  reachable: (incident, { tunnelIds }) =>
    tunnelIds.length > 0 && standingOn(incident, tunnelIds).every(({ down }) => !down),
};

export function isNoticeStillTrue(kind: IncidentNoticeKind, incident: Incident, late: Late): boolean {
  return STILL_TRUE[kind](incident, late);
}

/** Of these hostnames, what is still open in this person's name. */
export function stillOpenFor(requesterId: string, hostnames: string[], live: Exposure[]): Exposure[] {
  return live.filter(
    ({ hostname, phase, requester }) =>
      hostnames.includes(hostname) &&
      requester.slackId === requesterId &&
      (phase === "open" || phase === "opening"),
  );
}

function isOpen({ phase }: Incident): boolean {
  return phase === "open";
}

function standingOn(incident: Incident, tunnelIds: string[]): Member[] {
  return standingMembers(incident).filter(({ tunnelId }) => tunnelIds.includes(tunnelId));
}
