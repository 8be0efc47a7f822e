// Exposures put straight into the store and, where they stand open, at the emulators, in the form that the bot itself
// gives them: asking for five hundred by hand would take longer than measuring them.
import { randomUUID } from "node:crypto";
import type { Insertable } from "kysely";
import pg from "pg";
import { type Exposure, minutesAfter, newExposure, type Person } from "../src/domain/exposure.ts";
import { tunnelAddress } from "../src/domain/observed.ts";
import { ruleFor, whyMayNotAsk } from "../src/domain/policy.ts";
import type { CloudRunService } from "../src/domain/service.ts";
import { planDigest } from "../src/plan-digest.ts";
import { applicationToWire } from "../src/services/access-wire.ts";
import { recordComment } from "../src/services/dns-record.ts";
import { ruleOf } from "../src/services/tunnel-config.ts";
import { toRow } from "../src/store/exposure-row.ts";
import type { ExposuresTable } from "../src/store/tables.ts";
import { exposureCard } from "../src/views/exposure-card.ts";
import type { Stage } from "./stage.ts";

const CHANNEL = "C0APPROVALS";
const ZONE = "lakeside.example";
const REQUESTERS = ["asha", "tom"];

/** A request with its card in the channel, as Slack shows it to whoever may decide. */
export type Asked = { id: string; hostname: string; ts: string; digest: string };

/** `service` decides who has to approve: the sandbox's policy wants two for `payroll-admin`. */
export async function addPending(stage: Stage, count: number, service: string): Promise<Asked[]> {
  const asked: Asked[] = [];
  const rows: Insertable<ExposuresTable>[] = [];
  for (let index = 0; index < count; index++) {
    const exposure = draft(stage, service, index);
    const ts = await postCard(stage, exposure);
    rows.push({ ...toRow({ ...exposure, card: { channel: CHANNEL, ts } }), announced_version: 1 });
    asked.push({ id: exposure.id, hostname: exposure.hostname, ts, digest: exposure.digest });
  }
  await insert(stage, rows);
  return asked;
}

/** Exposures that are open, and all that stands at Cloudflare for them. */
export async function addOpen(stage: Stage, count: number): Promise<void> {
  const { cloudflare, seed } = stage.sandbox;
  const tunnelId = stage.policy.tunnels[0]?.id ?? "";
  const zoneId = seed.cloudflare.zones.find((zone) => zone.name === ZONE)?.id ?? "";
  const rows: Insertable<ExposuresTable>[] = [];
  const rules: unknown[] = [];
  for (let index = 0; index < count; index++) {
    const exposure = opened(draft(stage, "grafana", index));
    const { hostname, audience, id, until } = exposure;
    const { installation, visitTokenId } = stage.policy;
    const mark = { installation, exposureId: id, until };
    cloudflare.addApplication(
      applicationToWire({ hostname, audience, mark, sessionMinutes: exposure.minutes, visitTokenId }),
    );
    const application = cloudflare.applications().find((each) => each.domain === hostname);
    const aud = String(application?.aud);
    const content = tunnelAddress(tunnelId);
    const comment = recordComment(mark);
    cloudflare.addRecord(zoneId, { type: "CNAME", name: hostname, content, proxied: true, ttl: 1, comment });
    const host = new URL(exposure.service.url ?? "").host;
    const lock = { required: true, teamName: seed.cloudflare.team, audTag: [aud] };
    rules.push(ruleOf({ hostname, service: `https://${host}`, hostHeader: host, lock }));
    const made = { applicationId: String(application?.id), aud, auds: [aud], routedVersion: 1 };
    const progress = { ...exposure.progress, ...made };
    rows.push({
      ...toRow({ ...exposure, progress }),
      announced_version: 1,
      logins_shown: "[]",
      next_attempt_at: exposure.endsAt,
    });
  }
  const { config } = cloudflare.tunnelConfig(tunnelId);
  cloudflare.putConfig(tunnelId, { ...config, ingress: [...rules, ...(config.ingress as unknown[])] });
  await insert(stage, rows);
}

/** Exposures of the past, each with the audit rows and messages that one leaves behind, made by the database itself. */
export async function addPast(stage: Stage, count: number): Promise<void> {
  const sample = toRow({ ...opened(draft(stage, "grafana", 0)), phase: "closed" });
  // On a connection of its own: the bot's time limits are for clicks.
  const client = new pg.Client(stage.database.connection ?? {});
  await client.connect();
  try {
    const fixed = [sample.tunnel_id, sample.service_key, sample.requester_id, sample.body];
    await client.query(PAST_EXPOSURES, [count, ...fixed]);
    await client.query(PAST_AUDIT, [count]);
    await client.query(PAST_MESSAGES, [count]);
    await client.query("analyze");
  } finally {
    await client.end();
  }
}

const PAST_EXPOSURES = `
  insert into exposures (id, version, phase, tunnel_id, hostname, service_key, requester_id, requested_at, lapses_at,
    ends_at, announced_version, body)
  select 'past-' || g, 12, 'closed', $2, 'past-' || g || '.lakeside.example', $3, $4, at, at, at, 12,
    $5::jsonb || jsonb_build_object('id', 'past-' || g, 'hostname', 'past-' || g || '.lakeside.example')
  from generate_series(1, $1::int) g, lateral (select now() - g * interval '1 minute' as at) times`;
const PAST_AUDIT = `
  insert into audit (at, actor, action, exposure_id, outcome, details)
  select now() - g * interval '1 minute', 'converge', 'step: route', 'past-' || (g % $1::int + 1), 'ok', '{}'
  from generate_series(1, $1::int * 8) g`;
const PAST_MESSAGES = `
  insert into messages (exposure_id, key, kind, recipient, details, created_at, sent_at, channel, ts)
  select 'past-' || (g % $1::int + 1), 'key ' || g, 'opened', 'thread', '{}', now(), now(), 'C0APPROVALS', '1.' || g
  from generate_series(1, $1::int * 3) g`;

async function insert(stage: Stage, rows: Insertable<ExposuresTable>[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 100)
    await stage.database.db
      .insertInto("exposures")
      .values(rows.slice(from, from + 100))
      .execute();
}

function draft(stage: Stage, service: string, index: number): Exposure {
  const now = new Date();
  const found = serviceOf(stage, service);
  const askers = REQUESTERS.map(personOf).filter((each) => !whyMayNotAsk(stage.policy, found, each, []));
  const requester = askers[index % askers.length];
  if (!requester) throw new Error(`nobody may ask for ${service}`);
  const [audience] = stage.policy.audiences;
  if (!audience) throw new Error("the sandbox's policy names no audience");
  const exposure = newExposure({
    id: `x${randomUUID().replaceAll("-", "").slice(0, 20)}`,
    service: found,
    hostname: `${service}-${randomUUID().slice(0, 8)}.${ZONE}`,
    zone: ZONE,
    tunnelId: stage.policy.tunnels[0]?.id ?? "",
    audience: audience.audience,
    requester,
    reason: "Month-end closing",
    minutes: 60,
    untilClosed: false,
    approvalsNeeded: ruleFor(stage.policy, found)?.approvals ?? 1,
    requestedAt: now,
    lapsesAt: minutesAfter(now, 24 * 60),
    remindAt: null,
  });
  return { ...exposure, digest: planDigest(exposure, stage.policy) };
}

function personOf(name: string): Person {
  return { slackId: `U0${name.toUpperCase()}`, email: `${name}@${ZONE}` };
}

function opened(exposure: Exposure): Exposure {
  const now = exposure.requestedAt;
  const endsAt = minutesAfter(now, 12 * 60);
  const times = { decidedAt: now, openedAt: now, endsAt, until: endsAt };
  return { ...exposure, phase: "open", minutes: 12 * 60, approvedMinutes: 12 * 60, ...times };
}

function serviceOf({ sandbox }: Stage, name: string): CloudRunService {
  const ref = { project: "lakeside-prod", region: "asia-northeast1", name };
  return {
    ...ref,
    url: sandbox.google.urlOf(ref.project, ref.region, name),
    ingress: "internal",
    invoker: "everyone",
    defaultUrlDisabled: false,
    description: "",
  };
}

/** By the bot's own token, as the bot posts it. */
async function postCard({ sandbox, policy }: Stage, exposure: Exposure): Promise<string> {
  const { text, blocks } = exposureCard(exposure, {
    now: exposure.requestedAt,
    approvers: { groups: ["S0LEADS"], people: [] },
    installation: policy.installation,
    logins: null,
  });
  const response = await fetch(`${sandbox.slack.apiUrl}chat.postMessage`, {
    method: "POST",
    headers: { authorization: `Bearer ${sandbox.seed.slack.botToken}`, "content-type": "application/json" },
    body: JSON.stringify({ channel: CHANNEL, text, blocks }),
  });
  const posted = (await response.json()) as { ok: boolean; ts: string; error?: string };
  if (!posted.ok) throw new Error(`the card could not be posted: ${posted.error}`);
  return posted.ts;
}
