// The queue keeps what was committed, and runs a key in one place at a time, on both engines.
import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Queue } from "../../src/jobs/queue.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothEngines } from "../engines.ts";
import { PATIENT, recorder, startedQueue } from "./recorder.ts";
import { createRounds, readRounds, runRound, wantRound } from "./rounds.ts";

onBothEngines("the queue", (open) => {
  let database: Database;
  let queue: Queue;

  beforeEach(async () => {
    database ??= await open();
    await sql`delete from pgboss.job`.execute(database.db);
    queue = await startedQueue(database);
  });

  test("what is asked for in a transaction runs once that is committed", async () => {
    const seen = recorder();
    await queue.work("converge", 1, seen.handle);
    await database.db.transaction().execute(async (trx) => {
      await queue.enqueue(trx, "converge", "tunnel-1");
      await setTimeout(100);
      expect(seen.runs).toEqual([]);
    });
    await expect.poll(() => seen.runs, PATIENT).toEqual(["tunnel-1"]);
  });

  test("what is asked for in a transaction that fails never runs", async () => {
    const seen = recorder();
    const failing = database.db.transaction().execute(async (trx) => {
      await queue.enqueue(trx, "converge", "rolled back");
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await queue.enqueue(database.db, "converge", "committed");
    await queue.work("converge", 1, seen.handle);
    await expect.poll(() => seen.runs, PATIENT).toContain("committed");
    expect(seen.runs).toEqual(["committed"]);
  });

  test("a job is due when its transaction began: the workers are told of it at once", async () => {
    await database.db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      await setTimeout(20);
      await queue.enqueue(trx, "converge", "tunnel-1");
      await queue.enqueue(trx, "converge", "tunnel-1");
    });
    const { rows } = await sql`select start_after <= created_on as due from pgboss.job`.execute(database.db);
    expect(rows).toEqual([{ due: true }]);
  });

  test("a job runs though our clock is far ahead of the store's", async () => {
    const seen = recorder();
    await queue.work("converge", 1, seen.handle);
    const now = Date.now() + 10 * 60_000;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
    onTestFinished(() => clock.mockRestore());
    await queue.enqueue(database.db, "converge", "tunnel-1");
    clock.mockRestore();
    await expect.poll(() => seen.runs, { ...PATIENT, timeout: 20_000 }).toEqual(["tunnel-1"]);
  });

  test("asking twice before the start is one run; each name has jobs of its own", async () => {
    const [converge, announce, sweep] = [recorder(), recorder(), recorder()];
    for (const key of ["a", "b", "a", "a"]) await queue.enqueue(database.db, "converge", key);
    await queue.enqueue(database.db, "announce", "a");
    await queue.work("converge", 1, converge.handle);
    await queue.work("announce", 2, announce.handle);
    await queue.work("sweep", 1, sweep.handle);
    await queue.enqueue(database.db, "sweep", "all");
    await expect
      .poll(() => [converge.runs.length, announce.runs, sweep.runs], PATIENT)
      .toEqual([2, ["a"], ["all"]]);
    expect(converge.runs).toEqual(["a", "b"]);
  });

  test("asking while it runs is one more run afterwards, however often", async () => {
    const seen = recorder();
    seen.hold();
    await queue.work("converge", 3, seen.handle);
    await queue.enqueue(database.db, "converge", "a");
    await expect.poll(() => seen.runs, PATIENT).toEqual(["a"]);
    for (let times = 0; times < 3; times++) await queue.enqueue(database.db, "converge", "a");
    // Another key is not held up by it.
    await queue.enqueue(database.db, "converge", "b");
    await expect.poll(() => seen.runs, PATIENT).toEqual(["a", "b"]);
    seen.letGo();
    await expect.poll(() => seen.runs, PATIENT).toEqual(["a", "b", "a"]);
    await queue.enqueue(database.db, "converge", "last");
    await expect.poll(() => seen.runs, PATIENT).toEqual(["a", "b", "a", "last"]);
  });

  test("what somebody waits for goes ahead of what is queued, however late and however often it was asked for", async () => {
    const seen = recorder();
    for (const key of ["a", "b", "c"]) await queue.enqueue(database.db, "announce", key);
    await queue.enqueue(database.db, "announce", "c", { ahead: true });
    await queue.enqueue(database.db, "announce", "d", { ahead: true });
    await queue.enqueue(database.db, "announce", "d");
    await queue.work("announce", 1, seen.handle);
    await expect.poll(() => seen.runs, PATIENT).toEqual(["c", "d", "a", "b"]);
  });

  test("a handler that fails is run again, and holds up no other key", async () => {
    const seen = recorder();
    const failing = new Set(["a"]);
    await queue.work("converge", 1, async (key) => {
      await seen.handle(key);
      if (failing.delete(key)) throw new Error("once");
    });
    await queue.enqueue(database.db, "converge", "a");
    await queue.enqueue(database.db, "converge", "b");
    await expect.poll(() => [...seen.runs].sort(), PATIENT).toEqual(["a", "a", "b"]);
  });

  test("it tells how long a job has stood still", async () => {
    const seen = recorder();
    seen.hold();
    expect(queue.stalledMs()).toBe(0);
    await queue.work("converge", 1, seen.handle);
    await queue.enqueue(database.db, "converge", "a");
    await expect.poll(() => queue.stalledMs(), PATIENT).toBeGreaterThan(1_500);
    expect(seen.runs).toEqual(["a"]);
    seen.letGo();
    await expect.poll(() => queue.stalledMs(), PATIENT).toBeLessThan(1_500);
  });

  test("a stop waits for what is at work, and nothing is taken up after it", async () => {
    const seen = recorder();
    seen.hold();
    let ended = false;
    await queue.work("converge", 1, async (key) => {
      await seen.handle(key);
      ended = true;
    });
    await queue.enqueue(database.db, "converge", "a");
    await expect.poll(() => seen.runs, PATIENT).toEqual(["a"]);
    const stopped = queue.stop(30_000);
    seen.letGo();
    await stopped;
    expect(ended).toBe(true);

    const next = recorder();
    const other = await startedQueue(database);
    await other.enqueue(database.db, "converge", "b");
    await other.work("converge", 1, next.handle);
    await expect.poll(() => next.runs, PATIENT).toEqual(["b"]);
    expect(seen.runs).toEqual(["a"]);
  });

  test("a stop does not wait for ever, and what was cut off runs again elsewhere", async () => {
    const seen = recorder();
    seen.hold();
    await queue.work("converge", 1, seen.handle);
    await queue.enqueue(database.db, "converge", "a");
    await expect.poll(() => seen.runs, PATIENT).toEqual(["a"]);
    // The run is let go only after the stop: a stop that waits for it would never come back.
    await queue.stop(1_000);
    const next = recorder();
    await (await startedQueue(database)).work("converge", 1, next.handle);
    await expect.poll(() => next.runs, PATIENT).toEqual(["a"]);
    seen.letGo();
  });

  test("the work of 60 requests over 6 keys is done, none side by side with another of its key", async () => {
    const keys = ["k1", "k2", "k3", "k4", "k5", "k6"];
    await createRounds(database.db, keys);
    await queue.work(
      "converge",
      4,
      runRound(database.db, () => setTimeout(5)),
    );
    for (let index = 0; index < 60; index++) await wantRound(database.db, queue, keys[index % 6]!);
    const undone = async () => (await readRounds(database.db)).filter(({ wanted, done }) => done < wanted);
    await expect.poll(undone, PATIENT).toEqual([]);
    expect((await readRounds(database.db)).map(({ wanted, collisions }) => [wanted, collisions])).toEqual(
      keys.map(() => [10, 0]),
    );
  });
});
