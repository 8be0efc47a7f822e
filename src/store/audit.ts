// The audit: who did what, when, with what outcome and why. Rows are added and never changed; the database sees to it.
import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

export type AuditEntry = {
  at: Date;
  actor: string;
  action: string;
  exposureId: string | null;
  outcome: string;
  details: Record<string, unknown>;
};

export async function writeAudit(db: Kysely<Tables>, entries: AuditEntry[]): Promise<void> {
  if (entries.length > 0) await auditRows(db, entries).execute();
}

export function auditRows(db: Kysely<Tables>, entries: AuditEntry[]) {
  const rows = entries.map(({ exposureId, details, ...entry }) => ({
    ...entry,
    exposure_id: exposureId,
    details: JSON.stringify(details),
  }));
  return db.insertInto("audit").values(rows);
}

/** Reads in the order of writing, in pages, so that an export of any length needs little memory. */
export async function* readAudit(
  db: Kysely<Tables>,
  since: Date,
): AsyncGenerator<AuditEntry & { seq: string }> {
  let after = "0";
  for (;;) {
    const rows = await db
      .selectFrom("audit")
      .selectAll()
      .where("at", ">=", since)
      .where("seq", ">", after)
      .orderBy("seq")
      .limit(500)
      .execute();
    for (const { exposure_id, details, ...row } of rows)
      yield {
        ...row,
        at: new Date(row.at),
        exposureId: exposure_id,
        details: details as Record<string, unknown>,
      };
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
  }
}
