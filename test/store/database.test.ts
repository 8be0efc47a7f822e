// Opening the store: its tables come up to date by themselves, and what cannot be used is told in plain words.
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../sandbox/bot.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { StoreUnusable } from "../../src/store/unusable.ts";
import { embeddedFolder, emptyUrl } from "../engines.ts";
import { createTestDatabase } from "../postgres.ts";
import { ASKED, pendingExposure, storeOn } from "./sample-exposure.ts";

async function opened(where: { url?: string; dataDir: string }): Promise<Database> {
  const database = await openDatabase(where);
  onTestFinished(database.close);
  return database;
}

async function tablesOf({ db }: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db);
  return rows.map(({ name }) => name).sort();
}

const TABLES = [
  "audit",
  "chores",
  "drawbridge_migration",
  "drawbridge_migration_lock",
  "exposures",
  "handled",
  "holes",
  "incident_members",
  "incident_messages",
  "incidents",
  "messages",
  "switches",
  "tunnel_health",
  "tunnel_states",
  "tunnels",
  "votes",
  "watch_state",
];

async function dataFolder(): Promise<string> {
  const folder = await embeddedFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function failureOf(where: { url?: string; dataDir: string }): Promise<StoreUnusable> {
  const failure = await openDatabase(where).then(
    (database) => database.close(),
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(StoreUnusable);
  return failure as StoreUnusable;
}

test("an empty database on Postgres gets its tables, once", async () => {
  const url = await emptyUrl();
  const first = await opened({ url, dataDir: "" });
  expect(await tablesOf(first)).toEqual(TABLES);
  const asked = pendingExposure();
  await storeOn(first).submit(asked, ASKED);
  const second = await opened({ url, dataDir: "" });
  expect(await tablesOf(second)).toEqual(TABLES);
  expect(await storeOn(second).load(asked.id)).toEqual(asked);
});

test("an embedded store keeps what was written when it is opened again", async () => {
  const dataDir = await dataFolder();
  const asked = pendingExposure();
  const first = await openDatabase({ dataDir });
  expect(await tablesOf(first)).toEqual(TABLES);
  await storeOn(first).submit(asked, ASKED);
  await first.close();
  const second = await opened({ dataDir });
  expect(await tablesOf(second)).toEqual(TABLES);
  expect(await storeOn(second).load(asked.id)).toEqual(asked);
});

test("six processes that start at once on an empty Postgres all come up, with one set of tables", async () => {
  const url = await emptyUrl();
  const databases = await Promise.all(Array.from({ length: 6 }, () => opened({ url, dataDir: "" })));
  for (const database of databases) expect(await tablesOf(database)).toEqual(TABLES);
  const { rows } = await sql`select name from drawbridge_migration`.execute(databases[0]!.db);
  expect(rows.length).toBe(new Set(rows.map((row) => (row as { name: string }).name)).size);
});

test("a process that starts while another is at the tables waits for it, longer than a click may take", async () => {
  const url = await emptyUrl();
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  onTestFinished(() => other.end());
  // A table that another process is about to make, and has not committed: the same name has to wait for it.
  await other.query("begin; create table exposures (id text primary key)");
  const opening = opened({ url, dataDir: "" });
  await setTimeout(3_500);
  await other.query("rollback");
  expect(await tablesOf(await opening)).toEqual(TABLES);
});

test("Postgres that is not there is told, by either name of this machine", async () => {
  const port = await freePort();
  for (const host of ["127.0.0.1", "localhost"]) {
    const { message } = await failureOf({ url: `postgres://bot:hidden@${host}:${port}/bot`, dataDir: "" });
    expect(message).toMatch(/database.*(ECONNREFUSED|refused)/);
    expect(message).not.toContain("hidden");
  }
});

test("a server that takes the connection and never answers is given up", async () => {
  const silent = createServer(() => undefined);
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const { message } = await failureOf({ url: `postgres://bot:hidden@127.0.0.1:${port}/bot`, dataDir: "" });
  expect(message).toMatch(/database.*time/);
});

test("a wrong password and a missing database are told without the password", async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const wrong = new URL(url);
  wrong.password = "not-the-password";
  const missing = new URL(url);
  missing.pathname = "/no_such_database";
  for (const [address, reason] of [
    [wrong, "password"],
    [missing, "no_such_database"],
  ] as const) {
    const { message } = await failureOf({ url: address.href, dataDir: "" });
    expect(message).toContain("The database");
    expect(message).toContain(reason);
    expect(message).not.toContain(address.password);
  }
});

test("the store works again after Postgres cut every connection", async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const database = await opened({ url, dataDir: "" });
  const store = storeOn(database);
  const asked = pendingExposure();
  await store.submit(asked, ASKED);
  const other = await opened({ url, dataDir: "" });
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(other.db);
  await expect.poll(() => store.load(asked.id).catch(() => null), { timeout: 20_000 }).toEqual(asked);
});
