// Databases for tests, on the run's own Postgres server, which is started when the first test asks for one. TEST_DATABASE_URL
// names a server to use instead; its user has to be allowed to create databases.
import { randomUUID } from "node:crypto";
import { madeOnce } from "./made-once.ts";
import { dropDatabase, inDatabase, onServer } from "./postgres-server.ts";

/** A fresh database with every table in it, the queue's as well. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { server, name: template } = await madeOnce("postgres");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name} template ${template}`);
  return { url: inDatabase(server, name), drop: () => dropDatabase(server, name) };
}

/** A backup: another database with all that is in this one, which nobody may be connected to just now. */
export async function copyDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const { server } = await madeOnce("postgres");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name} template ${new URL(url).pathname.slice(1)}`);
  return { url: inDatabase(server, name), drop: () => dropDatabase(server, name) };
}

/** An empty database: no table of ours, none of the queue's. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { server } = await madeOnce("postgres");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name}`);
  return { url: inDatabase(server, name), drop: () => dropDatabase(server, name) };
}
