// The life of an exposure. One function decides what an event does to it, or why it does nothing.
import { approvalsOf } from "./approvals.ts";
import {
  type CloseReason,
  type Exposure,
  isAsking,
  isLive,
  isOver,
  lapseOf,
  minutesAfter,
  type Person,
  samePerson,
  type UnmetExtension,
  type Vote,
} from "./exposure.ts";
import { freshProgress } from "./progress.ts";
import { type Refusal, refuse, type Verdict } from "./refusal.ts";
import { alreadyDecided, end, type SettleEvent, settle, undecided } from "./settle.ts";

/** `right` is what policy said at the click: null, or why this person may not. */
type Click = { by: Person; at: Date; right: Refusal | null };

/** `approvalsNeeded`: by the policy of today, unless it is free. */
type MoreTime = { minutes: number; free: boolean; approvalsNeeded: number };

export type Event =
  | ({ kind: "approve"; digest: string; minutes: number | null } & Click)
  | ({ kind: "deny"; digest: string; reason: string } & Click)
  | { kind: "withdraw"; by: Person; at: Date }
  | { kind: "lapse"; at: Date }
  | { kind: "reminded" }
  | { kind: "replan"; approvalsNeeded: number }
  | ({ kind: "close"; because: CloseReason; detail: string | null } & Click)
  | ({ kind: "extend"; reason: string; lapsesAt: Date } & MoreTime & Click)
  | SettleEvent;

/** An approved exposure gets this long to come up before it is ended; the time asked for starts when it is seen open. */
export const MINUTES_TO_OPEN = 60;

export function transition(exposure: Exposure, event: Event): Verdict<Exposure> {
  switch (event.kind) {
    case "approve":
      return approve(exposure, event);
    case "deny":
      return deny(exposure, event);
    case "withdraw":
      return withdraw(exposure, event);
    case "lapse":
      return lapse(exposure, event.at);
    case "reminded":
      return exposure.phase === "pending" ? ok({ ...exposure, remindAt: null }) : alreadyDecided(exposure);
    case "replan":
      return replan(exposure, event.approvalsNeeded);
    case "close":
      return close(exposure, event);
    case "extend":
      return extend(exposure, event);
    default:
      return settle(exposure, event);
  }
}

/** Why this click decides nothing, in the order in which people would want to know. */
export function whyUndecided(exposure: Exposure, click: Click & { digest: string }): Refusal | null {
  if (!isAsking(exposure)) return { because: "already-decided", phase: exposure.phase };
  if (click.at >= lapseOf(exposure)) return { because: exposure.extension ? "extension-lapsed" : "lapsed" };
  const asker = exposure.extension?.by ?? exposure.requester;
  if (samePerson(click.by, asker) || samePerson(click.by, exposure.requester))
    return { because: "own-request" };
  if (click.right) return click.right;
  if (click.digest !== exposure.digest) return { because: "stale-plan" };
  const voted = exposure.votes.some(
    (vote) => vote.round === exposure.round && samePerson(vote.person, click.by),
  );
  return voted ? { because: "already-voted" } : null;
}

/** Why this click asks for no more time, in the same order. */
export function whyNotExtendable(exposure: Exposure, { at, right }: Omit<Click, "by">): Refusal | null {
  if (exposure.phase !== "open" || isOver(exposure, at)) return { because: "not-open" };
  return right ?? (exposure.extension ? { because: "extension-pending" } : null);
}

function approve(exposure: Exposure, event: Extract<Event, { kind: "approve" }>): Verdict<Exposure> {
  const refusal = whyUndecided(exposure, event);
  if (refusal) return refuse(refusal);
  const asked = exposure.extension?.minutes ?? exposure.minutes;
  if (event.minutes !== null && event.minutes >= asked) return refuse({ because: "nothing-shorter" });
  const vote: Vote = {
    round: exposure.round,
    person: event.by,
    decision: "approve",
    minutes: event.minutes,
    at: event.at,
  };
  const votes = [...exposure.votes, vote];
  const next = { ...exposure, votes };
  const round = approvalsOf(next);
  if (round.length < exposure.approvalsNeeded) return ok(next);
  const minutes = Math.min(asked, ...round.map((each) => each.minutes ?? asked));
  // Of two clicks at the same moment the earlier one may be stored last: it was decided when both had been made.
  const decidedAt = new Date(Math.max(...round.map((each) => each.at.getTime())));
  if (!exposure.extension) return ok(approved(next, minutes, decidedAt));
  return ok(lengthened({ ...next, lengthenedInRound: next.round }, minutes));
}

function approved(exposure: Exposure, minutes: number, at: Date): Exposure {
  return {
    ...exposure,
    phase: "approved",
    approvedMinutes: minutes,
    // A shorter time is a set time.
    untilClosed: exposure.untilClosed && minutes === exposure.minutes,
    decidedAt: at,
    // The end is stored before the first call to a vendor, so that a dead bot cannot leave a bridge without one.
    endsAt: minutesAfter(at, MINUTES_TO_OPEN + minutes),
    until: minutesAfter(at, MINUTES_TO_OPEN + minutes),
    progress: freshProgress(),
  };
}

function deny(exposure: Exposure, event: Extract<Event, { kind: "deny" }>): Verdict<Exposure> {
  const refusal = whyUndecided(exposure, event);
  if (refusal) return refuse(refusal);
  if (event.reason.trim() === "") return refuse({ because: "reason-missing" });
  const vote: Vote = {
    round: exposure.round,
    person: event.by,
    decision: "deny",
    minutes: null,
    at: event.at,
  };
  const votes = [...exposure.votes, vote];
  if (exposure.extension)
    return ok(unmet({ ...exposure, votes }, { how: "denied", asker: exposure.extension.by, by: event.by }));
  const closing = { because: "approver" as const, by: event.by.slackId, detail: event.reason, at: event.at };
  return ok({ ...exposure, votes, phase: "denied", decidedAt: event.at, closing });
}

function withdraw(exposure: Exposure, event: { by: Person; at: Date }): Verdict<Exposure> {
  const askers = [exposure.requester, ...(exposure.extension ? [exposure.extension.by] : [])];
  if (!askers.some((asker) => samePerson(event.by, asker))) return refuse({ because: "not-the-requester" });
  if (exposure.phase === "open" && exposure.extension)
    return ok(unmet(exposure, { how: "withdrawn", asker: exposure.extension.by, by: event.by }));
  if (exposure.phase !== "pending") return alreadyDecided(exposure);
  return ok({ ...exposure, phase: "withdrawn", decidedAt: event.at });
}

function lapse(exposure: Exposure, at: Date): Verdict<Exposure> {
  if (exposure.phase === "open" && exposure.extension && at >= exposure.extension.lapsesAt)
    return ok(unmet(exposure, undecided(exposure, exposure.extension, "lapsed")));
  if (exposure.phase !== "pending" || at < exposure.lapsesAt) return alreadyDecided(exposure);
  return ok({ ...exposure, phase: "lapsed", decidedAt: at });
}

/** Policy or plan changed after the card was posted: what was voted so far is void. */
function replan(exposure: Exposure, approvalsNeeded: number): Verdict<Exposure> {
  if (!isAsking(exposure)) return alreadyDecided(exposure);
  return ok(nextRound({ ...exposure, approvalsNeeded }));
}

function unmet(exposure: Exposure, unmetExtension: UnmetExtension): Exposure {
  return nextRound({ ...exposure, extension: null, unmetExtension });
}

function nextRound(exposure: Exposure): Exposure {
  return { ...exposure, round: exposure.round + 1 };
}

function close(exposure: Exposure, event: Extract<Event, { kind: "close" }>): Verdict<Exposure> {
  if (exposure.phase === "pending") return refuse({ because: "still-pending" });
  if (!isLive(exposure)) return refuse({ because: "not-open" });
  if (exposure.phase === "closing") return alreadyDecided(exposure);
  if (event.right) return refuse(event.right);
  return end(exposure, { ...event, by: event.by.slackId });
}

function extend(exposure: Exposure, event: Extract<Event, { kind: "extend" }>): Verdict<Exposure> {
  const refusal = whyNotExtendable(exposure, event);
  if (refusal) return refuse(refusal);
  if (event.reason.trim() === "") return refuse({ because: "reason-missing" });
  if (event.free) {
    const extendedMinutes = exposure.extendedMinutes + event.minutes;
    return ok(lengthened({ ...exposure, extendedMinutes }, event.minutes));
  }
  const { minutes, by, reason, approvalsNeeded } = event;
  const { endsAt } = exposure;
  const lapsesAt = endsAt && endsAt < event.lapsesAt ? endsAt : event.lapsesAt;
  const extension = { minutes, by, reason, requestedAt: event.at, lapsesAt };
  return ok(nextRound({ ...exposure, approvalsNeeded, extension }));
}

/** Never shortens and leaves no gap: the minutes are added to the end. Notices are due anew. */
function lengthened(exposure: Exposure, minutes: number): Exposure {
  const endsAt = exposure.endsAt ? minutesAfter(exposure.endsAt, minutes) : null;
  const until = exposure.until ? minutesAfter(exposure.until, minutes) : null;
  return nextRound({ ...exposure, endsAt, until, extension: null, unmetExtension: null, noticed: [] });
}

function ok(value: Exposure): Verdict<Exposure> {
  return { ok: true, value };
}
