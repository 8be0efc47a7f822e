// Jobs that a killed process had begun. Their heartbeat is missed after ten seconds; a process that starts and finds
// itself alone on the database need not wait for that.
import { randomUUID } from "node:crypto";
import type { PgBoss } from "pg-boss";

const NAME = "drawbridge worker";

/** What the queue's connections are called in pg_stat_activity: by it a process knows its own from those of others. */
export function workerName(): string {
  return `${NAME} ${randomUUID()}`;
}

// Postgres drops the connections of a killed process at once. Should a living one be overlooked (another role's names are
// hidden), its jobs run twice: that is what jobs are made for, and the fence lets one of them write.
const OTHERS = `select 1 from pg_stat_activity
  where datname = current_database() and application_name like '${NAME} %' and application_name <> $1`;

/** Lets the queue's own supervision take them up within a second. `name` is null where nobody else can be there. */
export async function releaseOrphans(boss: PgBoss, name: string | null): Promise<void> {
  const lost = "update pgboss.job set heartbeat_on = '-infinity' where state = 'active'";
  const db = boss.getDb();
  if (name === null) await db.executeSql(lost);
  else await db.executeSql(`${lost} and not exists (${OTHERS})`, [name]);
}
