// A real Postgres server for the run, started when the first test asks for a database, and gone afterwards.
// TEST_DATABASE_URL names a server to use instead; its user has to be allowed to create databases.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { startPostgres } from "../sandbox/postgres.ts";
import { openDatabase } from "../src/store/database.ts";
import { prepareQueue } from "./prepare-queue.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the run's templates are asked for: whoever asks first waits until they are made. */
    templates: string;
  }
}

type Template = { server: string; name: string };

/** Vitest's global setup: an address that makes each template on the first request for it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-test-"));
  process.once("exit", () => removeNow(folder));
  let postgres: Promise<{ template: Template; stop(): Promise<void> }> | undefined;
  let embedded: Promise<string> | undefined;
  const address = createHttpServer(async (request, response) => {
    try {
      if (request.url === "/postgres") {
        postgres ??= makePostgresTemplate(folder);
        response.end(JSON.stringify((await postgres).template));
      } else {
        embedded ??= makeEmbeddedTemplate(join(folder, "embedded"));
        response.end(JSON.stringify(await embedded));
      }
    } catch (error) {
      response.writeHead(500).end(String(error instanceof Error ? error.stack : error));
    }
  });
  project.provide("templates", `http://127.0.0.1:${await listen(address)}`);
  return async () => {
    address.close();
    await postgres?.then(({ stop }) => stop()).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
}

/** A fresh database with every table in it, the queue's as well. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { server, name: template } = await askFor<Template>("postgres");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name} template ${template}`);
  return { url: inDatabase(server, name), drop: () => dropDatabase(server, name) };
}

/** A backup: another database with all that is in this one, which nobody may be connected to just now. */
export async function copyDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const { server } = await askFor<Template>("postgres");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name} template ${new URL(url).pathname.slice(1)}`);
  return { url: inDatabase(server, name), drop: () => dropDatabase(server, name) };
}

/** An empty database: no table of ours, none of the queue's. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const { server } = await askFor<Template>("postgres");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name}`);
  return { url: inDatabase(server, name), drop: () => dropDatabase(server, name) };
}

/** A data folder of the embedded store with every table in it; to be copied, never opened. */
export function embeddedTemplate(): Promise<string> {
  return askFor<string>("embedded");
}

async function askFor<T>(engine: "postgres" | "embedded"): Promise<T> {
  const response = await fetch(`${inject("templates")}/${engine}`);
  if (!response.ok) throw new Error(`No ${engine} for the tests: ${await response.text()}`);
  return (await response.json()) as T;
}

async function makePostgresTemplate(folder: string) {
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

async function makeEmbeddedTemplate(folder: string): Promise<string> {
  const database = await openDatabase({ dataDir: folder });
  await prepareQueue(database);
  await database.close();
  return folder;
}

/** A run that is interrupted has no teardown. Its package stops the server then, which still writes while it goes. */
function removeNow(folder: string): void {
  for (let attempt = 0; attempt < 40 && existsSync(folder); attempt++) {
    rmSync(folder, { recursive: true, force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function dropDatabase(server: string, name: string): Promise<void> {
  await onServer(server, `drop database if exists ${name} with (force)`);
}

function inDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
