// What is known of each tunnel now, and its states over time: a row for each change.
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table tunnel_health (
    tunnel_id text primary key,
    looked_at timestamptz not null,
    changed_at timestamptz not null,
    body jsonb not null
  )`,
  `create table tunnel_states (
    tunnel_id text not null,
    at timestamptz not null,
    state text not null,
    primary key (tunnel_id, at)
  )`,
];
