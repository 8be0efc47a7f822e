// What Slack has been told: which version each card shows, and which messages are still to be sent.
import { type Kysely, sql } from "kysely";
import type { MessageRef, Notice } from "../domain/exposure.ts";
import type { CardLogins, Login } from "../domain/logins.ts";
import type { Crossing, MessageKind } from "../domain/notices.ts";
import type { Progress } from "../domain/progress.ts";
import { applicationIdsIn } from "./exposure-row.ts";
import { revived } from "./json-dates.ts";
import type { Tables } from "./tables.ts";

export type Unsent = Said & {
  id: string;
  /** A Slack user id, `thread` for the card's thread, or `alerts` for the alerts channel. */
  recipient: string;
  attempts: number;
  createdAt: Date;
};

/** What a message is to say. `reason`: what the person wrote whose act it tells of. */
export type Said =
  | { kind: MessageKind; details: { notice: Notice | null; reason?: string } }
  | { kind: "crossed"; details: Crossing };

/** A message that itself failed this often is given up; the audit says so. */
export const MAX_ATTEMPTS = 20;

export function createAnnouncements(db: Kysely<Tables>) {
  return {
    /** Exposures whose card is behind, or that have messages to send. */
    behind: async (): Promise<string[]> => {
      const cards = db
        .selectFrom("exposures")
        .select("id")
        .where("announced_version", "<", sql<number>`version`);
      const unsent = db
        .selectFrom("messages")
        .select("exposure_id as id")
        .where("sent_at", "is", null)
        .where("attempts", "<", MAX_ATTEMPTS);
      return (await cards.union(unsent).execute()).map((row) => row.id);
    },
    announcedVersion: async (id: string): Promise<number> => {
      const row = await db
        .selectFrom("exposures")
        .select("announced_version")
        .where("id", "=", id)
        .executeTakeFirst();
      return row?.announced_version ?? 0;
    },
    /** A new card, which counts as showing no version yet: what belongs to it may still be missing. */
    setCard: async (id: string, card: MessageRef): Promise<void> => {
      const body = sql<string>`jsonb_set(body, '{card}', ${JSON.stringify(card)}::jsonb)`;
      await db.updateTable("exposures").set({ body, announced_version: 0 }).where("id", "=", id).execute();
    },
    /** `logins`: those that the card shows. Left out, what is known of them stays. */
    setAnnounced: async (id: string, version: number, logins?: Login[] | null): Promise<void> => {
      await db
        .updateTable("exposures")
        .set({ announced_version: version, logins_shown: logins && JSON.stringify(logins) })
        .where("id", "=", id)
        .where("announced_version", "<", version)
        .execute();
    },
    ...createOpenCards(db),
    ...createMessages(db),
  };
}

function createOpenCards(db: Kysely<Tables>) {
  return {
    /** What the cards of open exposures show of log-ins. One that is behind is drawn anew anyway. */
    openCards: async (): Promise<CardLogins[]> => {
      const progress = sql<Progress>`body -> 'progress'`;
      const rows = await db
        .selectFrom("exposures")
        .select(["id", "logins_shown", progress.as("progress")])
        .where("phase", "=", "open")
        .where("announced_version", "=", sql<number>`version`)
        .execute();
      return rows.map((row) => ({
        exposureId: row.id,
        applicationIds: applicationIdsIn(row.progress),
        shown: loginsIn(row.logins_shown),
      }));
    },
    /** Those that the card shows, or showed last. */
    loginsShown: async (id: string): Promise<Login[] | null> => {
      const row = await db
        .selectFrom("exposures")
        .select("logins_shown")
        .where("id", "=", id)
        .executeTakeFirst();
      return loginsIn(row?.logins_shown ?? null);
    },
    /** Has the card drawn anew, though its exposure has not changed. */
    outdate: async (id: string): Promise<void> => {
      await db
        .updateTable("exposures")
        .set({ announced_version: sql<number>`version - 1` })
        .where("id", "=", id)
        .where("announced_version", "=", sql<number>`version`)
        .execute();
    },
  };
}

/** What was stored before it named anybody tells of none. */
function loginsIn(stored: string | null): Login[] | null {
  return stored?.startsWith("[") ? revived<Login[]>(JSON.parse(stored), { at: true }) : null;
}

function createMessages(db: Kysely<Tables>) {
  return {
    unsent: async (exposureId: string): Promise<Unsent[]> => {
      const rows = await db
        .selectFrom("messages")
        .select(["id", "kind", "recipient", "details", "attempts", "created_at"])
        .where("exposure_id", "=", exposureId)
        .where("sent_at", "is", null)
        .where("attempts", "<", MAX_ATTEMPTS)
        .orderBy("id")
        .execute();
      return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: new Date(created_at) }) as Unsent);
    },
    sent: async (id: string, at: Date, ref: MessageRef | null): Promise<void> => {
      await db
        .updateTable("messages")
        .set({ sent_at: at, channel: ref?.channel ?? null, ts: ref?.ts ?? null })
        .where("id", "=", id)
        .execute();
    },
    attempted: async (id: string, attempts: number): Promise<void> => {
      await db.updateTable("messages").set({ attempts }).where("id", "=", id).execute();
    },
  };
}

export type Announcements = ReturnType<typeof createAnnouncements>;
