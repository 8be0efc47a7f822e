// Connections that a firewall or a failover forgot, which nobody closes: each is given up at the first question that it does not
// answer, and what comes after goes by new ones.
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { isAway } from "../../src/store/away.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { PATIENT, recorder, startedQueue } from "../jobs/recorder.ts";
import { createTestDatabase } from "../postgres.ts";
import { type SilentProxy, startSilentProxy } from "../silent-proxy.ts";
import { ASKED, pendingExposure, storeOn } from "./sample-exposure.ts";

async function opened(): Promise<Database & { way: SilentProxy }> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const way = await startSilentProxy(url);
  const database = await openDatabase({ url: way.url, dataDir: "" });
  onTestFinished(database.close);
  return { ...database, way };
}

/** Several connections that wait in the pool. */
async function fill({ db }: Database): Promise<void> {
  await Promise.all(Array.from({ length: 4 }, () => sql`select pg_sleep(0.1)`.execute(db)));
}

test("reads go by new connections", async () => {
  const database = await opened();
  const store = storeOn(database);
  const asked = pendingExposure();
  await store.submit(asked, ASKED);
  await fill(database);
  expect(database.way.silence()).toBeGreaterThan(3);
  await expect.poll(() => store.load(asked.id).catch(() => null), PATIENT).toEqual(asked);
});

test("so do transactions, one that was under way included", async () => {
  const database = await opened();
  const store = storeOn(database);
  await fill(database);
  const cut = database.db.transaction().execute(async (trx) => {
    await sql`select 1`.execute(trx);
    database.way.silence();
    await sql`select 1`.execute(trx);
  });
  expect(await cut.then(() => false, isAway)).toBe(true);
  const asked = pendingExposure();
  const submit = () => store.submit(asked, ASKED).then(Boolean, () => false);
  await expect.poll(submit, PATIENT).toBe(true);
  expect(await store.load(asked.id)).toEqual(asked);
});

test("and so does the queue", async () => {
  const database = await opened();
  const queue = await startedQueue(database);
  onTestFinished(database.way.hangUp);
  const seen = recorder();
  await queue.work("converge", 1, seen.handle);
  await queue.enqueue(database.db, "converge", "before");
  await expect.poll(() => seen.runs, PATIENT).toEqual(["before"]);
  database.way.silence();
  const asked = () =>
    queue.enqueue(database.db, "converge", "after").then(
      () => true,
      () => false,
    );
  await expect.poll(asked, PATIENT).toBe(true);
  await expect.poll(() => seen.runs, { ...PATIENT, timeout: 120_000 }).toContain("after");
});
