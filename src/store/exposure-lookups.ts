// Reading exposures. Lists come without votes: only a decision and a card need those.
import type { Kysely, Transaction } from "kysely";
import { jsonArrayFrom } from "kysely/helpers/postgres";
import { type Exposure, PHASES_LIVE, PHASES_ON_THE_ROAD } from "../domain/exposure.ts";
import { fromRow } from "./exposure-row.ts";
import { wasHandled } from "./handled.ts";
import type { Tables } from "./tables.ts";

/** What an exposure is read from. */
const COLUMNS = ["version", "phase", "body"] as const;

export async function loadIn(db: Kysely<Tables>, id: string): Promise<Exposure | null> {
  const row = await db
    .selectFrom("exposures")
    .select(COLUMNS)
    .select(votesOf(db, id).as("votes"))
    .where("id", "=", id)
    .executeTakeFirst();
  return row ? fromRow(row, row.votes) : null;
}

/** Nobody else changes it until the transaction ends. What belongs to it is read once that is so: as one statement with the
 *  lock it could miss the vote, or the click, that it waited for. `handled`: whether `key` was carried out before. */
export async function loadLocked(
  trx: Transaction<Tables>,
  id: string,
  key = "",
): Promise<{ exposure: Exposure; handled: boolean } | null> {
  const row = await trx
    .selectFrom("exposures")
    .select(COLUMNS)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) return null;
  const { votes, handled } = await trx
    .selectNoFrom([votesOf(trx, id).as("votes"), wasHandled(key).as("handled")])
    .executeTakeFirstOrThrow();
  return { exposure: fromRow(row, votes), handled };
}

function votesOf(db: Kysely<Tables>, id: string) {
  const columns = ["round", "person_email", "slack_id", "decision", "minutes", "at"] as const;
  return jsonArrayFrom(db.selectFrom("votes").select(columns).where("exposure_id", "=", id).orderBy("at"));
}

export function createLookups(db: Kysely<Tables>) {
  const live = () =>
    db
      .selectFrom("exposures")
      .select(COLUMNS)
      .where("phase", "in", [...PHASES_LIVE]);
  const read = (rows: Parameters<typeof fromRow>[0][]) => rows.map((row) => fromRow(row, []));
  return {
    load: (id: string) => loadIn(db, id),
    liveAt: async (hostname: string) =>
      read(await live().where("hostname", "=", hostname).execute())[0] ?? null,
    live: async () => read(await live().orderBy("requested_at").execute()),
    onTunnel: async (tunnelId: string) =>
      read(await live().where("phase", "!=", "pending").where("tunnel_id", "=", tunnelId).execute()),
    /** The exposure that ended last at this hostname. */
    endedAt: async (hostname: string) => {
      const row = await db
        .selectFrom("exposures")
        .select(COLUMNS)
        .where("hostname", "=", hostname)
        .where("phase", "=", "closed")
        .orderBy("requested_at", "desc")
        .executeTakeFirst();
      return row ? fromRow(row, []) : null;
    },
    /** A living request of this person for this service, whatever the hostname. */
    sameRequest: async (requesterId: string, serviceKey: string) =>
      read(
        await live()
          .where("requester_id", "=", requesterId)
          .where("service_key", "=", serviceKey)
          .limit(1)
          .execute(),
      )[0] ?? null,
    /** Whatever lives of what a person asked for, and of the rest so many that they asked for last. */
    ofRequester: async (requesterId: string, mostEnded: number) => {
      const ended = db
        .selectFrom("exposures")
        .select(COLUMNS)
        .where("requester_id", "=", requesterId)
        .where("phase", "not in", [...PHASES_LIVE])
        .orderBy("requested_at", "desc")
        .limit(mostEnded);
      const living = live().where("requester_id", "=", requesterId);
      return read(await living.unionAll((eb) => eb.parens(ended)).execute());
    },
  };
}

/** When converge is to look at what. */
export function createSchedules(db: Kysely<Tables>) {
  const onTheRoad = () => db.selectFrom("exposures").where("phase", "in", [...PHASES_ON_THE_ROAD]);
  const tunnels = () => onTheRoad().select("tunnel_id").distinct();
  return {
    /** Of these ids, the ones whose exposure is on the road: approved, opening, open or closing. */
    onTheRoad: async (ids: string[]) => {
      if (ids.length === 0) return [];
      return (await onTheRoad().select("id").where("id", "in", ids).execute()).map((row) => row.id);
    },
    tunnelsOnTheRoad: async () => (await tunnels().execute()).map((row) => row.tunnel_id),
    dueTunnels: async (now: Date) => {
      const due = await tunnels().where("next_attempt_at", "<=", now).execute();
      return due.map((row) => row.tunnel_id);
    },
    /** The last moment within so many milliseconds at which something comes due that is not yet. */
    lastDueWithin: async (now: Date, ms: number) => {
      const row = await onTheRoad()
        .select((eb) => eb.fn.max("next_attempt_at").as("last"))
        .where("next_attempt_at", ">", now)
        .where("next_attempt_at", "<=", new Date(now.getTime() + ms))
        .executeTakeFirst();
      return row?.last ? new Date(row.last) : null;
    },
    /** `version`: whoever puts one off says by it what it was put off from. */
    schedulesOf: async (tunnelId: string) => {
      const rows = await onTheRoad()
        .select(["id", "version", "attempts", "next_attempt_at"])
        .where("tunnel_id", "=", tunnelId)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        version: row.version,
        attempts: row.attempts,
        next: row.next_attempt_at && new Date(row.next_attempt_at),
      }));
    },
    /** How often in a row converge has looked at it in vain. */
    attemptsOf: async (id: string) => {
      const row = await db.selectFrom("exposures").select("attempts").where("id", "=", id).executeTakeFirst();
      return row?.attempts ?? 0;
    },
    /** When converge is to look at it next. Only the pass that saw this `version` may say so: a change since is due at once. */
    schedule: async (id: string, version: number, next: Date | null, attempts: number) => {
      await db
        .updateTable("exposures")
        .set({ next_attempt_at: next, attempts })
        .where("id", "=", id)
        .where("version", "=", version)
        .execute();
    },
  };
}
