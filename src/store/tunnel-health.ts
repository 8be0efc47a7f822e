// The health of tunnels: what was seen last, and how their states changed over the last 30 days.
import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import { changesSeen, type LastLook, type StateChange, type TunnelHistory } from "../domain/availability.ts";
import type { TunnelHealth, TunnelState } from "../domain/tunnel-health.ts";
import { type DateNames, revived } from "./json-dates.ts";
import type { Tables } from "./tables.ts";

/** `lookedAt`: when the bot last looked, whether or not a signal answered it. */
export type LatestHealth = TunnelHealth & { lookedAt: Date };

const KEPT_MS = 30 * 24 * 60 * 60_000;

export type TunnelHealthStore = ReturnType<typeof createTunnelHealth>;

/** `blindAfterMs`: what lies between two looks that are further apart is not known. */
export function createTunnelHealth(db: Kysely<Tables>, blindAfterMs: number) {
  return {
    /** What a look at these tunnels saw. A look that is older than the one stored changes nothing. */
    save: (seen: TunnelHealth[], at: Date): Promise<void> =>
      db.transaction().execute(async (trx) => {
        // In one order, so that two replicas that look at once wait for each other.
        const ordered = [...seen].sort((a, b) => (a.tunnelId < b.tunnelId ? -1 : 1));
        let changed = false;
        for (const health of ordered) changed = (await saveOne(trx, health, at, blindAfterMs)) || changed;
        if (changed) await prune(trx, new Date(at.getTime() - KEPT_MS));
      }),
    latest: async (): Promise<LatestHealth[]> => {
      const rows = await db.selectFrom("tunnel_health").selectAll().orderBy("tunnel_id").execute();
      return rows.map((row) => ({
        ...revived<TunnelHealth>(row.body, DATES),
        lookedAt: new Date(row.looked_at),
      }));
    },
    /** Changes since then, and before them the one that put each tunnel into the state it had at that moment. */
    history: async (since: Date): Promise<TunnelHistory[]> => {
      const looks = await db.selectFrom("tunnel_health").select(["tunnel_id", "looked_at"]).execute();
      const rows = await db
        .selectFrom("tunnel_states")
        .selectAll()
        .where("at", ">=", sql<Date>`coalesce(${inForceAt(since)}, ${since})`)
        .orderBy("at")
        .execute();
      return looks.map((look) => ({
        tunnelId: look.tunnel_id,
        lookedAt: new Date(look.looked_at),
        blindAfterMs,
        changes: rows.filter((row) => row.tunnel_id === look.tunnel_id).map(toChange),
      }));
    },
  };
}

/** Answers whether the state changed. */
async function saveOne(
  trx: Transaction<Tables>,
  health: TunnelHealth,
  at: Date,
  blindAfterMs: number,
): Promise<boolean> {
  const last = await lastLook(trx, health.tunnelId, at);
  if (last && last.lookedAt > at) return false;
  const changes = changesSeen(last, health, at, blindAfterMs);
  for (const change of changes)
    await trx
      .insertInto("tunnel_states")
      .values({ tunnel_id: health.tunnelId, ...change })
      .onConflict((conflict) => conflict.columns(["tunnel_id", "at"]).doUpdateSet({ state: change.state }))
      .execute();
  const row = {
    looked_at: at,
    changed_at: changes.at(-1)?.at ?? last?.changedAt ?? at,
    body: JSON.stringify(health),
  };
  await trx.updateTable("tunnel_health").set(row).where("tunnel_id", "=", health.tunnelId).execute();
  return changes.length > 0;
}

/** Holds the tunnel's row until the transaction ends; null when nobody ever looked. */
async function lastLook(trx: Transaction<Tables>, tunnelId: string, at: Date): Promise<LastLook | null> {
  const first = await trx
    .insertInto("tunnel_health")
    .values({ tunnel_id: tunnelId, looked_at: at, changed_at: at, body: "{}" })
    .onConflict((conflict) => conflict.column("tunnel_id").doNothing())
    .returning("tunnel_id")
    .executeTakeFirst();
  if (first) return null;
  const row = await trx
    .selectFrom("tunnel_health")
    .selectAll()
    .where("tunnel_id", "=", tunnelId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const { state } = row.body as { state: TunnelState };
  return { state, changedAt: new Date(row.changed_at), lookedAt: new Date(row.looked_at) };
}

/** Keeps of each tunnel the change that still tells its state at that moment. */
async function prune(trx: Transaction<Tables>, before: Date): Promise<void> {
  await trx.deleteFrom("tunnel_states").where("at", "<", inForceAt(before)).execute();
  const left = trx.deleteFrom("tunnel_health").where("looked_at", "<", before).returning("tunnel_id");
  const ids = (await left.execute()).map((row) => row.tunnel_id);
  if (ids.length > 0) await trx.deleteFrom("tunnel_states").where("tunnel_id", "in", ids).execute();
}

/** When the state that the row's tunnel had at that moment began; nothing when its history starts later. */
function inForceAt(moment: Date): RawBuilder<Date> {
  return sql`(select max(earlier.at) from tunnel_states earlier
    where earlier.tunnel_id = tunnel_states.tunnel_id and earlier.at <= ${moment})`;
}

function toChange(row: { state: TunnelState; at: Date }): StateChange {
  return { state: row.state, at: new Date(row.at) };
}

const DATES: DateNames<TunnelHealth> = { since: true, seenAt: true, startedAt: true };
