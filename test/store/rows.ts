// Looks at the tables as they are, past the store.
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../../src/store/database.ts";

export async function countOf({ db }: Database, table: string, where: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: string | number }>`
    select count(*) as count from ${sql.table(table)} where ${where}`.execute(db);
  return Number(rows[0]?.count);
}

/** How many rows of each kind this exposure has, and how many jobs wait for it or for its tunnel. */
export async function rowsOf(database: Database, { id, tunnelId }: { id: string; tunnelId: string }) {
  return {
    exposures: await countOf(database, "exposures", sql`id = ${id}`),
    votes: await countOf(database, "votes", sql`exposure_id = ${id}`),
    audit: await countOf(database, "audit", sql`exposure_id = ${id}`),
    messages: await countOf(database, "messages", sql`exposure_id = ${id}`),
    jobs: await countOf(database, "pgboss.job", sql`singleton_key in (${id}, ${tunnelId})`),
  };
}
