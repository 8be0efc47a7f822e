// Runs the same tests on both engines: PGlite in a temp folder, and Postgres.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, onTestFinished } from "vitest";
import { type Database, openDatabase } from "../src/store/database.ts";
import { madeOnce } from "./made-once.ts";
import { createEmptyDatabase, createTestDatabase } from "./postgres.ts";

export type Engine = "PGlite" | "Postgres";

/** `open` gives a fresh database with every table in it; it is closed and removed after the group's last test. */
export function onBothEngines(
  name: string,
  tests: (open: () => Promise<Database>, engine: Engine) => void,
): void {
  for (const engine of ["PGlite", "Postgres"] as const)
    describe(`${name}, on ${engine}`, () => {
      const undo: (() => Promise<void>)[] = [];
      afterAll(async () => {
        for (const step of undo.reverse()) await step();
      });
      tests(() => (engine === "PGlite" ? openEmbedded(undo) : openPostgres(undo)), engine);
    });
}

async function openEmbedded(undo: (() => Promise<void>)[]): Promise<Database> {
  const dataDir = await embeddedFolder();
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const database = await openDatabase({ dataDir });
  undo.push(database.close);
  return database;
}

async function openPostgres(undo: (() => Promise<void>)[]): Promise<Database> {
  const { url, drop } = await createTestDatabase();
  undo.push(drop);
  const database = await openDatabase({ url, dataDir: "" });
  undo.push(database.close);
  return database;
}

/** A fresh Postgres database with every table in it, for one test. */
export async function onPostgres(): Promise<Database> {
  const undo: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    for (const step of undo.reverse()) await step();
  });
  return await openPostgres(undo);
}

/** A data folder of the embedded store with every table in it, for whoever opens it; the caller removes it. */
export async function embeddedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-store-"));
  await cp(await madeOnce("embedded"), folder, { recursive: true });
  return folder;
}

/** The address of a Postgres database with nothing in it, for one test. */
export async function emptyUrl(): Promise<string> {
  const { url, drop } = await createEmptyDatabase();
  onTestFinished(drop);
  return url;
}
