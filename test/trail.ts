// The audit of a world, as an auditor reads it.
import { type AuditEntry, readAudit } from "../src/store/audit.ts";
import { openDatabase } from "../src/store/database.ts";
import type { World } from "./world.ts";

/** All rows, or those of the exposures at one hostname; oldest first. */
export async function trailOf(world: World, hostname?: string): Promise<AuditEntry[]> {
  if (!world.databaseUrl) throw new Error("the audit is read from Postgres here");
  const database = await openDatabase({ url: world.databaseUrl, dataDir: "" });
  try {
    const rows: AuditEntry[] = [];
    for await (const row of readAudit(database.db, new Date(0))) rows.push(row);
    const asked = rows.filter((row) => row.action === "request" && row.details.hostname === hostname);
    const ids = asked.map((row) => row.exposureId);
    return hostname ? rows.filter((row) => row.exposureId && ids.includes(row.exposureId)) : rows;
  } finally {
    await database.close();
  }
}

/** `who what: outcome` of what people did, or of what one part of Drawbridge did. */
export async function actsOf(world: World, hostname: string, part?: string): Promise<string[]> {
  const rows = await trailOf(world, hostname);
  return rows
    .filter((row) => (part ? row.actor === part : /^[UW]/.test(row.actor)))
    .map((row) => `${row.actor} ${row.action}: ${row.outcome}`);
}
