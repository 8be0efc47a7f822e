// What is called for without anybody's click: lapses, reminders, notices before the end, plans that policy has changed
// meanwhile, and the end of everything.
import {
  type Exposure,
  isAsking,
  isClosable,
  isOver,
  lapseOf,
  minutesAfter,
  type Notice,
  PHASES_ON_THE_ROAD,
} from "./exposure.ts";
import type { Event } from "./transition.ts";

const NOTICES: { notice: Notice; minutes: number }[] = [
  { notice: "1h", minutes: 60 },
  { notice: "10m", minutes: 10 },
];

/** A closing that has not got done after this long, and knows why, is told to the alerts channel. */
const MINUTES_TO_CLOSE = 5;

export type Today = {
  /** By today's policy. */
  digest: string;
  approvalsNeeded: number;
  /** When an admin last closed everything; null if that never was. */
  closedAll: Date | null;
};

/** At most one event for each look: the next look finds the rest. */
export function dueEvent(exposure: Exposure, now: Date, today: Today): Event | null {
  const { digest, approvalsNeeded, closedAll } = today;
  if (closedAll && endsWithAll(exposure, closedAll))
    return { kind: "end", because: "frozen", detail: null, at: now };
  // While it is repaired, a wish for more time rests; past the end it goes with the exposure, which is told of that.
  const asking = isAsking(exposure) && !isOver(exposure, now);
  const changed = digest !== exposure.digest || approvalsNeeded !== exposure.approvalsNeeded;
  if (asking && lapseOf(exposure) <= now) return { kind: "lapse", at: now };
  if (asking && changed) return { kind: "replan", approvalsNeeded };
  if (exposure.phase === "pending" && exposure.remindAt && exposure.remindAt <= now)
    return { kind: "reminded" };
  if (isStuck(exposure, now)) return { kind: "stuck" };
  const notice = dueNotice(exposure, now);
  return notice ? { kind: "noticed", notice } : null;
}

/** Whether it ends where everything is closed: what was approved by then. A request that still waited may be approved later,
 *  and opens when openings are allowed again. */
export function endsWithAll(exposure: Exposure, closedAll: Date): boolean {
  return isClosable(exposure) && (exposure.decidedAt ?? exposure.requestedAt) <= closedAll;
}

/** Why it ends when its time is over: what waited for openings to be allowed until then was never opened. */
export function reasonAtEnd({ openedAt }: Exposure, frozen: boolean): "ended" | "openings-frozen" {
  return frozen && openedAt === null ? "openings-frozen" : "ended";
}

function isStuck({ phase, closing, progress }: Exposure, now: Date): boolean {
  const trying = phase === "closing" && progress.waiting !== null && !progress.stuck;
  return trying && closing !== null && minutesAfter(closing.at, MINUTES_TO_CLOSE) <= now;
}

function dueNotice(exposure: Exposure, now: Date): Notice | null {
  const nearest = nearestNotice(exposure, now);
  return nearest && !exposure.noticed.includes(nearest) ? nearest : null;
}

/** A notice that says nothing new is left out: one hour before the end of an exposure of one hour, or when the end is
 *  nearer than the notice would claim. */
export function nearestNotice({ phase, openedAt, endsAt }: Exposure, now: Date): Notice | null {
  if (phase !== "open" || !openedAt || !endsAt || endsAt <= now) return null;
  const left = (endsAt.getTime() - now.getTime()) / 60_000;
  const whole = (endsAt.getTime() - openedAt.getTime()) / 60_000;
  return NOTICES.filter(({ minutes }) => left <= minutes && whole > minutes).at(-1)?.notice ?? null;
}

/** Past its end, or told to close by itself or with everything, for longer than a bot that lives would leave it alone. */
export function isOverdue(
  exposure: Exposure,
  now: Date,
  graceMinutes: number,
  closedAll: Date | null,
): boolean {
  const { phase, endsAt, closing } = exposure;
  const isOld = (date: Date | null) => date !== null && minutesAfter(date, graceMinutes) <= now;
  if (phase === "closing") return isOld(closing?.at ?? null) || isOld(endsAt);
  if (closedAll && endsWithAll(exposure, closedAll) && isOld(closedAll)) return true;
  return PHASES_ON_THE_ROAD.includes(phase) && isOld(endsAt);
}
