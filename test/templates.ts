// The stores that tests copy, with every table in them.
import { randomUUID } from "node:crypto";
import { startPostgres } from "../sandbox/postgres.ts";
import { openDatabase } from "../src/store/database.ts";
import { dropDatabase, inDatabase, onServer } from "./postgres-server.ts";
import { prepareQueue } from "./prepare-queue.ts";

export async function makePostgresTemplate(folder: string) {
  const given = process.env.TEST_DATABASE_URL;
  const server = given ? { url: given, stop: async () => undefined } : await startPostgres(folder);
  const name = `template_${randomUUID().replaceAll("-", "")}`;
  const stop = async () => {
    await dropDatabase(server.url, name);
    await server.stop();
  };
  try {
    await onServer(server.url, `create database ${name}`);
    const database = await openDatabase({ url: inDatabase(server.url, name), dataDir: folder });
    await prepareQueue(database);
    await database.close();
  } catch (error) {
    await stop();
    throw error;
  }
  return { template: { server: server.url, name }, stop };
}

export async function makeEmbeddedTemplate(folder: string): Promise<string> {
  const database = await openDatabase({ dataDir: folder });
  await prepareQueue(database);
  await database.close();
  return folder;
}
