// The queue between processes: one key runs in one place, and the job of a killed worker runs elsewhere.
import { sql } from "kysely";
import { expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { startChild } from "../child.ts";
import { onPostgres } from "../engines.ts";
import { PATIENT, recorder, startedQueue } from "./recorder.ts";
import { createRounds, readRounds } from "./rounds.ts";

function urlOf({ connection }: Database): string {
  return connection?.connectionString ?? "";
}

test("two processes, 200 requests, 10 keys: all work is done, and no key is ever run twice at a time", async () => {
  const database = await onPostgres();
  const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`);
  await createRounds(database.db, keys);
  const processes = [0, 1].map(() =>
    startChild("jobs/queue-process.ts", [urlOf(database), "run", "100", keys.join(",")]),
  );
  for (const each of processes) await each.says("ready");
  const undone = async () =>
    (await readRounds(database.db)).filter(({ wanted, done, running }) => done < wanted || running > 0);
  await expect.poll(undone, PATIENT).toEqual([]);
  const rounds = await readRounds(database.db);
  expect(rounds.map(({ wanted, collisions }) => [wanted, collisions])).toEqual(keys.map(() => [20, 0]));
  for (const { runs, wanted } of rounds) expect(runs).toBeLessThanOrEqual(wanted);
  for (const each of processes) await each.kill("SIGKILL");
});

test("the job of a worker that was killed in the middle of it runs again elsewhere", async () => {
  const database = await onPostgres();
  const queue = await startedQueue(database);
  const doomed = startChild("jobs/queue-process.ts", [urlOf(database), "hang"]);
  await doomed.says("ready");
  await queue.enqueue(database.db, "converge", "tunnel-1");
  await doomed.says("took tunnel-1");
  const seen = recorder();
  await queue.work("converge", 2, seen.handle);
  await doomed.kill("SIGKILL");
  // Another request of the same key does not run beside the dead one, nor hold up other keys.
  await queue.enqueue(database.db, "converge", "tunnel-2");
  await expect.poll(() => seen.runs, PATIENT).toContain("tunnel-2");
  await expect.poll(() => seen.runs, PATIENT).toContain("tunnel-1");
});

test("a job whose worker was killed is not lost where its key was asked for again meanwhile", async () => {
  const database = await onPostgres();
  const queue = await startedQueue(database);
  const doomed = startChild("jobs/queue-process.ts", [urlOf(database), "hang"]);
  await doomed.says("ready");
  await queue.enqueue(database.db, "converge", "tunnel-1");
  await doomed.says("took tunnel-1");
  await queue.enqueue(database.db, "converge", "tunnel-1");
  await doomed.kill("SIGKILL");
  const seen = recorder();
  await queue.work("converge", 2, seen.handle);
  await queue.enqueue(database.db, "converge", "tunnel-2");
  await expect.poll(() => seen.runs.filter((key) => key === "tunnel-1").length, PATIENT).toBeGreaterThan(0);
  const waiting = async () =>
    (await sql`select 1 from pgboss.job where state < 'completed'`.execute(database.db)).rows;
  await expect.poll(waiting, PATIENT).toEqual([]);
  expect(seen.runs).toContain("tunnel-2");
});

test("a job that waits is not taken while a transaction asks for it again: it would not see what that has to show", async () => {
  const database = await onPostgres();
  const queue = await startedQueue(database);
  await queue.enqueue(database.db, "converge", "tunnel-1");
  const seen = recorder();
  await database.db.transaction().execute(async (trx) => {
    await queue.enqueue(trx, "converge", "tunnel-1");
    await queue.work("converge", 2, seen.handle);
    await queue.enqueue(database.db, "converge", "tunnel-2");
    await expect.poll(() => seen.runs, PATIENT).toContain("tunnel-2");
    expect(seen.runs).toEqual(["tunnel-2"]);
  });
  await expect.poll(() => seen.runs, PATIENT).toEqual(["tunnel-2", "tunnel-1"]);
});

test("a job that waits through an outage of the database connection still runs", async () => {
  const database = await onPostgres();
  const queue = await startedQueue(database);
  const seen = recorder();
  await queue.work("converge", 2, seen.handle);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(database.db);
  await expect
    .poll(
      () =>
        queue.enqueue(database.db, "converge", "a").then(
          () => true,
          () => false,
        ),
      PATIENT,
    )
    .toBe(true);
  await expect.poll(() => seen.runs, PATIENT).toContain("a");
});

/** Jobs that somebody seems to be at. */
async function held({ db }: Database): Promise<unknown[]> {
  const { rows } = await sql<{ key: string }>`
    select singleton_key as key from pgboss.job
    where state = 'active' and heartbeat_on > '-infinity'`.execute(db);
  return rows.map(({ key }) => key);
}

test("who starts and is not alone leaves a running job in its worker's hands", async () => {
  const database = await onPostgres();
  const first = await startedQueue(database);
  const doomed = startChild("jobs/queue-process.ts", [urlOf(database), "hang"]);
  await doomed.says("ready");
  await first.enqueue(database.db, "converge", "tunnel-1");
  await doomed.says("took tunnel-1");
  await startedQueue(database);
  expect(await held(database)).toEqual(["tunnel-1"]);
});

test("who starts alone takes a killed worker's job up at once", async () => {
  const database = await onPostgres();
  const first = await startedQueue(database);
  await first.enqueue(database.db, "converge", "tunnel-2");
  await first.stop(1_000);
  const killed = startChild("jobs/queue-process.ts", [urlOf(database), "hang"]);
  await killed.says("took tunnel-2");
  await killed.kill("SIGKILL");
  // Postgres learns of a process's end by its connections.
  const left = async () =>
    (
      await sql`select 1 from pg_stat_activity where datname = current_database()
      and application_name like 'drawbridge worker %'`.execute(database.db)
    ).rows;
  await expect.poll(left, PATIENT).toEqual([]);
  const queue = await startedQueue(database);
  expect(await held(database)).toEqual([]);
  const seen = recorder();
  await queue.work("converge", 1, seen.handle);
  await expect.poll(() => seen.runs, PATIENT).toEqual(["tunnel-2"]);
});
