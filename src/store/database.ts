// Opens the store: Postgres by its address, Cloud SQL by IAM, or the same SQL on an embedded PGlite, and brings its tables
// up to date.
import type { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, PostgresDialect, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import pg from "pg";
import type { CloudSqlEndpoint, CloudSqlLocation } from "./cloud-sql.ts";
import { openFolder, readThrough, storeIn } from "./embedded-folder.ts";
import { FolderInUse, lockFolder } from "./folder-lock.ts";
import * as exposures0001 from "./migrations/0001-exposures.ts";
import * as tunnelHealth0002 from "./migrations/0002-tunnel-health.ts";
import * as incidents0003 from "./migrations/0003-incidents.ts";
import * as chores0004 from "./migrations/0004-chores.ts";
import * as writesUnderWay0005 from "./migrations/0005-writes-under-way.ts";
import * as loginsShown0006 from "./migrations/0006-logins-shown.ts";
import { PreparingClient } from "./prepared.ts";
import type { Tables } from "./tables.ts";
import { messageOf, StoreUnusable } from "./unusable.ts";

const MIGRATIONS: Record<string, Migration> = {
  "0001-exposures": exposures0001,
  "0002-tunnel-health": tunnelHealth0002,
  "0003-incidents": incidents0003,
  "0004-chores": chores0004,
  "0005-writes-under-way": writesUnderWay0005,
  "0006-logins-shown": loginsShown0006,
};

/** No statement of ours may take longer: a click has three seconds, and a hung one must not hold up the next. */
const STATEMENT_TIMEOUT_MS = 2_000;
/** At the start nobody waits for an answer, and another replica may be at the tables just now. */
const MIGRATION_TIMEOUT_MS = 60_000;

export type Database = {
  db: Kysely<Tables>;
  /** The embedded engine, for whoever has to share its single connection; null on Postgres. */
  pglite: PGlite | null;
  /** How to reach the same database by further connections; null on the embedded engine. */
  connection: pg.ClientConfig | null;
  close(): Promise<void>;
};

/** The first that is set counts. */
export type StoreLocation = { url?: string; cloudSql?: CloudSqlLocation; dataDir: string };

/** For tests: where the Admin API of Cloud SQL is. */
export type StoreToOpen = StoreLocation & { cloudSqlEndpoint?: CloudSqlEndpoint };

export async function openDatabase(where: StoreToOpen): Promise<Database> {
  return await openWith(where, migrate);
}

/** To read in: the tables stay as the bot that runs needs them. Throws StoreUnusable where no bot has made any. */
export async function openAsItIs(where: StoreToOpen): Promise<Database> {
  return await openWith(where, refuseEmpty);
}

type Prepare = (db: Kysely<Tables>) => Promise<void>;

async function openWith(where: StoreToOpen, prepare: Prepare): Promise<Database> {
  const server = await serverOf(where);
  return server ? await openPostgres(server, prepare) : await openEmbedded(where.dataDir, prepare);
}

/** How to reach the database server, and what lets go of the way there. */
export type Server = { connection: pg.ClientConfig; release(): void };

/** Null for the embedded engine. Throws StoreUnusable. */
export async function serverOf(where: StoreToOpen): Promise<Server | null> {
  if (where.url) return { connection: { connectionString: where.url }, release: () => undefined };
  if (!where.cloudSql) return null;
  // Loaded by those who use it: the connector and the embedded engine take 17 MiB.
  const { connectCloudSql } = await import("./cloud-sql.ts");
  const { connection, close } = await connectCloudSql(where.cloudSql, where.cloudSqlEndpoint).catch(unusable);
  return { connection, release: close };
}

async function openPostgres({ connection, release }: Server, prepare: Prepare): Promise<Database> {
  try {
    await preparePostgres(connection, prepare);
  } catch (error) {
    release();
    return unusable(error);
  }
  const db = connect(connection, 10, STATEMENT_TIMEOUT_MS);
  const close = async () => {
    await db.destroy();
    release();
  };
  return { db, pglite: null, connection, close };
}

function unusable(error: unknown): never {
  if (error instanceof StoreUnusable) throw error;
  throw new StoreUnusable(`The database cannot be used: ${messageOf(error)}`, error);
}

/** On a connection of its own: the time limits of a click are too short for a table that is built or waited for. */
async function preparePostgres(connection: pg.ClientConfig, prepare: Prepare): Promise<void> {
  const db = connect(connection, 1, MIGRATION_TIMEOUT_MS);
  try {
    // Whoever cannot get in should not read of tables.
    await sql`select 1`.execute(db);
    await prepare(db);
  } finally {
    await db.destroy();
  }
}

function connect(connection: pg.ClientConfig, max: number, statementTimeoutMs: number): Kysely<Tables> {
  const pool = new pg.Pool({
    ...connection,
    Client: PreparingClient,
    max,
    connectionTimeoutMillis: STATEMENT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 500,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  });
  // An idle connection that the server closes is replaced by the next query; without a listener it would end the process.
  pool.on("error", () => undefined);
  // So would one that is in use: its query fails all the same.
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

async function openEmbedded(folder: string, prepare: Prepare): Promise<Database> {
  let unlock = () => {};
  try {
    unlock = await lockFolder(folder);
    const store = storeIn(folder);
    const pglite = await openFolder(store);
    const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
    const close = async () => {
      await db.destroy();
      if (!pglite.closed) await pglite.close();
      unlock();
    };
    try {
      await prepare(db);
      await readThrough(pglite, store);
    } catch (error) {
      await close();
      return unusable(error);
    }
    return { db, pglite, connection: null, close };
  } catch (error) {
    unlock();
    throw error instanceof StoreUnusable || error instanceof FolderInUse
      ? error
      : new StoreUnusable(
          `The data folder ${folder} cannot be used: ${messageOf(error)}. It has to be a folder that this process may write.`,
          error,
        );
  }
}

async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => MIGRATIONS },
    migrationTableName: "drawbridge_migration",
    migrationLockTableName: "drawbridge_migration_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  throw new StoreUnusable(
    (await isOfNewerVersion(db))
      ? "A newer version of Drawbridge has migrated this database: deploy that version, or restore a backup from before it (docs/deploy.md)."
      : `The database could not be brought up to date: ${messageOf(error)}`,
    error,
  );
}

async function isOfNewerVersion(db: Kysely<Tables>): Promise<boolean> {
  const done = sql<{ name: string }>`select name from drawbridge_migration`.execute(db);
  const { rows } = await done.catch(() => ({ rows: [] }));
  return rows.some(({ name }) => !(name in MIGRATIONS));
}

async function refuseEmpty(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ made: boolean }>`select to_regclass('audit') is not null as made`.execute(db);
  if (rows[0]?.made) return;
  throw new StoreUnusable(
    "There is nothing of Drawbridge's in this database. DATABASE_URL, CLOUD_SQL_INSTANCE or DATA_DIR say which one the bot uses; it makes its tables when it first starts.",
  );
}
