// How much of a time a tunnel was there. Time in which nobody looked counts neither as up nor as down.
import type { TunnelHealth, TunnelState } from "./tunnel-health.ts";

export type StateChange = { state: TunnelState; at: Date };

/** A tunnel's states over time: only changes, the oldest first. Nothing is known from before the first one. */
export type TunnelHistory = {
  tunnelId: string;
  changes: StateChange[];
  lookedAt: Date;
  /** See `blindAfter`. */
  blindAfterMs: number;
};

/** The last change that is stored, and when the bot last looked. */
export type LastLook = { state: TunnelState; changedAt: Date; lookedAt: Date };

export type Segment = { state: TunnelState; from: Date; until: Date };

export type Availability = {
  /** Between 0 and 1, of the time of which something is known; null where nothing is. */
  share: number | null;
  knownMs: number;
  unknownMs: number;
  downMs: number;
};

const LEAST_BLIND_MS = 120_000;

/** After this long without a look, what lies between is not known. A look or two may come late. */
export function blindAfter(lookMs: number): number {
  return Math.max(LEAST_BLIND_MS, 3 * lookMs);
}

/** What a look at a tunnel adds to its history. */
export function changesSeen(
  last: LastLook | null,
  seen: TunnelHealth,
  at: Date,
  blindAfterMs: number,
): StateChange[] {
  if (!last) return [{ state: seen.state, at }];
  if (at.getTime() - last.lookedAt.getTime() > blindAfterMs) {
    const blind: StateChange = { state: "unknown", at: last.lookedAt };
    const now: StateChange = { state: seen.state, at };
    return [blind, now].filter((change, index) => change.state !== (index === 0 ? last.state : "unknown"));
  }
  if (seen.state === last.state) return [];
  // A log line may tell later of a drop than it came about, but no change is older than the one before it.
  return [{ state: seen.state, at: clamp(seen.since, last.changedAt, at) }];
}

/** What the tunnel was in between two moments, without a gap; neighbours differ. */
export function segmentsOf(history: TunnelHistory, from: Date, until: Date): Segment[] {
  const { changes } = history;
  const known = lastKnown(history, until);
  const points: StateChange[] = [
    { state: "unknown", at: from },
    ...changes.filter((change) => change.at < known),
    ...(known < until ? [{ state: "unknown" as const, at: known }] : []),
  ];
  const segments: Segment[] = [];
  points.forEach(({ state, at }, index) => {
    const start = clamp(at, from, until);
    const end = clamp(points[index + 1]?.at ?? until, from, until);
    const before = segments.at(-1);
    if (end <= start) return;
    if (before?.state === state) before.until = end;
    else segments.push({ state, from: start, until: end });
  });
  return segments;
}

/** A degraded tunnel still carries requests: it counts as available. */
export function availabilityOf(segments: Segment[]): Availability {
  const lasting = (...states: TunnelState[]) =>
    segments
      .filter(({ state }) => states.includes(state))
      .reduce((sum, { from, until }) => sum + until.getTime() - from.getTime(), 0);
  const [availableMs, downMs, unknownMs] = [lasting("up", "degraded"), lasting("down"), lasting("unknown")];
  const knownMs = availableMs + downMs;
  return { share: knownMs > 0 ? availableMs / knownMs : null, knownMs, unknownMs, downMs };
}

function lastKnown({ lookedAt, blindAfterMs }: TunnelHistory, until: Date): Date {
  return until.getTime() - lookedAt.getTime() > blindAfterMs ? lookedAt : until;
}

function clamp(at: Date, least: Date, most: Date): Date {
  return at < least ? least : at > most ? most : at;
}
