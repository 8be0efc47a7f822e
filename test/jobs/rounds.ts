// A table in which workers of several processes write down what they ran: who is at what, and up to which request.
import { type Kysely, sql } from "kysely";
import type { Queue } from "../../src/jobs/queue.ts";
import type { Tables } from "../../src/store/tables.ts";

type Rounds = {
  key: string;
  wanted: number;
  done: number;
  running: number;
  collisions: number;
  runs: number;
};

export async function createRounds(db: Kysely<Tables>, keys: string[]): Promise<void> {
  await sql`create table rounds (key text primary key, wanted int not null default 0, done int not null default 0,
    running int not null default 0, collisions int not null default 0, runs int not null default 0)`.execute(
    db,
  );
  for (const key of keys) await sql`insert into rounds (key) values (${key})`.execute(db);
}

export async function readRounds(db: Kysely<Tables>): Promise<Rounds[]> {
  return (await sql<Rounds>`select * from rounds order by key`.execute(db)).rows;
}

/** Wants one more round of a key and asks for a run of it, in one transaction. */
export async function wantRound(db: Kysely<Tables>, queue: Queue, key: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`update rounds set wanted = wanted + 1 where key = ${key}`.execute(trx);
    await queue.enqueue(trx, "converge", key);
  });
}

/** Brings a key up to what was wanted when the run began, and notes whoever else is at the same key. */
export function runRound(db: Kysely<Tables>, atWork: () => Promise<void>) {
  return async (key: string): Promise<void> => {
    const { rows } = await sql<{ wanted: number }>`
      update rounds set running = running + 1, runs = runs + 1,
        collisions = collisions + case when running > 0 then 1 else 0 end
      where key = ${key} returning wanted`.execute(db);
    await atWork();
    await sql`update rounds set running = running - 1, done = greatest(done, ${rows[0]?.wanted ?? 0})
      where key = ${key}`.execute(db);
  };
}
