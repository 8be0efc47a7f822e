// cloudflared's waits, at the sandbox's pace: a newcomer should not wait two minutes for a fall back.
import { setTimeout as pause } from "node:timers/promises";

export type Pace = {
  /** So many of cloudflared's milliseconds. */
  wait(realMs: number): Promise<void>;
  /** As its back-off does it: anything up to this. */
  upTo(realMs: number): Promise<void>;
  /** Ends every wait, now and later. */
  stop(): void;
};

/** `scale` 1 is as slow as the real one. */
export function createPace(scale: number): Pace {
  const stopped = new AbortController();
  async function wait(realMs: number): Promise<void> {
    if (!stopped.signal.aborted)
      await pause(realMs * scale, undefined, { signal: stopped.signal }).catch(() => undefined);
  }
  return {
    wait,
    upTo: (realMs) => wait(Math.random() * realMs),
    stop: () => stopped.abort(),
  };
}
