// A job that fails is woken again, later each time, until it ends well or the process goes.
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Queue } from "../../src/jobs/queue.ts";
import { startWorkers } from "../../src/jobs/workers.ts";
import { quiet } from "../quiet.ts";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** One worker without a queue: `run` is what the queue would do, `wakes` what was asked of it. */
async function worker(job: () => Promise<void>) {
  const handlers: ((key: string) => Promise<void>)[] = [];
  const queue = { work: async (_job, _concurrency, handle) => void handlers.push(handle) } as Partial<Queue>;
  const wakes: number[] = [];
  const began = Date.now();
  const wake = async () => void wakes.push(Date.now() - began);
  const { stop } = await startWorkers({ queue: queue as Queue, run: { converge: job }, wake, log: quiet });
  return { run: () => handlers[0]!("t1"), wakes, stop };
}

test("it is woken again, later each time", async () => {
  const { run, wakes } = await worker(() => Promise.reject(new Error("away")));
  for (const after of [500, 1_000, 2_000]) {
    await run();
    await vi.advanceTimersByTimeAsync(after);
  }
  expect(wakes).toEqual([500, 1_500, 3_500]);
});

test("a run in between that ends well makes the retry needless, and the next fault is a first one", async () => {
  let fails = true;
  const { run, wakes } = await worker(async () => {
    if (fails) throw new Error("away");
  });
  await run();
  fails = false;
  await run();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wakes).toEqual([]);
  fails = true;
  await run();
  await vi.advanceTimersByTimeAsync(500);
  expect(wakes).toEqual([60_500]);
});

test("nothing is woken once the process goes, not even by a run that fails after that", async () => {
  let fail = (_: Error) => {};
  const { run, wakes, stop } = await worker(() => new Promise((_, reject) => (fail = reject)));
  const first = run();
  fail(new Error("away"));
  await first;
  const running = run();
  stop();
  fail(new Error("cut off"));
  await running;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wakes).toEqual([]);
});
