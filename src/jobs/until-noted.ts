// What Slack took is noted before anything else happens: it cannot be taken back, and what is not noted is posted again.
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { isAway } from "../store/away.ts";

/** Shorter than the lease of a job, which stays with this process meanwhile. */
const PATIENCE_MS = 5 * 60_000;
/** Another process takes the job up a second after the store is back, at the earliest. */
const PAUSE_MS = 100;

/** Tries for as long as the store is away, since it comes back. After five minutes that fault is thrown, any other at once.
 *  `note` must do no harm when it is repeated. */
export async function untilNoted(log: Logger, note: () => Promise<void>): Promise<void> {
  const began = performance.now();
  for (let tries = 0; ; tries++) {
    try {
      return await note();
    } catch (error) {
      if (!isAway(error) || performance.now() - began > PATIENCE_MS) throw error;
      if (tries === 0) log.warn({ err: error }, "what Slack took waits for the store to be noted");
      await pause(PAUSE_MS, undefined, { ref: false });
    }
  }
}
