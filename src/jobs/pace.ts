// A signal that is read now and then, in the background: one that hangs or fails holds up no other.
import type { Logger } from "pino";
import { isServiceFailure } from "../services/failure.ts";
import { isAway } from "../store/away.ts";

export type Paced = {
  /** Begins a reading if it is time for one and none is under way. Resolves with its end, well or not. */
  turn(now: Date): Promise<void>;
};

/** Looks come a little early or late: the half of one keeps a signal from missing its turn. */
export function restFor(looks: number, lookMs: number): number {
  return (looks - 0.5) * lookMs;
}

const WORDS = {
  warn: "a signal of the tunnels' health did not answer",
  error: "a reading of the tunnels' health met a fault of our own",
} as const;

/** A fault of our own is told and goes no further either: it would hold up the others. */
export function paced(
  signal: string,
  everyMs: number,
  read: (now: Date) => Promise<void>,
  log: Logger,
): Paced {
  let dueAt = 0;
  let running: Promise<void> | null = null;
  let told: keyof typeof WORDS | null = null;

  async function reading(now: Date): Promise<void> {
    try {
      await read(now);
      told = null;
    } catch (err) {
      const level = isServiceFailure(err) || isAway(err) ? "warn" : "error";
      // Once for a row of failures: the status shows what is not seen.
      log[told === level ? "debug" : level]({ err, signal }, WORDS[level]);
      told = level;
    } finally {
      running = null;
    }
  }

  return {
    turn(now) {
      if (running === null && now.getTime() >= dueAt) {
        dueAt = now.getTime() + everyMs;
        running = reading(now);
      }
      return running ?? Promise.resolve();
    },
  };
}
