// A sign of life of the store, for the doctor: asked without changing anything, not even its tables.
import { sql } from "kysely";
import pg from "pg";
import type { StoreFacts } from "../domain/doctor-facts.ts";
import { connectCloudSql } from "./cloud-sql.ts";
import type { Database, StoreLocation } from "./database.ts";
import { FolderInUse, lockFolder } from "./folder-lock.ts";
import { StoreUnusable } from "./unusable.ts";

const TIMEOUT_MS = 5_000;

export async function feelPulse(where: StoreLocation): Promise<StoreFacts> {
  if (where.url) return await askPostgres({ connectionString: where.url });
  if (!where.cloudSql) return askFolder(where.dataDir);
  const { connection, close } = await connectCloudSql(where.cloudSql);
  try {
    return await askPostgres(connection);
  } finally {
    close();
  }
}

/** Of the store as this process has it open. */
export async function pulseOf({ db, pglite }: Database): Promise<StoreFacts> {
  const began = performance.now();
  try {
    await sql`select 1`.execute(db);
  } catch (error) {
    throw new StoreUnusable(
      "The database does not answer just now. Look at the bot's log and at its server.",
      error,
    );
  }
  const ms = Math.round(performance.now() - began);
  return { engine: pglite ? "PGlite" : "Postgres", ms, held: false };
}

async function askPostgres(connection: pg.ClientConfig): Promise<StoreFacts> {
  const limits = {
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  };
  const client = new pg.Client({ ...connection, ...limits });
  client.on("error", () => undefined);
  const began = performance.now();
  try {
    await client.connect();
    await client.query("select 1");
    return { engine: "Postgres", ms: Math.round(performance.now() - began), held: false };
  } catch (error) {
    const why = error instanceof AggregateError ? error.errors.map(String).join("; ") : String(error);
    throw new StoreUnusable(
      `The database does not answer: ${why}. Check DATABASE_URL and the way there.`,
      error,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

function askFolder(folder: string): StoreFacts {
  const began = performance.now();
  try {
    lockFolder(folder)();
    return { engine: "PGlite", ms: Math.round(performance.now() - began), held: false };
  } catch (error) {
    if (error instanceof FolderInUse) return { engine: "PGlite", ms: 0, held: true };
    throw new StoreUnusable(
      `The data folder ${folder} cannot be used. DATA_DIR has to be a folder that this process may write.`,
      error,
    );
  }
}
