// A sign of life of the store, for the doctor: asked without changing anything, not even its tables.
import { sql } from "kysely";
import pg from "pg";
import type { StoreFacts } from "../domain/doctor-facts.ts";
import { type Database, type StoreToOpen, serverOf } from "./database.ts";
import { isFolderInUse, writeInFolder } from "./folder-lock.ts";
import { messageOf, StoreUnusable } from "./unusable.ts";

const TIMEOUT_MS = 5_000;

/** Throws StoreUnusable. */
export async function feelPulse(where: StoreToOpen): Promise<StoreFacts> {
  const server = await serverOf(where);
  if (!server) return await askFolder(where.dataDir);
  const setting = where.url ? "DATABASE_URL" : "CLOUD_SQL_INSTANCE and CLOUD_SQL_USER";
  try {
    return await askPostgres(server.connection, setting);
  } finally {
    server.release();
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

async function askPostgres(connection: pg.ClientConfig, setting: string): Promise<StoreFacts> {
  const limits = {
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  };
  const client = new pg.Client({ ...connection, ...limits });
  client.on("error", () => undefined);
  try {
    await client.connect();
    // The log-in is done once for each connection, which the bot keeps.
    const began = performance.now();
    await client.query("select 1");
    return { engine: "Postgres", ms: Math.round(performance.now() - began), held: false };
  } catch (error) {
    throw new StoreUnusable(
      `The database does not answer: ${messageOf(error)}. Check ${setting}, and the way there.`,
      error,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The lock of a running bot is not touched. */
async function askFolder(folder: string): Promise<StoreFacts> {
  const began = performance.now();
  try {
    await writeInFolder(folder);
    const ms = Math.round(performance.now() - began);
    return { engine: "PGlite", ms, held: await isFolderInUse(folder) };
  } catch (error) {
    throw new StoreUnusable(
      `The data folder ${folder} cannot be used. DATA_DIR has to be a folder that this process may write.`,
      error,
    );
  }
}
