// What Slack has been told of incidents: the version that each message shows, and what is still to be sent.
import { type Kysely, sql } from "kysely";
import type { MessageRef } from "../domain/exposure.ts";
import type { IncidentNoticeKind } from "../domain/incident-notices.ts";
import { MAX_ATTEMPTS } from "./announcements.ts";
import type { Tables } from "./tables.ts";

export type UnsentNotice = {
  id: string;
  kind: IncidentNoticeKind;
  /** A Slack user id, or `thread`. */
  recipient: string;
  broadcast: boolean;
  hostnames: string[];
  createdAt: Date;
  attempts: number;
};

export type IncidentMessages = ReturnType<typeof createIncidentMessages>;

export function createIncidentMessages(db: Kysely<Tables>) {
  return {
    /** Incidents whose message is behind, or that have something to send. */
    behind: async (): Promise<string[]> => {
      const drawn = db
        .selectFrom("incidents")
        .select("id")
        .where("announced_version", "<", sql<number>`version`);
      const unsent = db
        .selectFrom("incident_messages")
        .select("incident_id as id")
        .where("sent_at", "is", null)
        .where("attempts", "<", MAX_ATTEMPTS);
      return (await drawn.union(unsent).execute()).map((row) => row.id);
    },
    announcedVersion: async (id: string): Promise<number> => {
      const row = await db
        .selectFrom("incidents")
        .select("announced_version")
        .where("id", "=", id)
        .executeTakeFirst();
      return row?.announced_version ?? 0;
    },
    setMessage: async (id: string, { channel, ts }: MessageRef): Promise<void> => {
      await db.updateTable("incidents").set({ channel, ts }).where("id", "=", id).execute();
    },
    setAnnounced: async (id: string, version: number): Promise<void> => {
      await db
        .updateTable("incidents")
        .set({ announced_version: version })
        .where("id", "=", id)
        .where("announced_version", "<", version)
        .execute();
    },
    ...createNotices(db),
  };
}

function createNotices(db: Kysely<Tables>) {
  return {
    unsent: async (incidentId: string): Promise<UnsentNotice[]> => {
      const rows = await db
        .selectFrom("incident_messages")
        .selectAll()
        .where("incident_id", "=", incidentId)
        .where("sent_at", "is", null)
        .where("attempts", "<", MAX_ATTEMPTS)
        .orderBy("id")
        .execute();
      return rows.map(({ id, recipient, broadcast, attempts, ...row }) => ({
        id,
        recipient,
        broadcast,
        attempts,
        kind: row.kind,
        hostnames: (row.details as { hostnames: string[] }).hostnames,
        createdAt: new Date(row.created_at),
      }));
    },
    sent: async (id: string, at: Date, ref: MessageRef | null): Promise<void> => {
      await db
        .updateTable("incident_messages")
        .set({ sent_at: at, channel: ref?.channel ?? null, ts: ref?.ts ?? null })
        .where("id", "=", id)
        .execute();
    },
    attempted: async (id: string, attempts: number): Promise<void> => {
      await db.updateTable("incident_messages").set({ attempts }).where("id", "=", id).execute();
    },
  };
}
