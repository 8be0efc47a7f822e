// Chores: what is to be done once, whichever process comes to it, and again by another if that one died in the middle.
import { type Kysely, sql } from "kysely";
import type { Tables } from "./tables.ts";

/** Whoever claimed a chore this long ago and did not finish it is dead, or met a fault. */
export const ABANDONED_MS = 10 * 60_000;
const KEPT_MS = 90 * 24 * 60 * 60_000;

export type Chores = ReturnType<typeof createChores>;

export function createChores(db: Kysely<Tables>) {
  return {
    /** True for the one caller who is to do it now. */
    claim: async (name: string, at: Date): Promise<boolean> => {
      const abandoned = new Date(at.getTime() - ABANDONED_MS);
      const row = await db
        .insertInto("chores")
        .values({ name, claimed_at: at, done_at: null })
        .onConflict((conflict) =>
          conflict
            .column("name")
            .doUpdateSet({ claimed_at: at })
            .where("chores.done_at", "is", null)
            .where("chores.claimed_at", "<=", abandoned),
        )
        .returning("name")
        .executeTakeFirst();
      return row !== undefined;
    },
    done: async (name: string, at: Date): Promise<void> => {
      await db.updateTable("chores").set({ done_at: at }).where("name", "=", name).execute();
      await db
        .deleteFrom("chores")
        .where(sql<boolean>`done_at < ${new Date(at.getTime() - KEPT_MS)}`)
        .execute();
    },
  };
}
