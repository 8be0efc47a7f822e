// The keys of clicks and submissions that were carried out, so that a repeat of one changes nothing.
import { type RawBuilder, sql, type Transaction } from "kysely";
import type { Tables } from "./tables.ts";

export function handledNote(trx: Transaction<Tables>, key: string, at: Date) {
  return trx
    .insertInto("handled")
    .values({ key, at })
    .onConflict((conflict) => conflict.column("key").doNothing());
}

export async function isFirst(trx: Transaction<Tables>, key: string, at: Date): Promise<boolean> {
  return (await handledNote(trx, key, at).returning("key").executeTakeFirst()) !== undefined;
}

/** To be asked while the row that the click is about is locked, so that nobody can be handling the same key just now. */
export function wasHandled(key: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from handled where key = ${key})`;
}

export async function isHandled(trx: Transaction<Tables>, key: string): Promise<boolean> {
  const answer = await trx.selectNoFrom(wasHandled(key).as("handled")).executeTakeFirstOrThrow();
  return answer.handled;
}
