// The audit can be read while the bot has the embedded store open.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { writeAudit } from "../../src/store/audit.ts";
import { askForAudit, serveAudit } from "../../src/store/audit-socket.ts";
import { openDatabase } from "../../src/store/database.ts";
import { commandFile } from "../made-once.ts";
import { quiet } from "../quiet.ts";
import { recorder } from "../services/slack-world.ts";

const run = promisify(execFile);
const entry = {
  actor: "U0ASHA",
  action: "request",
  exposureId: null,
  outcome: "ok",
  details: { reason: "demo" },
};

test("npm run audit asks the bot that holds the folder, and reads the folder itself when there is none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-audit-"));
  const audit = async () => {
    const env = { ...process.env, DATA_DIR: folder, DATABASE_URL: "" };
    const { stdout } = await run(process.execPath, [await commandFile("audit"), "--since", "1h"], { env });
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };
  const database = await openDatabase({ dataDir: folder });
  const socket = await serveAudit(folder, database.db, quiet);
  const before = { ...entry, action: "long ago", at: new Date(Date.now() - 2 * 3_600_000) };
  await writeAudit(database.db, [before, { ...entry, at: new Date() }]);
  const asked = await audit();
  expect(asked).toMatchObject([{ actor: "U0ASHA", action: "request", details: { reason: "demo" } }]);
  socket.close();
  await database.close();

  expect(await audit()).toEqual(asked);
  await rm(folder, { recursive: true, force: true });
});

async function served() {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-audit-"));
  const database = await openDatabase({ dataDir: folder });
  const { log, messages, lines: logged } = recorder();
  const { close } = await serveAudit(folder, database.db, log);
  onTestFinished(async () => {
    close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, database, messages, logged };
}

/** More than what a pipe and a socket hold between them. */
const MANY = Array.from({ length: 5_000 }, () => ({
  ...entry,
  details: { reason: "x".repeat(400) },
  at: new Date(),
}));

test("a reader that goes away in the middle, such as head, ends neither the bot nor itself with a fault", async () => {
  const { folder, database, messages } = await served();
  await writeAudit(database.db, MANY);
  const env = { ...process.env, DATA_DIR: folder, DATABASE_URL: "" };
  const child = spawn(process.execPath, [await commandFile("audit")], { env });
  const errors = text(child.stderr);
  await once(child.stdout, "data");
  child.stdout.destroy();
  const [code] = await once(child, "close");
  expect([code, await errors]).toEqual([0, ""]);

  let read = 0;
  for await (const _ of askForAudit(folder, new Date(0))) read += 1;
  expect(read).toBe(MANY.length);
  expect(messages()).toEqual([]);
});

test("an answer that is cut off is not taken for the whole", async () => {
  const { folder, database } = await served();
  await writeAudit(database.db, MANY);
  const lines = askForAudit(folder, new Date(0));
  expect((await lines.next()).done).toBe(false);
  await database.close();
  const rest = async () => {
    for await (const _ of lines);
  };
  await expect(rest()).rejects.toThrow("not the whole");
});

test("a read that fails is told in the bot's log, and to the reader", async () => {
  const { folder, database, logged } = await served();
  await sql`alter table audit rename to damaged`.execute(database.db);
  const first = askForAudit(folder, new Date(0)).next();
  await expect(first).rejects.toThrow(/^The answer was cut off: the bot stopped, or its log says why/);
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    {
      message: "the audit could not be read to its end",
      err: { message: expect.stringContaining("audit") },
    },
  ]);
});

test("a folder whose holder does not answer is told as that", async () => {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-audit-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = askForAudit(folder, new Date(0)).next();
  await expect(first).rejects.toThrow(
    /^Whoever has the store open does not answer: .* Try again in a moment/,
  );
});
