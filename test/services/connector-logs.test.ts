// cloudflared's log through Cloud Logging: nothing twice and nothing lost, whatever comes late, and whose clock is wrong.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GoogleWorld, startGoogleWorld } from "../sandbox/google-world.ts";
import { at, logBench, POOL, PROJECT } from "./connector-log-bench.ts";

let world: GoogleWorld;
let bench: ReturnType<typeof logBench>;
beforeEach(async () => {
  world = await startGoogleWorld();
  bench = logBench(world);
});
afterEach(() => world.close());

const write: typeof bench.write = (...given) => bench.write(...given);
const reader: typeof bench.reader = (...given) => bench.reader(...given);
const logs: typeof bench.logs = (...given) => bench.logs(...given);

test("reads lines in order as the facts that an export gives, and each once", async () => {
  write("second", 2);
  write("first", 1);
  const { facts, cursor, more } = await logs().read(PROJECT, null, at(10));
  expect(facts.map(({ message }) => message)).toEqual(["first", "second"]);
  expect(facts[0]).toMatchObject({
    kind: "log",
    at: at(1),
    level: "info",
    group: "lakeside-prod/asia-northeast1/cloudflared",
    stream: "one",
  });
  expect(more).toBe(false);
  expect((await logs().read(PROJECT, cursor, at(11))).facts).toEqual([]);
});

test("text lines and audit records among them", async () => {
  const origin = { project: PROJECT, region: POOL.region, workerPool: POOL.name };
  world.google.writeLog(origin, "Provided Tunnel token is not valid.", { at: at(1) });
  const { facts } = await logs().read(PROJECT, null, at(10));
  expect(facts[0]).toMatchObject({ message: "Provided Tunnel token is not valid.", level: null, at: at(1) });
});

test("begins a quarter of an hour back, and only the pools that are asked for", async () => {
  write("long ago", -1000);
  write("lately", -800);
  write("another's", 1, {}, { ...POOL, name: "batch" });
  write("elsewhere", 1, {}, { ...POOL, region: "us-central1" });
  expect(await reader().read(at(10))).toEqual(["lately"]);
});

test("a restart between two readings neither repeats nor loses", async () => {
  const log = reader();
  write("one", 1);
  expect(await log.read(at(2))).toEqual(["one"]);
  write("two", 3);
  log.restart();
  expect(await log.read(at(20))).toEqual(["two"]);
  log.restart();
  expect(await log.read(at(40))).toEqual([]);
});

test("a reading whose outcome was never stored is read again", async () => {
  const log = logs();
  write("one", 1);
  await log.read(PROJECT, null, at(2));
  expect((await log.read(PROJECT, null, at(3))).facts).toHaveLength(1);
});

test("what comes late is read when it comes", async () => {
  const log = reader();
  const now = world.shared.clock.now();
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
  world.google.writeLog({ project: PROJECT, region: POOL.region, workerPool: POOL.name }, "late", {
    at: ago(40),
    lateMs: 30_000,
  });
  world.google.writeLog({ project: PROJECT, region: POOL.region, workerPool: POOL.name }, "on time", {
    at: ago(5),
  });
  expect(await log.read(now)).toEqual(["on time"]);
  world.shared.clock.forward(30_000);
  expect(await log.read(world.shared.clock.now())).toEqual(["late"]);
  expect(await log.read(world.shared.clock.now())).toEqual([]);
});

test("an entry delivered twice is one line; two alike at one moment are two", async () => {
  const log = reader();
  write("a", 1, { insertId: "x" });
  write("a", 1, { insertId: "x" });
  write("a", 1, { insertId: "y" });
  expect(await log.read(at(10))).toEqual(["a", "a"]);
  write("a", 1, { insertId: "x" });
  expect(await log.read(at(20))).toEqual([]);
});

describe("clocks that differ", () => {
  test("the bot's is ahead of Google's by minutes", async () => {
    const log = reader();
    write("one", 1);
    expect(await log.read(at(400))).toEqual(["one"]);
    write("two", 15);
    expect(await log.read(at(415))).toEqual(["two"]);
  });

  test("the bot's is behind", async () => {
    const log = reader();
    write("one", 300);
    expect(await log.read(at(0))).toEqual(["one"]);
    write("two", 310);
    expect(await log.read(at(10))).toEqual(["two"]);
    expect(await log.read(at(25))).toEqual([]);
  });

  test("one connector's is a day ahead: the others' lines are not lost for it", async () => {
    const log = reader();
    write("from tomorrow", 86_400);
    expect(await log.read(at(10))).toEqual(["from tomorrow"]);
    write("of today", 12);
    expect(await log.read(at(20))).toEqual(["of today"]);
  });
});

test("quiet for hours, then a line: it is read, and the cursor stays small", async () => {
  const log = reader();
  write("up", 1);
  await log.read(at(10));
  for (let hour = 1; hour <= 6; hour++) expect(await log.read(at(hour * 3600))).toEqual([]);
  write("down", 6 * 3600 + 5);
  expect(await log.read(at(6 * 3600 + 10))).toEqual(["down"]);
  expect(log.size()).toBeLessThan(300);
});

test("a bot that was away for a week reads the last day", async () => {
  const log = reader();
  write("one", 1);
  await log.read(at(10));
  write("meanwhile", 2 * 86_400);
  write("today", 7 * 86_400);
  expect(await log.read(at(7 * 86_400 + 60))).toEqual(["today"]);
});
