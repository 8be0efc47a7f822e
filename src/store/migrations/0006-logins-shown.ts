// Which log-ins the card of an exposure shows, so that it is drawn anew when there are others.
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table exposures add column logins_shown text").execute(db);
}
