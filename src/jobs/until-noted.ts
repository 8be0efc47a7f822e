// What Slack took is noted before anything else happens: it cannot be taken back, and what is not noted is posted again.
import { setTimeout as pause } from "node:timers/promises";

/** Shorter than the lease of a job, which stays with this process meanwhile. */
const PATIENCE_MS = 5 * 60_000;
/** Another process takes the job up a second after the store is back, at the earliest. */
const PAUSE_MS = 100;

/** Tries until it succeeds, since a store that is away comes back. After five minutes the fault is thrown.
 *  `note` must do no harm when it is repeated. */
export async function untilNoted(note: () => Promise<void>): Promise<void> {
  const began = performance.now();
  for (;;) {
    try {
      return await note();
    } catch (error) {
      if (performance.now() - began > PATIENCE_MS) throw error;
      await pause(PAUSE_MS, undefined, { ref: false });
    }
  }
}
