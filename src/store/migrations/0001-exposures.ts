// The first tables: exposures with their votes, the audit, messages to send, and what guards against doing things twice.
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table exposures (
    id text primary key,
    version integer not null,
    phase text not null,
    tunnel_id text not null,
    hostname text not null,
    service_key text not null,
    requester_id text not null,
    requested_at timestamptz not null,
    lapses_at timestamptz not null,
    ends_at timestamptz,
    next_attempt_at timestamptz,
    attempts integer not null default 0,
    announced_version integer not null default 0,
    body jsonb not null
  )`,
  // A hostname belongs to one living exposure at a time, whatever happens at once.
  `create unique index exposures_hostname on exposures (hostname)
    where phase in ('pending', 'approved', 'opening', 'open', 'closing')`,
  `create index exposures_live on exposures (tunnel_id)
    where phase in ('pending', 'approved', 'opening', 'open', 'closing')`,
  `create index exposures_requester on exposures (requester_id, requested_at desc)`,
  `create index exposures_unannounced on exposures (id) where announced_version < version`,
  `create table votes (
    exposure_id text not null references exposures (id),
    round integer not null,
    person_email text not null,
    slack_id text not null,
    decision text not null,
    minutes integer,
    at timestamptz not null,
    primary key (exposure_id, round, person_email)
  )`,
  `create table audit (
    seq bigint generated always as identity primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    exposure_id text,
    outcome text not null,
    details jsonb not null
  )`,
  `create index audit_at on audit (at)`,
  `create index audit_exposure on audit (exposure_id, seq)`,
  `create function audit_is_append_only() returns trigger language plpgsql as $$
    begin raise exception 'the audit is append-only'; end $$`,
  `create trigger audit_append_only before update or delete on audit
    for each row execute function audit_is_append_only()`,
  // Emptying a table fires no trigger for its rows.
  `create trigger audit_never_emptied before truncate on audit
    for each statement execute function audit_is_append_only()`,
  `create table messages (
    id bigint generated always as identity primary key,
    exposure_id text not null references exposures (id),
    key text not null,
    kind text not null,
    recipient text not null,
    details jsonb not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    attempts integer not null default 0,
    channel text,
    ts text,
    unique (exposure_id, key)
  )`,
  `create index messages_unsent on messages (exposure_id) where sent_at is null`,
  `create table handled (key text primary key, at timestamptz not null)`,
  `create table switches (name text primary key, value text not null, by text not null, at timestamptz not null)`,
  `create table tunnels (id text primary key, fence bigint not null default 0)`,
  `create table holes (
    key text primary key,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    channel text,
    ts text
  )`,
];
