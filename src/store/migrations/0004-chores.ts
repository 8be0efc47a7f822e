// Things to be done once, by one process, whoever is up: looks at what expires, and telling of it.
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw("create table chores (name text primary key, claimed_at timestamptz not null, done_at timestamptz)")
    .execute(db);
}
