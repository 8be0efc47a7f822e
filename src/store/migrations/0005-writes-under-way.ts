// Until when a write of a tunnel's configuration that nobody saw answered may still be carried out.
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table tunnels add column write_until timestamptz").execute(db);
}
