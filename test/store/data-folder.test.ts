// One process on one data folder, and no damaged folder written over.
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { mkdir, rmdir, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { writeAudit } from "../../src/store/audit.ts";
import { openDatabase } from "../../src/store/database.ts";
import { FolderInUse, lockFolder } from "../../src/store/folder-lock.ts";
import { StoreUnusable } from "../../src/store/unusable.ts";
import { startChild } from "../child.ts";
import { embeddedFolder } from "../engines.ts";
import { ASKED, pendingExposure, storeOn } from "./sample-exposure.ts";

const HOLD = "store/hold-folder.ts";

/** No process has this id: it is above Linux's highest. */
const DEAD = "4194305 1";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function storeFolder(): Promise<string> {
  const folder = await embeddedFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function lockOf(folder: string): string {
  return join(folder, "drawbridge.lock");
}

test("while one process has a folder open a second is told who has it and what to do", async () => {
  const folder = await storeFolder();
  const holder = startChild(HOLD, [folder]);
  await holder.says("holds");
  const refused = openDatabase({ dataDir: folder });
  await expect(refused).rejects.toThrow(FolderInUse);
  await expect(refused).rejects.toThrow(
    new RegExp(`folder ${folder} is in use by process ${holder.pid}\\b.*DATABASE_URL`),
  );
});

test("a folder whose process was killed is taken over, with all that was written", async () => {
  const folder = await storeFolder();
  const asked = pendingExposure();
  const first = await openDatabase({ dataDir: folder });
  await storeOn(first).submit(asked, ASKED);
  await first.close();
  const holder = startChild(HOLD, [folder]);
  await holder.says("holds");
  await holder.kill("SIGKILL");
  expect(existsSync(lockOf(folder))).toBe(true);

  const database = await openDatabase({ dataDir: folder });
  onTestFinished(database.close);
  expect(await storeOn(database).load(asked.id)).toEqual(asked);
});

test("a lock is given back when the store is closed, and held until then", async () => {
  const folder = await storeFolder();
  const database = await openDatabase({ dataDir: folder });
  await expect(lockFolder(folder)).rejects.toThrow(FolderInUse);
  await database.close();
  expect(existsSync(lockOf(folder))).toBe(false);
  (await lockFolder(folder))();
});

test("a lock is taken over when its process is dead, when it was cut short, and when the id is another's by now", async () => {
  for (const stale of [DEAD, "", "not a lock", `${process.pid} 1`]) {
    const folder = emptyFolder();
    await writeFile(lockOf(folder), stale);
    const giveBack = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(FolderInUse);
    expect(readFileSync(lockOf(folder), "utf8")).toMatch(new RegExp(`^${process.pid} `));
    giveBack();
  }
});

test("of two who find a dead one's lock the slower does not take away the quicker one's", async () => {
  const folder = emptyFolder();
  const turn = `${lockOf(folder)}.turn`;
  await writeFile(lockOf(folder), DEAD);
  // We are at it, and take our time: the turn cannot look abandoned.
  await mkdir(turn);
  await utimes(turn, Date.now() / 1000, Date.now() / 1000 + 3_600);
  const slower = startChild(HOLD, [folder, "lock"]);
  await slower.says("tries");
  // By now a process that does not wait for its turn holds the lock.
  await setTimeout(500);
  expect(readFileSync(lockOf(folder), "utf8")).toBe(DEAD);
  await writeFile(lockOf(folder), String(process.pid));
  await rmdir(turn);
  expect(await slower.ended()).toContain(`in use by process ${process.pid}`);
});

test("the turn of a process that died in it is taken away", async () => {
  const folder = emptyFolder();
  const turn = `${lockOf(folder)}.turn`;
  await mkdir(turn);
  await utimes(turn, 1, 1);
  (await lockFolder(folder))();
  expect(readdirSync(folder)).toEqual([]);
});

const DAMAGES: Record<string, (store: string) => void> = {
  "its version file is gone": (store) => rmSync(join(store, "PG_VERSION")),
  "its control file is gone": (store) => rmSync(join(store, "global/pg_control")),
  "its control file is cut short": (store) => truncateSync(join(store, "global/pg_control"), 10),
  "its tables are gone": (store) => rmSync(join(store, "base"), { recursive: true }),
  "its log is gone": (store) => rmSync(join(store, "pg_wal"), { recursive: true }),
};
const IN_ONE_TABLE: typeof DAMAGES = {
  "the file of one table is gone": (store) => rmSync(largestTable(store)),
  "a page of one table is another's": (store) => writePage(largestTable(store), "not what was here"),
};

/** Our tables came after the system's, whose files have lower numbers. */
function largestTable(store: string): string {
  const folder = join(store, "base/5");
  const own = readdirSync(folder).filter((name) => Number(name) >= FIRST_OWN_FILE);
  const sized = own.map((name) => ({ file: join(folder, name), size: statSync(join(folder, name)).size }));
  return sized.sort((a, b) => b.size - a.size)[0]?.file ?? "";
}

const FIRST_OWN_FILE = 16_384;
const PAGE_BYTES = 8_192;

function writePage(file: string, words: string): void {
  const page = Buffer.alloc(PAGE_BYTES, words);
  const bytes = readFileSync(file);
  page.copy(bytes);
  writeFileSync(file, bytes);
}

for (const [damage, inflict] of Object.entries({ ...DAMAGES, ...IN_ONE_TABLE }))
  test(`a store is refused and not written over when ${damage}`, async () => {
    const folder = await storeFolder();
    if (damage in IN_ONE_TABLE) await fill(folder);
    inflict(join(folder, "store"));
    const before = rowsIn(folder);
    const refused = openDatabase({ dataDir: folder });
    await expect(refused).rejects.toThrow(StoreUnusable);
    await expect(refused).rejects.toThrow(/damaged.*Restore it from a backup, or move it away/);
    expect(rowsIn(folder)).toEqual(before);
    // And it can be looked into: nobody holds it.
    (await lockFolder(folder))();
  });

/** Rows on more than one page. */
async function fill(folder: string): Promise<void> {
  const { db, close } = await openDatabase({ dataDir: folder });
  const entry = { at: ASKED.at, actor: "U0ASHA", action: "request", exposureId: null, outcome: "ok" };
  const details = { reason: "Month-end closing ".repeat(50) };
  await writeAudit(
    db,
    Array.from({ length: 60 }, () => ({ ...entry, details })),
  );
  await close();
}

test("a first start that was killed half way is begun anew; a store that is there never is", async () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, "store.new/base"), { recursive: true });
  await writeFile(join(folder, "store.new/PG_VERSION"), "18");
  const asked = pendingExposure();
  const first = await openDatabase({ dataDir: folder });
  await storeOn(first).submit(asked, ASKED);
  await first.close();
  expect(readdirSync(folder)).toEqual(["store"]);
  const again = await openDatabase({ dataDir: folder });
  onTestFinished(again.close);
  expect(await storeOn(again).load(asked.id)).toEqual(asked);
});

/** The files that hold rows, each with its digest. */
function rowsIn(folder: string): Record<string, string> {
  const names = readdirSync(join(folder, "store"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "pg_internal.init")
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((name) => /\/(base|global\/\d|pg_xact)/.test(name));
  return Object.fromEntries(
    names.map((name) => [name, createHash("sha256").update(readFileSync(name)).digest("hex")]),
  );
}

test("a folder that may not be written is told as such", async () => {
  const folder = emptyFolder();
  chmodSync(folder, 0o555);
  // To root every folder can be written: there the child is somebody else.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = startChild(HOLD, [folder], nobody);
  const said = await child.ended();
  expect(said).toContain(`StoreUnusable: The data folder ${folder} cannot be used`);
  expect(said).toContain("EACCES");
  expect(readdirSync(folder)).toEqual([]);
});

test("a data folder that is a file is told as such", async () => {
  const folder = emptyFolder();
  const file = join(folder, "data");
  await writeFile(file, "notes");
  await expect(openDatabase({ dataDir: file })).rejects.toThrow(StoreUnusable);
  expect(readFileSync(file, "utf8")).toBe("notes");
});
