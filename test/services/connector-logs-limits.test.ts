// cloudflared's log where there is much of it, where Google refuses, and where it does not answer.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asked, type GoogleWorld, startGoogleWorld } from "../sandbox/google-world.ts";
import { failureOf } from "./cloudflare-account.ts";
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

test("a flood is read in parts, each once, with an end", async () => {
  for (let line = 0; line < 7_500; line++) write(`line ${line}`, 1 + Math.floor(line / 100));
  const service = logs();
  const first = await service.read(PROJECT, null, at(100));
  expect(first).toMatchObject({ more: true, facts: { length: 5_000 } });
  const second = await service.read(PROJECT, first.cursor, at(101));
  expect(second.more).toBe(false);
  expect(new Set([...first.facts, ...second.facts].map(({ message }) => message)).size).toBe(7_500);
  expect((await service.read(PROJECT, second.cursor, at(102))).facts).toEqual([]);
});

test("a flood within one second does not hold the reading up for ever", async () => {
  for (let line = 0; line < 6_000; line++) write(`line ${line}`, 1);
  write("after", 3);
  const log = reader();
  const readsTheEnd = async () => (await log.read(at(100))).includes("after");
  await expect.poll(readsTheEnd, { timeout: 20_000 }).toBe(true);
});

describe("the quota", () => {
  test("fifty pools of a project are one question", async () => {
    const pools = Array.from({ length: 50 }, (_, index) => ({ ...POOL, name: `cloudflared-${index}` }));
    write("last", 1, {}, pools[49]);
    const service = logs({ pools });
    expect((await service.read(PROJECT, null, at(10))).facts).toHaveLength(1);
    expect(asked(world.shared)).toEqual(["ListLogEntries projects/lakeside-prod"]);
    expect(service.projects).toEqual([PROJECT]);
  });

  test("half of it is left to people: beyond it, a reading brings nothing and loses nothing", async () => {
    const log = reader();
    for (let read = 0; read < 40; read++) await log.read(at(10));
    const spent = asked(world.shared).length;
    expect(spent).toBeGreaterThanOrEqual(10);
    expect(spent).toBeLessThan(20);
    write("one", 11);
    expect(await log.read(at(20))).toEqual([]);
    await expect.poll(async () => await log.read(at(30)), { timeout: 15_000 }).toEqual(["one"]);
  });

  test("used up by somebody else, it is a fault that passes", async () => {
    world.shared.faults.add({
      vendor: "google",
      effect: { kind: "status", status: 8, retryAfterSeconds: 7 },
    });
    const log = reader();
    write("one", 1);
    await expect(log.read(at(2))).rejects.toMatchObject({ kind: "retry", retryAfterMs: 7000 });
    expect(await log.read(at(20))).toEqual(["one"]);
  });
});

test("a view is read through where the policy names one; without the right it is said which one lacks", async () => {
  const view = "projects/lakeside-prod/locations/global/buckets/_Default/views/drawbridge-worker-pools";
  world.google.setLogAccess([view]);
  write("one", 1);
  expect(await reader({ views: { [PROJECT]: view } }).read(at(2))).toEqual(["one"]);
  const failure = await failureOf(logs().read(PROJECT, null, at(2)));
  expect(failure).toMatchObject({ kind: "denied", code: 7 });
  expect(failure.message).toContain("roles/logging.viewAccessor");
});

test.each([
  [{ kind: "hang" }, "retry"],
  [{ kind: "drop" }, "retry"],
  [{ kind: "malformed" }, "retry"],
  [{ kind: "status", status: 5 }, "missing"],
] as const)("%o is a fault of kind %s, and nothing is lost by it", async (effect, kind) => {
  const log = reader({ timeoutMs: 300 });
  write("one", 1);
  world.shared.faults.add({ vendor: "google", effect });
  await expect(log.read(at(2))).rejects.toMatchObject({ kind });
  expect(await log.read(at(3))).toEqual(["one"]);
});

test("a page that fails in the middle of a flood loses none of it", async () => {
  for (let line = 0; line < 2_500; line++) write(`line ${line}`, 1 + Math.floor(line / 100));
  world.shared.faults.add({ vendor: "google", nth: 2, effect: { kind: "drop" } });
  const log = reader();
  await expect(log.read(at(60))).rejects.toMatchObject({ kind: "retry" });
  expect(await log.read(at(61))).toHaveLength(2_500);
});
