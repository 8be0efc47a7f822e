// Incidents of tunnels with their messages, and what the watch remembers between two looks.
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table incidents (
    id text primary key,
    version integer not null,
    phase text not null,
    opened_at timestamptz not null,
    ended_at timestamptz,
    muted_until timestamptz,
    announced_version integer not null default 0,
    channel text,
    ts text,
    body jsonb not null
  )`,
  `create index incidents_open on incidents (id) where phase = 'open'`,
  `create index incidents_opened on incidents (opened_at desc)`,
  `create index incidents_unannounced on incidents (id) where announced_version < version`,
  `create table incident_members (
    incident_id text not null references incidents (id),
    tunnel_id text not null,
    slot text not null,
    ended_at timestamptz,
    primary key (incident_id, tunnel_id)
  )`,
  // A tunnel has one open incident of a kind, whatever happens at once.
  `create unique index incident_members_open on incident_members (tunnel_id, slot) where ended_at is null`,
  `create table incident_messages (
    id bigint generated always as identity primary key,
    incident_id text not null references incidents (id),
    key text not null,
    kind text not null,
    recipient text not null,
    broadcast boolean not null,
    details jsonb not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    attempts integer not null default 0,
    channel text,
    ts text,
    unique (incident_id, key)
  )`,
  `create index incident_messages_unsent on incident_messages (incident_id) where sent_at is null`,
  `create table watch_state (name text primary key, looked_at timestamptz not null, body jsonb not null)`,
];
