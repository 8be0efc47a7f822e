// Ties jobs to what they run, and is where they are caught: a job that fails is logged and tried again later. Inside a job, a
// step of a pass (settling.ts) and a reading of a signal (pace.ts) fail by themselves, so that the others go on.
import type { Logger } from "pino";
import { isServiceFailure } from "../services/failure.ts";
import { afterFault } from "./back-off.ts";
import type { JobName, Queue } from "./queue.ts";

export type WorkerTools<Job extends JobName> = {
  queue: Queue;
  /** The jobs that this process takes; others are left to others. */
  run: Record<Job, (key: string) => Promise<void>>;
  /** Asks for a run of a job, outside any transaction. */
  wake: (job: Job, key: string) => Promise<void>;
  log: Logger;
};

const CONCURRENCY: Record<JobName, number> = {
  due: 1,
  converge: 4,
  announce: 3,
  sweep: 4,
  watch: 1,
  alert: 2,
};

type Trouble = { count: number; again: NodeJS.Timeout };

export async function startWorkers<Job extends JobName>(tools: WorkerTools<Job>): Promise<{ stop(): void }> {
  // What failed at its last run here, by job and key.
  const troubles = new Map<string, Trouble>();
  let stopped = false;

  async function runJob(job: Job, key: string): Promise<void> {
    const id = `${job} ${key}`;
    const trouble = troubles.get(id);
    clearTimeout(trouble?.again);
    try {
      await tools.run[job](key);
      troubles.delete(id);
    } catch (error) {
      const count = trouble?.count ?? 0;
      tools.log[isServiceFailure(error) ? "warn" : "error"]({ err: error, job, key, count }, "a job failed");
      if (!stopped)
        troubles.set(id, { count: count + 1, again: retryLater(job, key, afterFault(count, error)) });
    }
  }

  // The job itself counts as done: its work is in the store, and the sweep finds it if this process does not live.
  function retryLater(job: Job, key: string, afterMs: number): NodeJS.Timeout {
    const again = () =>
      tools.wake(job, key).catch((err: unknown) => tools.log.warn({ err, job, key }, "no retry yet"));
    return setTimeout(() => void again(), afterMs).unref();
  }

  for (const job of Object.keys(tools.run) as Job[])
    await tools.queue.work(job, CONCURRENCY[job], (key) => runJob(job, key));
  return {
    stop() {
      stopped = true;
      for (const { again } of troubles.values()) clearTimeout(again);
    },
  };
}
