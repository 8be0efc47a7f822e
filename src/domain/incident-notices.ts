// The messages that a change of an incident calls for, besides its own message, which is drawn anew. Each is sent once: a
// key that was used before is dropped by the store.
import { type Incident, isMuted } from "./incident.ts";

export type IncidentNoticeKind =
  | "again"
  | "worse"
  | "on-call"
  | "cause"
  | "acknowledged"
  | "muted"
  | "mute-over"
  | "recovered"
  | "unreachable"
  | "reachable";

export type IncidentNotice = {
  key: string;
  kind: IncidentNoticeKind;
  /** A requester, or the thread of the incident's message. */
  recipient: { to: "person"; slackId: string } | { to: "thread" };
  /** Shown in the channel too. */
  broadcast: boolean;
  hostnames: string[];
};

/** `before` is null for an incident that has just begun. */
export function noticesFor(before: Incident | null, after: Incident, at: Date): IncidentNotice[] {
  const round = after.rounds;
  const inThread = (kind: IncidentNoticeKind, key: string, broadcast = false): IncidentNotice => ({
    key,
    kind,
    recipient: { to: "thread" },
    broadcast: broadcast && !isMuted(after, at),
    hostnames: [],
  });
  const notices: IncidentNotice[] = [];
  if (before) {
    if (round > before.rounds) notices.push(inThread("again", `again ${round}`, true));
    if (isWorse(before, after)) notices.push(inThread("worse", `worse ${round}`, true));
    if (after.onCall === "thread" && before.onCall === null) notices.push(inThread("on-call", "on-call"));
    if (after.causes > before.causes) notices.push(inThread("cause", `cause ${after.causes}`));
    if (after.acknowledged && !before.acknowledged) notices.push(inThread("acknowledged", "acknowledged"));
    if (after.muted && after.muted !== before.muted)
      notices.push(inThread("muted", `muted ${after.muted.until.getTime()}`));
    if (before.muted && !after.muted && after.phase === "open")
      notices.push(inThread("mute-over", `mute-over ${before.muted.until.getTime()}`));
    if (hasEnded(before, after)) notices.push(inThread("recovered", `recovered ${round}`, true));
  }
  return [...notices, ...toRequesters(before, after)];
}

/** What was only weak before and is an outage now is told as if it had just begun. */
function isWorse(before: Incident, after: Incident): boolean {
  return after.wasDown && !before.wasDown && after.rounds === before.rounds;
}

function hasEnded(before: Incident, after: Incident): boolean {
  return after.phase === "ended" && before.phase === "open";
}

function toRequesters(before: Incident | null, after: Incident): IncidentNotice[] {
  const sameRound = before?.rounds === after.rounds ? before : null;
  return after.told.flatMap(({ requesterId, tunnelIds, hostnames }) => {
    const notice = (kind: "unreachable" | "reachable"): IncidentNotice => ({
      key: `${kind} ${after.rounds} ${requesterId}`,
      kind,
      recipient: { to: "person", slackId: requesterId },
      broadcast: false,
      hostnames,
    });
    const wasTold = sameRound?.told.some((each) => each.requesterId === requesterId) ?? false;
    const fresh = wasTold ? [] : [notice("unreachable")];
    const back = isBack(after, tunnelIds) && !(sameRound && isBack(sameRound, tunnelIds));
    return back ? [...fresh, notice("reachable")] : fresh;
  });
}

function isBack({ members }: Incident, tunnelIds: string[]): boolean {
  return members.filter((each) => tunnelIds.includes(each.tunnelId)).every((each) => each.endedAt !== null);
}
