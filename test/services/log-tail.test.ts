// The log followed as it is written: sooner than any poll, and never alone.
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { asked, type GoogleWorld, startGoogleWorld } from "../sandbox/google-world.ts";
import { logBench, POOL } from "./connector-log-bench.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

const ORIGIN = { project: POOL.project, region: POOL.region, workerPool: POOL.name };
const now = () => world.shared.clock.now();
const calls = (method: string) => asked(world.shared).filter((call) => call.startsWith(method)).length;

/** A reader that has read once, with its stream open. */
async function following(change: { tail?: boolean } = { tail: true }) {
  const log = logBench(world).reader(change);
  onTestFinished(() => log.close());
  await log.read(now());
  if (change.tail) await expect.poll(() => calls("TailLogEntries")).toBe(1);
  return { ...log, reads: async () => await log.read(now()) };
}

const say = (text: string) => world.google.writeLog(ORIGIN, text);
const SOON = { timeout: 15_000, interval: 20 };

test("a new line is read without another call", async () => {
  const { reads } = await following();
  say("down");
  await expect.poll(reads, SOON).toEqual(["down"]);
  expect(calls("ListLogEntries")).toBe(1);
  expect(await reads()).toEqual([]);
});

test("what the tail brought and what the list brings is one line", async () => {
  const { reads, restart } = await following();
  say("down");
  await expect.poll(reads, SOON).toEqual(["down"]);
  restart();
  expect(await reads()).toEqual([]);
  expect(calls("ListLogEntries")).toBe(2);
});

test("a stream that Google ends is opened again, and what was written meanwhile is listed", async () => {
  const { reads } = await following();
  world.google.endTails();
  say("in the gap");
  await expect.poll(reads, SOON).toEqual(["in the gap"]);
  await expect.poll(() => calls("TailLogEntries")).toBe(2);
  say("after it");
  await expect.poll(reads, SOON).toEqual(["after it"]);
});

test.each([7, 8, 12])("refused with code %i, the log is polled", async (status) => {
  const refusal = { kind: "status" as const, status };
  world.shared.faults.add({ vendor: "google", method: "TailLogEntries", times: 0, effect: refusal });
  const { reads } = await following();
  for (const line of ["down", "up again"]) {
    say(line);
    await expect.poll(reads, SOON).toEqual([line]);
  }
  expect(calls("TailLogEntries")).toBe(1);
  expect(calls("ListLogEntries")).toBeGreaterThan(2);
});

test("a stream that breaks is opened again", async () => {
  world.shared.faults.add({ vendor: "google", method: "TailLogEntries", times: 2, effect: { kind: "drop" } });
  await following();
  await expect.poll(() => calls("TailLogEntries"), SOON).toBe(3);
});

test("not asked for, nothing is followed", async () => {
  const { reads } = await following({});
  say("down");
  expect(await reads()).toEqual(["down"]);
  expect(calls("TailLogEntries")).toBe(0);
});

test("closed, it is not opened again", async () => {
  const { close } = await following();
  close();
  world.google.endTails();
  await expect.poll(() => calls("TailLogEntries")).toBe(1);
});
