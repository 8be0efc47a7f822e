// What the alerts channel is told of once for as long as it stands: holes, and marks that nobody knows. The table is named after
// the holes, which it was made for.
import type { Kysely } from "kysely";
import type { MessageRef } from "../domain/exposure.ts";
import type { Tables } from "./tables.ts";

export type Reports = ReturnType<typeof createReports>;

export function createReports(db: Kysely<Tables>) {
  return {
    /** What was noted before stays as it is, reported or not. */
    note: async (key: string, at: Date): Promise<void> => {
      await db
        .insertInto("holes")
        .values({ key, first_seen: at, last_seen: at })
        .onConflict((conflict) => conflict.column("key").doNothing())
        .execute();
    },
    unreported: async (): Promise<string[]> => {
      const rows = await db.selectFrom("holes").select("key").where("ts", "is", null).execute();
      return rows.map((row) => row.key);
    },
    reported: async (key: string, { channel, ts }: MessageRef): Promise<void> => {
      await db.updateTable("holes").set({ channel, ts }).where("key", "=", key).execute();
    },
    /** Forgets what is gone, so that it is reported when it comes back. */
    forgetBut: async (prefix: string, keys: string[]): Promise<void> => {
      const query = db.deleteFrom("holes").where("key", "like", `${prefix}%`);
      await (keys.length > 0 ? query.where("key", "not in", keys) : query).execute();
    },
  };
}
