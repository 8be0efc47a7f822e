// A store of another version of the bot: reading leaves it as it is, and whoever cannot use it is told what to do.
import { rm } from "node:fs/promises";
import { sql } from "kysely";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { readAudit, writeAudit } from "../../src/store/audit.ts";
import { type Database, openAsItIs, openDatabase } from "../../src/store/database.ts";
import { StoreUnusable } from "../../src/store/unusable.ts";
import { embeddedFolder, emptyUrl } from "../engines.ts";
import { oldDatabase } from "./old-database.ts";

const ENTRY = {
  at: new Date("2026-11-24T09:00:00Z"),
  actor: "U0ASHA",
  action: "request",
  exposureId: "x1",
  outcome: "ok",
  details: {},
};
const NEWER =
  "A newer version of Drawbridge has migrated this database: deploy that version, or restore a backup from before it (docs/deploy.md).";

async function toRead(where: { url?: string; dataDir: string }): Promise<Database> {
  const database = await openAsItIs(where);
  onTestFinished(database.close);
  return database;
}

async function auditOf({ db }: Database): Promise<unknown[]> {
  const entries: unknown[] = [];
  for await (const entry of readAudit(db, new Date(0))) entries.push(entry);
  return entries;
}

async function migrationsOf({ db }: Database): Promise<unknown[]> {
  const { rows } = await sql<{ name: string }>`select name from drawbridge_migration order by 1`.execute(db);
  return rows.map(({ name }) => name);
}

function migratedByNewer({ db }: Database) {
  return sql`insert into drawbridge_migration values ('9999-of-tomorrow', '2026-11-24')`.execute(db);
}

async function refusalOf(opening: Promise<Database>): Promise<string> {
  const failure = await opening.then(
    (database) => database.close(),
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(StoreUnusable);
  return (failure as StoreUnusable).message;
}

test("the audit of an older version is read, and its tables stay as the bot that runs needs them", async () => {
  const database = await toRead({ url: await oldDatabase(), dataDir: "" });
  await writeAudit(database.db, [ENTRY]);
  expect(await auditOf(database)).toEqual([expect.objectContaining(ENTRY)]);
  expect(await migrationsOf(database)).toEqual(["0001-exposures"]);
});

test("reading an empty database makes nothing in it, and says where to look", async () => {
  const url = await emptyUrl();
  expect(await refusalOf(openAsItIs({ url, dataDir: "" }))).toContain(
    "There is nothing of Drawbridge's in this database.",
  );
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  const { rows } = await client.query("select tablename from pg_tables where schemaname = 'public'");
  expect(rows).toEqual([]);
});

test("a database of a newer version is refused with what to do, and its audit can be read", async () => {
  const url = await oldDatabase();
  const bot = await openDatabase({ url, dataDir: "" });
  await migratedByNewer(bot);
  await writeAudit(bot.db, [ENTRY]);
  await bot.close();
  expect(await refusalOf(openDatabase({ url, dataDir: "" }))).toBe(NEWER);
  expect(await auditOf(await toRead({ url, dataDir: "" }))).toEqual([expect.objectContaining(ENTRY)]);
});

test("so is an embedded one", async () => {
  const dataDir = await embeddedFolder();
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const bot = await openDatabase({ dataDir });
  await migratedByNewer(bot);
  await writeAudit(bot.db, [ENTRY]);
  await bot.close();
  expect(await refusalOf(openDatabase({ dataDir }))).toBe(NEWER);
  const database = await toRead({ dataDir });
  expect(await auditOf(database)).toEqual([expect.objectContaining(ENTRY)]);
  expect(await migrationsOf(database)).toContain("9999-of-tomorrow");
});
