// What is to be done once is done by one, and by another when that one did not finish.

import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { ABANDONED_MS, type Chores, createChores } from "../../src/store/chores.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothEngines } from "../engines.ts";
import { countOf } from "./rows.ts";

const NOON = new Date("2030-01-05T12:00:00Z");
const after = (ms: number) => new Date(NOON.getTime() + ms);

onBothEngines("chores", (open) => {
  let database: Database;
  let chores: Chores;
  beforeAll(async () => {
    database = await open();
    chores = createChores(database.db);
  });

  test("of many who come at once one does it", async () => {
    const claims = await Promise.all(Array.from({ length: 10 }, () => chores.claim("crowd", NOON)));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test("what is done is not done again, however late", async () => {
    expect(await chores.claim("once", NOON)).toBe(true);
    await chores.done("once", after(1_000));
    expect(await chores.claim("once", after(ABANDONED_MS * 10))).toBe(false);
  });

  test("what was begun and not finished is taken up by one other, after a while", async () => {
    expect(await chores.claim("left", NOON)).toBe(true);
    expect(await chores.claim("left", after(ABANDONED_MS - 1))).toBe(false);
    const claims = await Promise.all([1, 2, 3].map(() => chores.claim("left", after(ABANDONED_MS))));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test("old ones are forgotten, unfinished ones stay", async () => {
    await chores.claim("old", NOON);
    await chores.done("old", NOON);
    await chores.claim("unfinished", NOON);
    const much = after(100 * 24 * 60 * 60_000);
    await chores.claim("new", much);
    await chores.done("new", much);
    expect(await countOf(database, "chores", sql`name in ('old', 'once')`)).toBe(0);
    expect(await countOf(database, "chores", sql`name in ('unfinished', 'new')`)).toBe(2);
  });
});
