// A signal that is read now and then, in the background: one that hangs or fails holds up no other.
import type { Logger } from "pino";

export type Paced = {
  /** Begins a reading if it is time for one and none is under way. Resolves with its end, well or not. */
  turn(now: Date): Promise<void>;
};

/** Looks come a little early or late: the half of one keeps a signal from missing its turn. */
export function restFor(looks: number, lookMs: number): number {
  return (looks - 0.5) * lookMs;
}

export function paced(
  signal: string,
  everyMs: number,
  read: (now: Date) => Promise<void>,
  log: Logger,
): Paced {
  let dueAt = 0;
  let running: Promise<void> | null = null;
  let failing = false;

  async function reading(now: Date): Promise<void> {
    try {
      await read(now);
      failing = false;
    } catch (err) {
      // Once for a row of failures: the status shows what is not seen.
      log[failing ? "debug" : "warn"]({ err, signal }, "a signal of the tunnels' health did not answer");
      failing = true;
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
