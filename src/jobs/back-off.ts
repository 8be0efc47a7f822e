// The one retry policy: how long to wait before the next attempt, and when an opening is given up.
import { isServiceFailure } from "../services/failure.ts";

const MINUTE = 60_000;

/** Waiting for something that is expected to come: propagation, connectors, a visit that proves nothing yet. What has not come
 *  after some ten minutes, in which an opening is given up, waits for a person: a closing, for others' route to be removed. */
export function patience(attempts: number): number {
  return Math.min(300 * 1.5 ** attempts, attempts < LONG_IN_VAIN ? 10_000 : MINUTE);
}

const LONG_IN_VAIN = 70;

/** After a fault: doubles from half a second, at most a minute, and never earlier than the vendor asked for. */
export function afterFault(attempts: number, error: unknown): number {
  const asked = isServiceFailure(error) ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(asked, Math.min(500 * 2 ** attempts, MINUTE));
}

/** An opening that meets this many faults is given up and closed again, like one that took too long. */
export const MAX_OPENING_FAULTS = 6;

/** Whether a fault can pass by itself, or the next look tells whose it is. A right that is missing cannot. What is missing
 *  can: a reading right after a write may come from where it is not known yet. So can what was taken meanwhile: the step
 *  may serve many, and the look refuses those whose hostname it is. */
export function mayPass(error: unknown): boolean {
  if (!isServiceFailure(error)) return true;
  if (error.kind === "conflict") return error.code === "moved" || error.code === "taken";
  return error.kind === "retry" || error.kind === "missing";
}

/** A write of a tunnel's configuration is not carried out any later than this after it was sent. */
export const LATE_WRITE_MS = 30_000;

/** How soon an opening that is frozen looks again. */
export const FROZEN_MS = 5_000;
