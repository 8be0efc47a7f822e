// The audit is only ever added to, and can be read in full.
import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { type AuditEntry, readAudit, writeAudit } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothEngines } from "../engines.ts";
import { minutesPast, NOON } from "./sample-exposure.ts";

function entry(action: string, at: Date = NOON): AuditEntry {
  return { at, actor: "U-LEE", action, exposureId: null, outcome: "ok", details: { note: "見た", count: 1 } };
}

async function readAll(database: Database, since: Date) {
  const entries = [];
  for await (const each of readAudit(database.db, since)) entries.push(each);
  return entries;
}

onBothEngines("the audit", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  for (const statement of ["update audit set outcome = 'denied'", "delete from audit", "truncate audit"])
    test(`refuses: ${statement}`, async () => {
      await writeAudit(database.db, [entry("approve")]);
      const before = await readAll(database, NOON);
      await expect(sql.raw(statement).execute(database.db)).rejects.toThrow("append-only");
      expect(await readAll(database, NOON)).toEqual(before);
    });

  test("is read over many pages in the order of writing, each entry once and as it was written", async () => {
    const since = minutesPast(1_000);
    const written = Array.from({ length: 1_203 }, (_, index) => entry(`action ${index}`, since));
    for (let from = 0; from < written.length; from += 400)
      await writeAudit(database.db, written.slice(from, from + 400));
    const read = await readAll(database, since);
    expect(read.map(({ seq: _, ...each }) => each)).toEqual(written);
    for (const { seq } of read) expect(seq).toBeTypeOf("string");
  });

  test("a page that is exactly full is followed by the rest", async () => {
    const since = minutesPast(2_000);
    const written = Array.from({ length: 1_000 }, (_, index) => entry(`action ${index}`, since));
    await writeAudit(database.db, written);
    expect(await readAll(database, since)).toHaveLength(1_000);
  });

  test("leaves out what is older than asked for", async () => {
    await writeAudit(database.db, [entry("before", minutesPast(2_999)), entry("after", minutesPast(3_000))]);
    expect((await readAll(database, minutesPast(3_000))).map(({ action }) => action)).toEqual(["after"]);
    expect(await readAll(database, minutesPast(3_001))).toEqual([]);
  });

  test("writing nothing is fine", async () => {
    await writeAudit(database.db, []);
    expect(await readAll(database, minutesPast(4_000))).toEqual([]);
  });
});
