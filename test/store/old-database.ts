// A Postgres database that a version of the past has left.
import { Kysely, PostgresDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import { expect } from "vitest";
import * as exposures0001 from "../../src/store/migrations/0001-exposures.ts";
import { emptyUrl } from "../engines.ts";

/** As the first version left it, with a row. */
export async function oldDatabase(): Promise<string> {
  const url = await emptyUrl();
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ "0001-exposures": exposures0001 }) },
    migrationTableName: "drawbridge_migration",
    migrationLockTableName: "drawbridge_migration_lock",
  });
  expect((await migrator.migrateToLatest()).error).toBeUndefined();
  await sql`insert into tunnels (id, fence) values ('tunnel-of-old', 7)`.execute(db);
  await db.destroy();
  return url;
}
