// A queue that is stopped after the test, and a handler that writes down what it runs.
import { onTestFinished } from "vitest";
import { createQueue, type Queue } from "../../src/jobs/queue.ts";
import type { Database } from "../../src/store/database.ts";
import { quiet } from "../quiet.ts";

/** For waiting until something is so, on a machine of any speed. */
export const PATIENT = { timeout: 45_000, interval: 50 };

export async function startedQueue(database: Database): Promise<Queue> {
  const queue = createQueue({ ...database, log: quiet });
  await queue.start();
  onTestFinished(() => queue.stop(1_000));
  return queue;
}

/** A handler that writes down what it runs; `hold` keeps each run until it is let go. */
export function recorder() {
  const runs: string[] = [];
  const held: (() => void)[] = [];
  let holding = false;
  return {
    runs,
    hold: () => {
      holding = true;
    },
    letGo: () => {
      holding = false;
      for (const go of held.splice(0)) go();
    },
    handle: async (key: string) => {
      runs.push(key);
      if (holding) await new Promise<void>((go) => held.push(go));
    },
  };
}
