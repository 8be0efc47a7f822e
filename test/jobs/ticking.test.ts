// The heartbeat that /healthz rests on: a store that fails is no fault of the process, a look that never ends is.
import { setTimeout as pause } from "node:timers/promises";
import { type Logger, pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { machineClock } from "../../src/clock.ts";
import { startTicking } from "../../src/jobs/ticking.ts";
import { quiet } from "../quiet.ts";

function ticking(
  dueTunnels: () => Promise<string[]>,
  lastDueWithin: (ms: number) => Promise<Date | null> = async () => null,
  log: Logger = quiet,
) {
  const started = startTicking({
    wake: async () => undefined,
    dueTunnels,
    lastDueWithin,
    lookNow: async () => undefined,
    sweepKeys: async () => [],
    clock: machineClock(),
    sweepMs: 60_000,
    lookMs: 60_000,
    log,
  });
  onTestFinished(started.stop);
  return started;
}

test("a store that does not answer leaves it beating", async () => {
  let looks = 0;
  const { silentMs } = ticking(async () => {
    looks += 1;
    throw new Error("the store is away");
  });
  await expect.poll(() => looks).toBeGreaterThanOrEqual(2);
  expect(silentMs()).toBeLessThan(10_000);
});

test("a store that is away is told apart from a fault of our own, and a stop is neither", async () => {
  const told: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void told.push(line) });
  const faults = [new Error("Query read timeout"), new TypeError("ours"), new TypeError("cut off")];
  let looks = 0;
  const { stop } = ticking(
    async () => {
      const fault = faults[looks++];
      if (looks === faults.length) stop();
      throw fault;
    },
    undefined,
    log,
  );
  await expect.poll(() => looks).toBe(3);
  await pause(50);
  const { warn, error } = pino.levels.values;
  expect(told.map((line) => JSON.parse(line))).toMatchObject([
    { level: warn, msg: "the store did not answer; trying again" },
    { level: error, msg: "a look failed", err: { message: "ours" } },
  ]);
  expect(told).toHaveLength(2);
});

test("a look that never ends silences it, however many ticks go by", async () => {
  let looks = 0;
  const { silentMs } = ticking(() => {
    looks += 1;
    return new Promise(() => undefined);
  });
  await expect.poll(() => looks).toBe(1);
  await pause(1_200);
  expect(looks).toBe(1);
  expect(silentMs()).toBeGreaterThan(1_000);
});

test("a wait that ends before the next tick is not left waiting for it", async () => {
  let looks = 0;
  const inAMoment = async () => new Date(Date.now() + 5);
  ticking(async () => {
    looks += 1;
    return [];
  }, inAMoment);
  // Ticks alone would need a minute for so many.
  await expect.poll(() => looks).toBeGreaterThan(120);
});

test("a look that is under way when it stops is the last", async () => {
  let looks = 0;
  let answer = (_: Date) => {};
  const { stop } = ticking(
    async () => {
      looks += 1;
      return [];
    },
    () => new Promise((resolve) => (answer = resolve)),
  );
  await expect.poll(() => looks).toBe(1);
  stop();
  answer(new Date());
  await pause(100);
  expect(looks).toBe(1);
});
