// The folder of the embedded store: begun whole or not at all, and refused where anything in it cannot be read.
import { existsSync, readdirSync, renameSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { messageOf, StoreUnusable } from "./unusable.ts";

/** With less than this, Postgres cannot even begin a file of its log. */
const LEAST_BYTES = 20 * 1024 * 1024;

/** Where in the data folder the store is. */
export function storeIn(dataDir: string): string {
  return join(dataDir, "store");
}

/** Whether there is one that openFolder would not have to begin. */
export function hasStore(dataDir: string): boolean {
  return !isEmpty(storeIn(dataDir));
}

/** Throws StoreUnusable. */
export async function openFolder(folder: string): Promise<PGlite> {
  if (isEmpty(folder)) await begin(folder);
  // A folder that lost its version file is a damaged store: PGlite would start an empty one over it.
  if (!existsSync(join(folder, "PG_VERSION")))
    throw new StoreUnusable(
      `The data folder ${folder} is damaged. Restore it from a backup, or move it away to start anew.`,
    );
  return await engine(folder).catch((error: unknown) => {
    throw new StoreUnusable(
      fullDisk(folder) ??
        `The store in ${folder} does not start, it may be damaged (${messageOf(error)}). ` +
          "Restore it from a backup, or move it away to start anew.",
      error,
    );
  });
}

/** Beside its place: a first start that is killed, or finds no room, leaves nothing that looks like a damaged store. */
async function begin(folder: string): Promise<void> {
  const making = `${folder}.new`;
  rmSync(making, { recursive: true, force: true });
  try {
    await (await engine(making)).close();
  } catch (error) {
    const full = fullDisk(folder);
    rmSync(making, { recursive: true, force: true });
    throw new StoreUnusable(full ?? `No store can be made in ${folder}: ${messageOf(error)}.`, error);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
}

async function engine(folder: string): Promise<PGlite> {
  const { PGlite, types } = await import("@electric-sql/pglite");
  // As `pg` does it: a bigint is text, or the same row would differ between the engines.
  const pglite = new PGlite(folder, { parsers: { [types.INT8]: (value) => value } });
  await pglite.waitReady;
  return pglite;
}

/** Reads every row, so that a file that is damaged or gone is found now and not by the first click that needs it. */
export async function readThrough(pglite: PGlite, folder: string): Promise<void> {
  const { rows } = await pglite.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' order by 1",
  );
  try {
    for (const { name } of rows) await pglite.query(`select sum(length(t::text)) from "${name}" t`);
  } catch (error) {
    throw new StoreUnusable(
      `The store in ${folder} is damaged: not every row of it can be read (${messageOf(error)}). ` +
        "Restore it from a backup, or move it away to start anew.",
      error,
    );
  }
}

function isEmpty(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).length === 0;
}

function fullDisk(folder: string): string | null {
  const { bavail, bsize } = statfsSync(dirname(folder));
  if (bavail * bsize >= LEAST_BYTES) return null;
  return `The disk of the data folder ${folder} is full. Nothing is lost: make room, and start again.`;
}
