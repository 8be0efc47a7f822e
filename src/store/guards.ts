// Small things that have to outlive a process: switches, the fence of each tunnel, the clicks already handled.
import { type Kysely, sql } from "kysely";
import { inTime } from "../time-limit.ts";
import { type AuditEntry, auditRows } from "./audit.ts";
import type { Tables } from "./tables.ts";
import { together } from "./together.ts";

/** `everything-closed` counts by when it was turned: what was approved by then ends. */
export type SwitchName = "openings-frozen" | "everything-closed";

const ANSWERS_WITHIN_MS = 1_500;

export function createGuards(db: Kysely<Tables>) {
  return {
    ...createSwitches(db),
    /** Whether the store answers just now. A probe does not wait for a statement's whole time. */
    answers: async (): Promise<boolean> => {
      const asked = sql`select 1`.execute(db).then(
        () => true,
        () => false,
      );
      return await inTime(asked, ANSWERS_WITHIN_MS, () => false);
    },
    /** Starts a pass on a tunnel: whoever held an older fence may not write any more. */
    raiseFence: async (tunnelId: string): Promise<string> => {
      const row = await db
        .insertInto("tunnels")
        .values({ id: tunnelId, fence: "1" })
        .onConflict((conflict) =>
          conflict.column("id").doUpdateSet((eb) => ({ fence: eb("tunnels.fence", "+", "1") })),
        )
        .returning("fence")
        .executeTakeFirstOrThrow();
      return String(row.fence);
    },
    /** Notes that a write of the tunnel's configuration goes out, and until when it may be carried out. False for a pass
     *  that does not hold the fence any more: it must not write. Whoever raises the fence next sees the note. */
    beginWrite: async (tunnelId: string, fence: string, until: Date): Promise<boolean> =>
      await setWriteUntil(db, tunnelId, fence, until),
    /** That write was answered; `earlier` is what one before it left. */
    endWrite: async (tunnelId: string, fence: string, earlier: Date | null): Promise<void> => {
      await setWriteUntil(db, tunnelId, fence, earlier);
    },
    /** Until when a write that nobody saw answered may still be carried out. */
    writeUntil: async (tunnelId: string): Promise<Date | null> => {
      const query = db.selectFrom("tunnels").select("write_until").where("id", "=", tunnelId);
      return (await query.executeTakeFirst())?.write_until ?? null;
    },
    /** Keys of clicks older than this can no longer be repeated by Slack. */
    forgetHandled: async (before: Date): Promise<void> => {
      await db.deleteFrom("handled").where("at", "<", before).execute();
    },
  };
}

function createSwitches(db: Kysely<Tables>) {
  return {
    isOn: async (name: SwitchName): Promise<boolean> => {
      const row = await db.selectFrom("switches").select("value").where("name", "=", name).executeTakeFirst();
      return row?.value === "on";
    },
    /** Who turned it last, and when; null if nobody did. */
    turned: async (name: SwitchName): Promise<{ by: string; at: Date } | null> =>
      (await db.selectFrom("switches").select(["by", "at"]).where("name", "=", name).executeTakeFirst()) ??
      null,
    /** All of them or none, with the entry that tells who turned them and when. */
    turn: async (values: Partial<Record<SwitchName, "on" | "off">>, entry: AuditEntry): Promise<void> => {
      const { actor: by, at } = entry;
      const rows = Object.entries(values).map(([name, value]) => ({ name, value, by, at }));
      const turned = db
        .insertInto("switches")
        .values(rows)
        .onConflict((conflict) =>
          conflict.column("name").doUpdateSet((eb) => ({ value: eb.ref("excluded.value"), by, at })),
        );
      await db.transaction().execute((trx) => together(trx, [turned, auditRows(db, [entry])]));
    },
  };
}

async function setWriteUntil(
  db: Kysely<Tables>,
  id: string,
  fence: string,
  until: Date | null,
): Promise<boolean> {
  const row = await db
    .updateTable("tunnels")
    .set({ write_until: until })
    .where("id", "=", id)
    .where((eb) => eb(eb.cast<string>("fence", "text"), "=", fence))
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

export type Guards = ReturnType<typeof createGuards>;
