// Cloud SQL by IAM: Google's connector gets its certificate with the bot's own identity, and store and queue both work
// through it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PassThroughClient } from "google-auth-library";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { connectCloudSql } from "../../src/store/cloud-sql.ts";
import { openDatabase } from "../../src/store/database.ts";
import { feelPulse } from "../../src/store/pulse.ts";
import { StoreUnusable } from "../../src/store/unusable.ts";
import { recorder, startedQueue } from "../jobs/recorder.ts";
import { madeOnce } from "../made-once.ts";
import { createEmptyDatabase } from "../postgres.ts";
import { type CloudSqlStandIn, startCloudSql } from "./cloud-sql-stand-in.ts";
import { ASKED, pendingExposure, storeOn } from "./sample-exposure.ts";

const USER = "drawbridge-bot@lakeside-prod.iam";
const INSTANCE = "lakeside-prod:asia-northeast1:drawbridge";
const LOCATION = { instance: INSTANCE, user: USER, address: "private" } as const;

let database: { url: string; drop(): Promise<void> };
let name: string;
let cloudSql: CloudSqlStandIn;

beforeAll(async () => {
  database = await createEmptyDatabase();
  const { hostname, port, pathname } = new URL(database.url);
  name = pathname.slice(1);
  // Behind the real door the token is the password; behind the stand-in's, Postgres wants one of its own.
  vi.stubEnv("PGPASSWORD", "stands-for-the-token");
  await asOwner(`create role "${USER}" login password 'stands-for-the-token'`);
  await asOwner(`alter database ${name} owner to "${USER}"`);
  cloudSql = await startCloudSql(["lakeside-prod", "asia-northeast1", "drawbridge"], {
    host: hostname,
    port: Number(port),
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await cloudSql.close();
  await database.drop();
  await asOwner(`drop role "${USER}"`, "postgres");
});

async function asOwner(statement: string, where = name): Promise<void> {
  const url = new URL(database.url);
  url.pathname = `/${where}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(statement);
  await client.end();
}

function identity(token: string): PassThroughClient {
  const auth = new PassThroughClient();
  auth.getAccessToken = async () => ({ token });
  return auth;
}

test("store and queue live in a Cloud SQL instance, with no password in the configuration", async () => {
  const endpoint = { adminUrl: cloudSql.adminUrl, auth: identity("ya29.the-bots-own") };
  const where = { cloudSql: { ...LOCATION, database: name }, dataDir: "", cloudSqlEndpoint: endpoint };
  const opened = await openDatabase(where);
  onTestFinished(opened.close);
  expect(cloudSql.tokens).toEqual(["ya29.the-bots-own"]);
  const { rows } = await sql<{ user: string }>`select current_user as user`.execute(opened.db);
  expect(rows).toEqual([{ user: USER }]);

  const asked = pendingExposure();
  await storeOn(opened).submit(asked, ASKED);
  expect(await storeOn(opened).load(asked.id)).toEqual(asked);

  const queue = await startedQueue(opened);
  const seen = recorder();
  await queue.work("converge", 1, seen.handle);
  await queue.enqueue(opened.db, "converge", "tunnel-1");
  await expect.poll(() => seen.runs).toEqual(["tunnel-1"]);
  expect(cloudSql.connections()).toBeGreaterThan(2);
});

test("what the image has of the connector reaches it too", async () => {
  const bundled = await madeOnce("bundle");
  const [file = "", ...others] = readdirSync(bundled).filter((name) => /^cloud-sql-.*\.js$/.test(name));
  expect(others).toEqual([]);
  const { connectCloudSql: connect } = (await import(join(bundled, file))) as {
    connectCloudSql: typeof connectCloudSql;
  };
  const endpoint = { adminUrl: cloudSql.adminUrl, auth: identity("ya29.the-images-own") };
  const { connection, close } = await connect({ ...LOCATION, database: name }, endpoint);
  onTestFinished(close);
  expect(cloudSql.tokens).toContain("ya29.the-images-own");
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query("select current_user as user").finally(() => client.end());
  expect(rows).toEqual([{ user: USER }]);
});

test("the doctor gets an answer from it", async () => {
  const endpoint = { adminUrl: cloudSql.adminUrl, auth: identity("ya29.the-bots-own") };
  const where = { cloudSql: { ...LOCATION, database: name }, dataDir: "", cloudSqlEndpoint: endpoint };
  expect(await feelPulse(where)).toMatchObject({ engine: "Postgres", held: false });
});

test.each([
  ["who opens it", openDatabase],
  ["the doctor", feelPulse],
])("an instance that is not there is told %s in plain words", async (_, open) => {
  const endpoint = { adminUrl: cloudSql.adminUrl, auth: identity("ya29.the-bots-own") };
  const elsewhere = { ...LOCATION, instance: "lakeside-prod:asia-northeast1:elsewhere", database: name };
  const failure = await open({ cloudSql: elsewhere, dataDir: "", cloudSqlEndpoint: endpoint }).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(StoreUnusable);
  expect((failure as StoreUnusable).message).toContain("The Cloud SQL instance does not exist.");
});
