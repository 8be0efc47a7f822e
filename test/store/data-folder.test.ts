// One process on one data folder, and no damaged folder written over.
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase, StoreUnusable } from "../../src/store/database.ts";
import { FolderInUse, lockFolder } from "../../src/store/folder-lock.ts";
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
  const holder = startChild(HOLD, [folder, "store"]);
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
  const holder = startChild(HOLD, [folder, "store"]);
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
  expect(() => lockFolder(folder)).toThrow(FolderInUse);
  await database.close();
  expect(existsSync(lockOf(folder))).toBe(false);
  lockFolder(folder)();
});

test("a lock is taken over when its process is dead, when it was cut short, and when the id is another's by now", async () => {
  for (const stale of [DEAD, "", "not a lock", `${process.pid} 1`]) {
    const folder = emptyFolder();
    await writeFile(lockOf(folder), stale);
    lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(FolderInUse);
    expect(readFileSync(lockOf(folder), "utf8")).toMatch(new RegExp(`^${process.pid} `));
  }
});

test("of four processes that find a dead one's lock at the same moment one takes it over", async () => {
  for (let round = 0; round < 5; round++) {
    const folder = emptyFolder();
    await writeFile(lockOf(folder), DEAD);
    const together = String(Date.now() + 1_500);
    const children = Array.from({ length: 4 }, () => startChild(HOLD, [folder, "lock", together]));
    const answers = await Promise.all(
      children.map((child) =>
        Promise.any([child.says("holds").then(() => "holds"), child.says("refused").then(() => "refused")]),
      ),
    );
    expect(answers.filter((answer) => answer === "holds")).toHaveLength(1);
    for (const child of children) await child.kill("SIGKILL");
  }
});

test("a process that died between looking and taking holds up nobody for long", async () => {
  const folder = emptyFolder();
  await mkdir(`${lockOf(folder)}.turn`);
  lockFolder(folder)();
  expect(readdirSync(folder)).toEqual([]);
});

const DAMAGES: Record<string, (store: string) => void> = {
  "its version file is gone": (store) => rmSync(join(store, "PG_VERSION")),
  "its control file is gone": (store) => rmSync(join(store, "global/pg_control")),
  "its control file is cut short": (store) => truncateSync(join(store, "global/pg_control"), 10),
  "its tables are gone": (store) => rmSync(join(store, "base"), { recursive: true }),
  "its log is gone": (store) => rmSync(join(store, "pg_wal"), { recursive: true }),
};

for (const [damage, inflict] of Object.entries(DAMAGES))
  test(`a store is refused and not written over when ${damage}`, async () => {
    const folder = await storeFolder();
    inflict(join(folder, "store"));
    const before = dataIn(folder);
    const refused = openDatabase({ dataDir: folder });
    await expect(refused).rejects.toThrow(StoreUnusable);
    await expect(refused).rejects.toThrow(/damaged.*Restore it from a backup, or move it away/);
    expect(dataIn(folder)).toEqual(before);
    // And it can be looked into: nobody holds it.
    lockFolder(folder)();
  });

/** Every file that holds data, with its content. */
function dataIn(folder: string): Record<string, string> {
  const names = readdirSync(join(folder, "store"), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /base|global|PG_VERSION|pg_wal/.test(join(entry.parentPath, entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(name, "latin1")]));
}

test("a folder that may not be written is told as such", async () => {
  const folder = emptyFolder();
  chmodSync(folder, 0o555);
  // To root every folder can be written: there the child is somebody else.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = startChild(HOLD, [folder, "store"], nobody);
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
