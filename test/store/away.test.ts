// A store that is away is told from a fault of our own, by what Postgres and its driver really say.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { sql } from "kysely";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { isAway } from "../../src/store/away.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { type OwnPostgres, startOwnPostgres } from "../own-postgres.ts";

async function own(): Promise<{ postgres: OwnPostgres; database: Database }> {
  const postgres = await startOwnPostgres();
  onTestFinished(() => postgres.stop());
  const database = await openDatabase({ url: postgres.url, dataDir: "" });
  onTestFinished(() => database.close());
  return { postgres, database };
}

async function faultOf({ db }: Database, statement: string): Promise<unknown> {
  return await sql
    .raw(statement)
    .execute(db)
    .then(
      () => null,
      (error: unknown) => error,
    );
}

/** A connection that was cut off is noticed at its next use. */
async function answers(database: Database): Promise<void> {
  await expect.poll(() => faultOf(database, "select 1")).toBeNull();
}

/** With what was said, so that a failure shows it. */
function judged(fault: unknown) {
  return { said: String(fault), away: isAway(fault) };
}

test("Postgres that stands still, cuts off what it was asked, or is gone is away", async () => {
  const { postgres, database } = await own();
  const away = (said: RegExp) => ({ said: expect.stringMatching(said), away: true });
  expect(judged(await faultOf(database, "select pg_sleep(4)"))).toEqual(away(/statement timeout/));
  const cut = await faultOf(database, "select pg_terminate_backend(pg_backend_pid())");
  expect(judged(cut)).toEqual(away(/terminating connection due to administrator command/));

  // One is asked by a connection that stands, the other needs a new one.
  await answers(database);
  postgres.pause();
  const held = await Promise.all([faultOf(database, "select 1"), faultOf(database, "select 2")]);
  postgres.goOn();
  expect(held.map(judged)).toEqual([away(/Query read timeout/), away(/timeout exceeded|connection timeout/)]);

  await postgres.stop();
  expect(judged(await faultOf(database, "select 1"))).toEqual(away(/ECONNREFUSED|Connection terminated/));
});

test("a server that takes the connection and says nothing is away", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const client = new pg.Client({ host: "127.0.0.1", port, connectionTimeoutMillis: 200 });
  client.on("error", () => undefined);
  const fault = await client.connect().catch((error: unknown) => error);
  expect(judged(fault)).toEqual({ said: "Error: timeout expired", away: true });
});

test("what Postgres refuses, and a fault of our own, is not", async () => {
  const { database } = await own();
  await faultOf(database, "create table once (id int primary key); insert into once values (1)");
  for (const statement of ["insert into once values (1)", "select * from nothing", "selec", "select 1/0"])
    expect(judged(await faultOf(database, statement))).toMatchObject({ away: false });
  await database.close();
  expect(judged(await faultOf(database, "select 1"))).toMatchObject({ away: false });
  for (const fault of [new TypeError("x is undefined"), new Error("Connection"), "away", null, undefined])
    expect(isAway(fault)).toBe(false);
  expect(isAway(Object.assign(new Error("bind message"), { code: "08P01" }))).toBe(false);
});

test("a host with several addresses is away when each of them is", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED ::1:5432"), { code: "ECONNREFUSED" });
  expect(isAway(new AggregateError([refused, refused]))).toBe(true);
  expect(isAway(new AggregateError([refused, new TypeError("x")]))).toBe(false);
  expect(isAway(new AggregateError([]))).toBe(false);
});
