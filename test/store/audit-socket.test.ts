// The audit can be read while the bot has the embedded store open.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { writeAudit } from "../../src/store/audit.ts";
import { serveAudit } from "../../src/store/audit-socket.ts";
import { openDatabase } from "../../src/store/database.ts";

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
    const { stdout } = await run(process.execPath, ["src/commands/audit.ts", "--since", "1h"], { env });
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };
  const database = await openDatabase({ dataDir: folder });
  const socket = await serveAudit(folder, database.db);
  const before = { ...entry, action: "long ago", at: new Date(Date.now() - 2 * 3_600_000) };
  await writeAudit(database.db, [before, { ...entry, at: new Date() }]);
  const asked = await audit();
  expect(asked).toMatchObject([{ actor: "U0ASHA", action: "request", details: { reason: "demo" } }]);
  socket.close();
  await database.close();

  expect(await audit()).toEqual(asked);
  await rm(folder, { recursive: true, force: true });
});
