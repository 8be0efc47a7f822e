// Several writes as one statement: in the transaction of a click, each round trip to the database is waited for by a person.
import { type OperationNodeSource, sql, type Transaction } from "kysely";
import type { Tables } from "./tables.ts";

/** None of them may build on another: all see the tables as they were before. Nulls are left out. */
export async function together(
  trx: Transaction<Tables>,
  writes: readonly (OperationNodeSource | null)[],
): Promise<void> {
  const parts = writes
    .filter((write) => write !== null)
    .map((write, index) => sql`${sql.id(`write_${index}`)} as (${write})`);
  if (parts.length > 0) await sql`with ${sql.join(parts)} select 1`.execute(trx);
}
