// Figures of the store for whoever watches the bot: how much of what there is, and how long the oldest thing waits.
import { type Kysely, sql } from "kysely";
import { PHASES_LIVE, PHASES_ON_THE_ROAD } from "../domain/exposure.ts";
import { MAX_ATTEMPTS } from "./announcements.ts";
import type { Tables } from "./tables.ts";

export type Figures = {
  exposures: { phase: string; count: number }[];
  incidents: { severity: string; count: number }[];
  /** Seconds for which the oldest of each has been due; 0 where nothing is late. A message that was given up is not. */
  oldestDue: { converge: number; end: number; message: number };
};

export async function readFigures(db: Kysely<Tables>, now: Date): Promise<Figures> {
  const onTheRoad = () => db.selectFrom("exposures").where("phase", "in", [...PHASES_ON_THE_ROAD]);
  const [exposures, incidents, attempt, end, message] = await Promise.all([
    db
      .selectFrom("exposures")
      .where("phase", "in", [...PHASES_LIVE])
      .groupBy("phase")
      .select(["phase", sql<string>`count(*)`.as("count")])
      .execute(),
    db
      .selectFrom("incidents")
      .where("phase", "=", "open")
      .groupBy(sql`body->>'severity'`)
      .select([sql<string>`body->>'severity'`.as("severity"), sql<string>`count(*)`.as("count")])
      .execute(),
    onTheRoad().select(sql<Date | null>`min(next_attempt_at)`.as("at")).executeTakeFirst(),
    onTheRoad().select(sql<Date | null>`min(ends_at)`.as("at")).executeTakeFirst(),
    oldestUnsaid(db),
  ]);
  const since = (row: { at: Date | null } | undefined) =>
    row?.at ? Math.max(0, (now.getTime() - new Date(row.at).getTime()) / 1000) : 0;
  return {
    exposures: PHASES_LIVE.map((phase) => ({
      phase,
      count: Number(exposures.find((each) => each.phase === phase)?.count ?? 0),
    })),
    incidents: incidents.map(({ severity, count }) => ({ severity, count: Number(count) })),
    oldestDue: { converge: since(attempt), end: since(end), message: since(message) },
  };
}

/** Of exposures and of incidents; an incident that was never posted has waited since it began. */
async function oldestUnsaid(db: Kysely<Tables>): Promise<{ at: Date | null } | undefined> {
  const unsent = (table: "messages" | "incident_messages") =>
    db
      .selectFrom(table)
      .where("sent_at", "is", null)
      .where("attempts", "<", MAX_ATTEMPTS)
      .select("created_at as at");
  const unposted = db.selectFrom("incidents").where("ts", "is", null).select("opened_at as at");
  const unsaid = unsent("messages").unionAll(unsent("incident_messages")).unionAll(unposted).as("unsaid");
  return await db.selectFrom(unsaid).select(sql<Date | null>`min(at)`.as("at")).executeTakeFirst();
}
