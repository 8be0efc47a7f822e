// kill -9 while the tables are brought up to date: the next start finds nothing half done, and nothing is lost. The moment
// is held fast by another connection that has what the migration needs next.
import { sql } from "kysely";
import pg from "pg";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { startChild } from "../child.ts";
import { emptyUrl } from "../engines.ts";
import { oldDatabase } from "./old-database.ts";
import { ASKED, pendingExposure, storeOn } from "./sample-exposure.ts";

async function killWhile(url: string, held: string): Promise<void> {
  const [holder, observer] = [
    new pg.Client({ connectionString: url }),
    new pg.Client({ connectionString: url }),
  ];
  await Promise.all([holder.connect(), observer.connect()]);
  try {
    await holder.query(`begin; ${held}`);
    const doomed = startChild("store/opening-process.ts", [url]);
    const waiting =
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await expect.poll(async () => (await observer.query(waiting)).rowCount, { timeout: 20_000 }).toBe(1);
    await doomed.kill("SIGKILL");
    await holder.query("rollback");
  } finally {
    await Promise.all([holder.end(), observer.end()]);
  }
}

/** All tables and columns, with what is known of the migrations. */
async function shapeOf(url: string): Promise<unknown[]> {
  const database = await openDatabase({ url, dataDir: "" });
  try {
    const columns = await sql`select table_name, column_name, data_type from information_schema.columns
      where table_schema = 'public' order by 1, 2`.execute(database.db);
    const done = await sql`select name from drawbridge_migration order by 1`.execute(database.db);
    const asked = pendingExposure();
    await storeOn(database).submit(asked, ASKED);
    expect(await storeOn(database).load(asked.id)).toEqual(asked);
    return [...columns.rows, ...done.rows];
  } finally {
    await database.close();
  }
}

test.each(["drawbridge_migration", "exposures", "incidents", "chores"])(
  "killed in a first start, before table %s",
  async (table) => {
    const url = await emptyUrl();
    await killWhile(url, `create table ${table} (id text primary key)`);
    expect(await shapeOf(url)).toEqual(await shapeOf(await emptyUrl()));
  },
);

test.each([
  ["its first table", "create table tunnel_health (id text primary key)"],
  ["a column of a table that is in use", "lock table tunnels in access exclusive mode"],
])("killed in an upgrade, before %s", async (_, held) => {
  const url = await oldDatabase();
  await killWhile(url, held);
  expect(await shapeOf(url)).toEqual(await shapeOf(await emptyUrl()));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("select id, fence::int from tunnels where id = 'tunnel-of-old'");
  await client.end();
  expect(rows).toEqual([{ id: "tunnel-of-old", fence: 7 }]);
});
