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

/** A reader that has read once, and is told of news. */
async function following(change: { tail?: boolean } = { tail: true }) {
  const log = logBench(world).reader(change);
  const news: Date[] = [];
  const followed = log.follow(() => news.push(now()));
  onTestFinished(() => followed.stop());
  if (change.tail) await expect.poll(() => calls("TailLogEntries")).toBe(1);
  await log.read(now());
  return { ...log, news, stop: followed.stop };
}

const say = (text: string) => world.google.writeLog(ORIGIN, text);

test("a new line is told at once, and read without another call", async () => {
  const log = await following();
  say("down");
  await expect.poll(() => log.news.length).toBe(1);
  expect(await log.read(now())).toEqual(["down"]);
  expect(calls("ListLogEntries")).toBe(1);
});

test("what the tail brought and what the list brings is one line", async () => {
  const log = await following();
  say("down");
  await expect.poll(() => log.news.length).toBe(1);
  log.restart();
  expect(await log.read(now())).toEqual(["down"]);
  expect(await log.read(now())).toEqual([]);
});

test("a stream that Google ends is opened again, and what was written meanwhile is listed", async () => {
  const log = await following();
  world.google.endTails();
  say("in the gap");
  await expect.poll(async () => await log.read(now())).toEqual(["in the gap"]);
  await expect.poll(() => calls("TailLogEntries")).toBe(2);
  say("after it");
  await expect.poll(() => log.news.length).toBe(1);
  expect(await log.read(now())).toEqual(["after it"]);
});

test.each([7, 8, 12])("refused with code %i, the log is polled", async (status) => {
  world.shared.faults.add({
    vendor: "google",
    method: "TailLogEntries",
    times: 0,
    effect: { kind: "status", status },
  });
  const log = await following();
  say("down");
  await expect.poll(async () => await log.read(now())).toEqual(["down"]);
  expect(log.news).toEqual([]);
  expect(calls("TailLogEntries")).toBe(1);
});

test("a stream that breaks is opened again", async () => {
  world.shared.faults.add({ vendor: "google", method: "TailLogEntries", times: 2, effect: { kind: "drop" } });
  const log = await following();
  await expect.poll(() => calls("TailLogEntries")).toBe(3);
  await expect
    .poll(() => {
      say("news");
      return log.news.length;
    })
    .toBeGreaterThan(0);
});

test("not asked for, nothing is followed", async () => {
  const log = await following({});
  say("down");
  expect(await log.read(now())).toEqual(["down"]);
  expect(calls("TailLogEntries")).toBe(0);
});

test("stopped, it is not opened again", async () => {
  const log = await following();
  log.stop();
  say("down");
  await expect.poll(async () => await log.read(now())).toEqual(["down"]);
  expect(calls("TailLogEntries")).toBe(1);
  expect(log.news).toEqual([]);
});
