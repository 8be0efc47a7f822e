// Ties jobs to what they run, and is one of the two places that catch: a job that fails is logged and tried again later.
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

const CONCURRENCY: Record<JobName, number> = { converge: 4, announce: 6, sweep: 4, watch: 1, alert: 2 };

/** Answers how many runs are at work, for the shutdown. */
export async function startWorkers<Job extends JobName>(
  tools: WorkerTools<Job>,
): Promise<{ atWork(): number; stop(): void }> {
  const timers = new Map<string, NodeJS.Timeout>();
  const failures = new Map<string, number>();
  let atWork = 0;

  async function runJob(job: Job, key: string): Promise<void> {
    atWork += 1;
    try {
      await tools.run[job](key);
      failures.delete(`${job} ${key}`);
    } catch (error) {
      retryLater(job, key, error);
    } finally {
      atWork -= 1;
    }
  }

  // The job itself counts as done: its work is in the store, and the sweep finds it if this process does not live.
  function retryLater(job: Job, key: string, error: unknown): void {
    const id = `${job} ${key}`;
    const count = failures.get(id) ?? 0;
    failures.set(id, count + 1);
    tools.log[isServiceFailure(error) ? "warn" : "error"]({ err: error, job, key, count }, "a job failed");
    clearTimeout(timers.get(id));
    const again = () =>
      tools.wake(job, key).catch((err: unknown) => tools.log.warn({ err, job, key }, "no retry yet"));
    timers.set(id, setTimeout(() => void again(), afterFault(count, error)).unref());
  }

  for (const job of Object.keys(tools.run) as Job[])
    await tools.queue.work(job, CONCURRENCY[job], (key) => runJob(job, key));
  return {
    atWork: () => atWork,
    stop: () => {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
