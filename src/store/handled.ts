// The keys of clicks and submissions that were carried out, so that a repeat of one changes nothing.
import type { Transaction } from "kysely";
import type { Tables } from "./tables.ts";

export async function isFirst(trx: Transaction<Tables>, key: string, at: Date): Promise<boolean> {
  const added = await trx
    .insertInto("handled")
    .values({ key, at })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .returning("key")
    .executeTakeFirst();
  return added !== undefined;
}

/** To be asked while the row that the click is about is locked, so that nobody can be handling the same key just now. */
export async function isHandled(trx: Transaction<Tables>, key: string): Promise<boolean> {
  const found = await trx.selectFrom("handled").select("key").where("key", "=", key).executeTakeFirst();
  return found !== undefined;
}
