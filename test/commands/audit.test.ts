// `npm run audit` where the store is not at hand: it says so, and makes none.
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startSandbox } from "../../sandbox/start.ts";
import { quickSeed } from "../world.ts";
import { runCommand } from "./run-command.ts";

/** Nobody listens there. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

test.each([
  ["that is not there", false],
  ["in which no bot has ever been", true],
])("a folder %s is named, and nothing is made", async (_, isThere) => {
  const folder = join(mkdtempSync(join(tmpdir(), "drawbridge-audit-")), "data");
  if (isThere) mkdirSync(folder);
  const { code, out, err } = await runCommand("audit", [], { env: { DATA_DIR: folder } });
  expect([code, out]).toEqual([1, ""]);
  expect(err).toBe(
    `There is no store in ${folder}. DATABASE_URL, CLOUD_SQL_INSTANCE or DATA_DIR say where the bot keeps it.\n`,
  );
  expect(isThere ? readdirSync(folder) : existsSync(folder)).toEqual(isThere ? [] : false);
});

test("the database's address is read from Secret Manager, and one that nobody answers at is told in one line", async () => {
  const address = `postgres://bot:hunter2@127.0.0.1:${await closedPort()}/drawbridge`;
  const seed = quickSeed();
  const secrets = { "projects/lakeside-prod/secrets/database-url": [address] };
  const sandbox = await startSandbox({ bot: false, seed: { ...seed, google: { ...seed.google, secrets } } });
  try {
    const DATABASE_URL = "sm://projects/lakeside-prod/secrets/database-url";
    const { code, out, err } = await runCommand("audit", [], { env: { ...sandbox.env, DATABASE_URL } });
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^The database cannot be used: connect ECONNREFUSED 127\.0\.0\.1:\d+\n$/);
  } finally {
    await sandbox.stop();
  }
});
