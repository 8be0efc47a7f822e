// The disk of the embedded store runs full: what cannot be stored is refused and said, and nothing that was is lost. A disk
// of its own in memory needs Linux and the rights of root.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readAudit, writeAudit } from "../../src/store/audit.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { embeddedFolder } from "../engines.ts";

const MIB = 1024 * 1024;

/** A disk of this size, mounted on a folder. */
function disk(mebibytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder]);
  onTestFinished(() => {
    // The engine that found no room keeps its files open.
    execFileSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Somebody else's file that takes all the room there is. */
function fillUp(file: string): void {
  const piece = Buffer.alloc(MIB / 16);
  for (let full = false; !full; )
    try {
      appendFileSync(file, piece);
    } catch {
      full = true;
    }
}

async function write({ db }: Database, words: string): Promise<void> {
  const entry = { at: new Date(), actor: "U0ASHA", action: "request", exposureId: null, outcome: "ok" };
  await writeAudit(db, [{ ...entry, details: { words } }]);
}

async function rowsIn({ db }: Database): Promise<number> {
  let count = 0;
  for await (const _ of readAudit(db, new Date(0))) count += 1;
  return count;
}

test("full while it runs: what is written is refused, what was written stays, and room is all that it takes", async () => {
  const data = join(disk(160), "data");
  execFileSync("cp", ["-r", await embeddedFolder(), data]);
  const filler = join(data, "filler");
  const first = await openDatabase({ dataDir: data });
  for (let count = 0; count < 50; count++) await write(first, "Month-end closing ".repeat(200));
  fillUp(filler);
  let stored = 50;
  let refused: unknown = null;
  while (!refused)
    await write(first, "Month-end closing ".repeat(200)).then(
      () => {
        stored += 1;
      },
      (error: unknown) => {
        refused = error;
      },
    );
  expect(String(refused)).toContain("No space left on device");
  expect(await rowsIn(first)).toBe(stored);
  rmSync(filler);
  await write(first, "with room again");
  await first.close();
  const again = await openDatabase({ dataDir: data });
  onTestFinished(again.close);
  expect(await rowsIn(again)).toBe(stored + 1);
});

test("a first start without room says so, and leaves nothing half made", async () => {
  const mount = disk(20);
  const data = join(mount, "data");
  await expect(openDatabase({ dataDir: data })).rejects.toThrow(/The disk of the data folder .* is full\./);
  expect(readdirSync(data)).toEqual([]);
  execFileSync("mount", ["-o", "remount,size=160m", mount]);
  const database = await openDatabase({ dataDir: data });
  onTestFinished(database.close);
  expect(await rowsIn(database)).toBe(0);
});
