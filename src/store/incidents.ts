// Incidents in the store. A look at the tunnels, the incidents that it changes, their messages and the audit are one
// transaction; so is what a person does about an incident.
import type { Kysely, Transaction } from "kysely";
import type { TunnelWatch } from "../domain/fault.ts";
import type { Incident } from "../domain/incident.ts";
import { noticesFor } from "../domain/incident-notices.ts";
import type { Verdict } from "../domain/refusal.ts";
import { type AuditEntry, writeAudit } from "./audit.ts";
import type { Act, Waker } from "./exposures.ts";
import { handledNote, isHandled } from "./handled.ts";
import { fromRow, toRow, toWatches } from "./incident-row.ts";
import type { Tables } from "./tables.ts";

type StoreTools = { db: Kysely<Tables>; wake: Waker };

export type Watched = {
  watches: TunnelWatch[];
  /** Open ones, muted ones, and those that ended since the moment asked for. */
  incidents: Incident[];
};

export type IncidentStore = ReturnType<typeof createIncidents>;

export function createIncidents(tools: StoreTools) {
  const { db } = tools;
  return {
    /** Takes what was seen at `at` into account, unless a later look has been already: then it answers null. */
    look: (at: Date, endedSince: Date, decide: (known: Watched) => Watched) =>
      look(tools, at, endedSince, decide),
    /** What a person does: a repeat of the same key changes nothing. */
    act: (id: string, act: Act, decide: (incident: Incident) => Verdict<Incident>) =>
      actOn(tools, id, act, decide),
    load: async (id: string): Promise<Incident | null> => {
      const row = await db.selectFrom("incidents").selectAll().where("id", "=", id).executeTakeFirst();
      return row ? fromRow(row) : null;
    },
    /** The newest first. */
    latest: async (limit: number): Promise<Incident[]> => {
      const query = db.selectFrom("incidents").selectAll().orderBy("opened_at", "desc").limit(limit);
      return (await query.execute()).map(fromRow);
    },
    lookedAt: async (): Promise<Date | null> => {
      const row = await db
        .selectFrom("watch_state")
        .select("looked_at")
        .where("name", "=", TUNNELS)
        .executeTakeFirst();
      return row ? new Date(row.looked_at) : null;
    },
  };
}

const TUNNELS = "tunnels";
const NEVER = new Date(0);

async function look(
  tools: StoreTools,
  at: Date,
  endedSince: Date,
  decide: (known: Watched) => Watched,
): Promise<Incident[] | null> {
  return await tools.db.transaction().execute(async (trx) => {
    const state = await lockState(trx);
    if (state.lookedAt > at) return null;
    const known = await relevant(trx, endedSince, at);
    const { watches, incidents } = decide({ watches: state.watches, incidents: known });
    for (const incident of incidents) {
      const before = known.find(({ id }) => id === incident.id) ?? null;
      await write(tools, trx, before, incident, at);
    }
    const body = JSON.stringify({ watches });
    await trx.updateTable("watch_state").set({ looked_at: at, body }).where("name", "=", TUNNELS).execute();
    return incidents;
  });
}

/** One look after the other, whoever looks. */
async function lockState(trx: Transaction<Tables>): Promise<{ lookedAt: Date; watches: TunnelWatch[] }> {
  await trx
    .insertInto("watch_state")
    .values({ name: TUNNELS, looked_at: NEVER, body: JSON.stringify({ watches: [] }) })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  const row = await trx
    .selectFrom("watch_state")
    .selectAll()
    .where("name", "=", TUNNELS)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return { lookedAt: new Date(row.looked_at), watches: toWatches(row.body) };
}

async function relevant(trx: Transaction<Tables>, endedSince: Date, at: Date): Promise<Incident[]> {
  const rows = await trx
    .selectFrom("incidents")
    .selectAll()
    .where((eb) =>
      eb.or([eb("phase", "=", "open"), eb("ended_at", ">=", endedSince), eb("muted_until", ">", at)]),
    )
    .orderBy("opened_at")
    .orderBy("id")
    .forUpdate()
    .execute();
  return rows.map(fromRow);
}

async function actOn(
  tools: StoreTools,
  id: string,
  act: Act,
  decide: (incident: Incident) => Verdict<Incident>,
): Promise<Verdict<Incident>> {
  return await tools.db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom("incidents")
      .selectAll()
      .where("id", "=", id)
      .forUpdate()
      .executeTakeFirst();
    if (!row) return { ok: false as const, because: "no-such-incident" as const };
    const before = fromRow(row);
    if (act.key && (await isHandled(trx, act.key))) return { ok: true as const, value: before };
    const verdict = decide(before);
    const outcome = verdict.ok ? "ok" : verdict.because;
    await writeAudit(trx, [auditOf(before, act.actor, act.action, outcome, act.at)]);
    if (!verdict.ok) return verdict;
    if (act.key) await handledNote(trx, act.key, act.at).execute();
    await write(tools, trx, before, verdict.value, act.at);
    return verdict;
  });
}

async function write(
  tools: StoreTools,
  trx: Transaction<Tables>,
  before: Incident | null,
  after: Incident,
  at: Date,
): Promise<void> {
  const row = toRow(after);
  await trx
    .insertInto("incidents")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
    .execute();
  for (const { tunnelId, endedAt } of after.members) {
    const member = { incident_id: after.id, tunnel_id: tunnelId, slot: after.slot, ended_at: endedAt };
    await trx
      .insertInto("incident_members")
      .values(member)
      .onConflict((conflict) =>
        conflict.columns(["incident_id", "tunnel_id"]).doUpdateSet({ ended_at: endedAt }),
      )
      .execute();
  }
  await addMessages(trx, before, after, at);
  const turn = turnOf(before, after);
  if (turn) await writeAudit(trx, [auditOf(after, "watch", turn, "ok", at)]);
  if (before?.version !== after.version) await tools.wake(trx, [{ job: "alert", incidentId: after.id }]);
}

async function addMessages(
  trx: Transaction<Tables>,
  before: Incident | null,
  after: Incident,
  at: Date,
): Promise<void> {
  const rows = noticesFor(before, after, at).map(({ key, kind, recipient, broadcast, hostnames }) => ({
    incident_id: after.id,
    key,
    kind,
    recipient: recipient.to === "person" ? recipient.slackId : recipient.to,
    broadcast,
    details: JSON.stringify({ hostnames }),
    created_at: at,
  }));
  if (rows.length === 0) return;
  await trx
    .insertInto("incident_messages")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["incident_id", "key"]).doNothing())
    .execute();
}

function turnOf(before: Incident | null, after: Incident): string | null {
  if (!before) return "incident opened";
  if (before.phase === after.phase) return null;
  return after.phase === "ended" ? "incident ended" : "incident came back";
}

function auditOf(incident: Incident, actor: string, action: string, outcome: string, at: Date): AuditEntry {
  const tunnels = incident.members.map(({ tunnelId }) => tunnelId);
  const details = { incident: incident.id, cause: incident.cause, severity: incident.severity, tunnels };
  return { at, actor, action, exposureId: null, outcome, details };
}
