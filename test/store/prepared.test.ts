// What is prepared stays right while the tables change under it.
import { type Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import type { Tables } from "../../src/store/tables.ts";
import { onPostgres } from "../engines.ts";
import { startedQueue } from "../jobs/recorder.ts";
import { ASKED, pendingExposure, storeOn } from "./sample-exposure.ts";

/** By their text, on the connection that carries this out: the pool hands out the one that was used last. */
async function prepared(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(db);
  return rows.map(({ statement }) => statement);
}

test("the queue's statements and those behind a click are prepared", async () => {
  const database = await onPostgres();
  const queue = await startedQueue(database);
  const exposures = storeOn(database);
  const exposure = pendingExposure();
  await exposures.submit(exposure, ASKED);
  await exposures.load(exposure.id);
  await queue.enqueue(database.db, "converge", "tunnel-1");
  const statements = await prepared(database.db);
  for (const part of [/insert into "exposures"/, /from "exposures" where "id"/, /INSERT INTO pgboss/])
    expect(statements.filter((statement) => part.test(statement))).toHaveLength(1);
});

test("a column that a newer version adds disturbs no connection of the older one", async () => {
  const database = await onPostgres();
  const exposures = storeOn(database);
  const exposure = pendingExposure();
  await exposures.submit(exposure, ASKED);
  const readAll = async () => [
    await exposures.load(exposure.id),
    await exposures.live(),
    await exposures.ofRequester(exposure.requester.slackId, 5),
    await database.db.selectFrom("exposures").selectAll().where("id", "=", exposure.id).execute(),
  ];
  const before = await readAll();
  for (const table of ["exposures", "votes"])
    await sql`alter table ${sql.table(table)} add column added_later text`.execute(database.db);
  const after = await readAll();
  expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
  expect(after[3]).toMatchObject([{ id: exposure.id, added_later: null }]);
});
