// Exposures in the store. A change, its audit row, its messages and the jobs it calls for are one transaction.
import type { Kysely, Transaction } from "kysely";
import { type Exposure, PHASES_ON_THE_ROAD } from "../domain/exposure.ts";
import { type Crossing, messagesFor, type Recipient } from "../domain/notices.ts";
import type { Deciders } from "../domain/policy.ts";
import { refuse, type Verdict } from "../domain/refusal.ts";
import { serviceKey } from "../domain/service.ts";
import type { Said } from "./announcements.ts";
import { type AuditEntry, auditRows, writeAudit } from "./audit.ts";
import { createLookups, createSchedules, loadIn, loadLocked } from "./exposure-lookups.ts";
import { toRow } from "./exposure-row.ts";
import { handledNote, isFirst } from "./handled.ts";
import type { Tables } from "./tables.ts";
import { together } from "./together.ts";

/** A job to run once the transaction that asks for it is committed. */
export type Wake =
  | { job: "converge"; tunnelId: string }
  /** `clicked`: somebody pressed a button, and waits to see it on the card. */
  | { job: "announce"; exposureId: string; clicked: boolean }
  | { job: "alert"; incidentId: string };

export type Waker = (trx: Transaction<Tables>, wakes: Wake[]) => Promise<void>;

/** Who changes what, for the audit. `key` makes a repeat of the same click or submission harmless. */
export type Act = {
  actor: string;
  action: string;
  at: Date;
  key?: string;
  details?: Record<string, unknown>;
};

export type StoreTools = {
  db: Kysely<Tables>;
  wake: Waker;
  /** The digest of the plan that this exposure asks people to decide on, by the policy of today. */
  digestOf: (exposure: Exposure) => string;
  /** Who may decide on it by that policy, which the digest stands for as well. */
  decidersOf: (exposure: Exposure) => Deciders;
};

export type Submitted = { ok: true; exposure: Exposure } | { ok: false; taken: Exposure | null };

export type Decide = (exposure: Exposure) => Verdict<Exposure> | null;

export type ExposureStore = ReturnType<typeof createExposures>;

export function createExposures(tools: StoreTools) {
  return {
    submit: (exposure: Exposure, act: Act) => submit(tools, exposure, act),
    adopt: (exposure: Exposure, act: Act) => adopt(tools, exposure, act),
    /** `decide` sees the exposure as it is then, and answers null where there is no call for the act any more: it leaves no
     *  trace, not even in the audit. */
    advance: (id: string, act: Act, decide: Decide) => advance(tools, id, act, decide),
    /** Tells the alerts channel that a write of its tunnel's configuration crossed somebody else's: once for each version. */
    tellCrossed: (id: string, crossing: Crossing, act: Act) => tellCrossed(tools, id, crossing, act),
    ...createLookups(tools.db),
    ...createSchedules(tools.db),
  };
}

async function submit(tools: StoreTools, draft: Exposure, act: Act): Promise<Submitted> {
  const exposure = { ...draft, digest: tools.digestOf(draft) };
  try {
    return await tools.db.transaction().execute(async (trx) => {
      if (act.key && !(await isFirst(trx, act.key, act.at))) return await earlier(trx, exposure.id);
      await together(trx, [
        trx.insertInto("exposures").values(toRow(exposure)),
        auditRows(trx, [auditOf(act, exposure.id, "ok", whatIsAsked(tools, exposure))]),
      ]);
      await tools.wake(trx, [{ job: "announce", exposureId: exposure.id, clicked: false }]);
      return { ok: true as const, exposure };
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return { ok: false, taken: await createLookups(tools.db).liveAt(exposure.hostname) };
  }
}

/** Takes in an exposure that was read back from Cloudflare, due at once. One that is known stays as the store has it;
 *  `taken` is a hostname that another one lives at. */
async function adopt(tools: StoreTools, draft: Exposure, act: Act): Promise<"adopted" | "known" | "taken"> {
  const exposure = { ...draft, digest: tools.digestOf(draft) };
  try {
    return await tools.db.transaction().execute(async (trx) => {
      const added = await trx
        .insertInto("exposures")
        .values({ ...toRow(exposure), next_attempt_at: act.at })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .returning("id")
        .executeTakeFirst();
      if (!added) return "known";
      await writeAudit(trx, [auditOf(act, exposure.id, "ok", whatIsAsked(tools, exposure))]);
      const { id, tunnelId } = exposure;
      await tools.wake(trx, [
        { job: "announce", exposureId: id, clicked: false },
        { job: "converge", tunnelId },
      ]);
      return "adopted";
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return "taken";
  }
}

async function tellCrossed(tools: StoreTools, id: string, crossing: Crossing, act: Act): Promise<void> {
  const message = {
    key: `crossed-${crossing.foundVersion}`,
    kind: "crossed" as const,
    recipient: { to: "alerts" } as const,
    details: crossing,
  };
  await tools.db.transaction().execute(async (trx) => {
    const audit = auditRows(trx, [auditOf(act, id, "ok", { ...crossing })]);
    await together(trx, [messageRows(trx, id, [message], act.at), audit]);
    await tools.wake(trx, [{ job: "announce", exposureId: id, clicked: false }]);
  });
}

async function earlier(trx: Transaction<Tables>, id: string): Promise<Submitted> {
  const exposure = await loadIn(trx, id);
  return exposure ? { ok: true, exposure } : { ok: false, taken: null };
}

async function advance(tools: StoreTools, id: string, act: Act, decide: Decide): Promise<Verdict<Exposure>> {
  return await tools.db.transaction().execute(async (trx) => {
    const locked = await loadLocked(trx, id, act.key);
    if (!locked) return { ok: false as const, because: "not-found" as const };
    const before = locked.exposure;
    if (locked.handled) return { ok: true as const, value: before };
    const verdict = decide(before);
    if (!verdict) return refuse({ because: "already-decided", phase: before.phase });
    if (!verdict.ok) {
      const { ok: _, ...refusal } = verdict;
      await writeAudit(trx, [auditOf(act, id, refusal.because, { ...refusal })]);
      return verdict;
    }
    return { ok: true as const, value: await write(tools, trx, before, verdict.value, act) };
  });
}

async function write(
  tools: StoreTools,
  trx: Transaction<Tables>,
  before: Exposure,
  decided: Exposure,
  act: Act,
): Promise<Exposure> {
  const moved = { ...decided, version: before.version + 1 };
  const after = { ...moved, digest: tools.digestOf(moved) };
  const onTheRoad = PHASES_ON_THE_ROAD.includes(after.phase);
  const due =
    onTheRoad && (after.phase !== before.phase || after.endsAt?.getTime() !== before.endsAt?.getTime());
  const { next_attempt_at: _, ...row } = toRow(after);
  await together(trx, [
    trx
      .updateTable("exposures")
      .set(due ? { ...row, next_attempt_at: act.at, attempts: 0 } : row)
      .where("id", "=", after.id),
    voteRows(trx, before, after),
    messageRows(trx, after.id, messagesOf(before, after, act), act.at),
    auditRows(trx, [auditOf(act, after.id, "ok", whatBecame(tools, before, after))]),
    // Not when it is refused: a form stays open then, and is sent again with the same key.
    act.key ? handledNote(trx, act.key, act.at) : null,
  ]);
  const clicked = act.key !== undefined;
  const wakes: Wake[] = [{ job: "announce", exposureId: after.id, clicked }];
  await tools.wake(trx, due ? [...wakes, { job: "converge", tunnelId: after.tunnelId }] : wakes);
  return after;
}

function voteRows(trx: Transaction<Tables>, before: Exposure, after: Exposure) {
  const rows = after.votes.slice(before.votes.length).map((vote) => ({
    exposure_id: after.id,
    round: vote.round,
    person_email: vote.person.email.toLowerCase(),
    slack_id: vote.person.slackId,
    decision: vote.decision,
    minutes: vote.minutes,
    at: vote.at,
  }));
  return rows.length > 0 ? trx.insertInto("votes").values(rows) : null;
}

type NewMessage = Said & { key: string; recipient: Recipient };

function messagesOf(before: Exposure, after: Exposure, act: Act): NewMessage[] {
  const reason = act.details?.reason as string | undefined;
  return messagesFor(before, after).map(({ notice, ...message }) => ({
    ...message,
    details: { notice, reason },
  }));
}

function messageRows(trx: Transaction<Tables>, exposureId: string, messages: NewMessage[], at: Date) {
  const rows = messages.map(({ key, kind, recipient, details }) => ({
    exposure_id: exposureId,
    key,
    kind,
    recipient: recipient.to === "person" ? recipient.slackId : recipient.to,
    details: JSON.stringify(details),
    created_at: at,
  }));
  if (rows.length === 0) return null;
  return trx
    .insertInto("messages")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["exposure_id", "key"]).doNothing());
}

/** What every digest of it stands for: the row of the exposure changes later, and the audit does not. */
function whatIsAsked(tools: StoreTools, exposure: Exposure): Record<string, unknown> {
  const { service, hostname, tunnelId, audience, minutes, untilClosed, reason } = exposure;
  const asked = { service: serviceKey(service), hostname, tunnelId, audience, minutes, untilClosed, reason };
  return { ...asked, ...whatMayChange(tools, exposure) };
}

/** With each new digest: what a policy, or Cloud Run, may have changed. */
function whatMayChange({ decidersOf }: StoreTools, exposure: Exposure): Record<string, unknown> {
  const { service, approvalsNeeded, digest } = exposure;
  return { origin: service.url, approvalsNeeded, deciders: decidersOf(exposure), digest };
}

function whatBecame(tools: StoreTools, before: Exposure, after: Exposure): Record<string, unknown> {
  const { phase, round, digest } = after;
  return { phase, round, ...(digest === before.digest ? {} : whatMayChange(tools, after)) };
}

function auditOf(
  act: Act,
  exposureId: string,
  outcome: string,
  details: Record<string, unknown>,
): AuditEntry {
  return {
    at: act.at,
    actor: act.actor,
    action: act.action,
    exposureId,
    outcome,
    details: { ...details, ...act.details },
  };
}

function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: string } | null)?.code === "23505";
}
