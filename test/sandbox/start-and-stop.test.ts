// `npm run sandbox` as people run it: one process, which leaves nothing behind.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
let child: ChildProcess | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "drawbridge-start-test-"));
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** Resolves at the first line that says so. */
async function run(line: RegExp): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("../../sandbox/index.ts", import.meta.url));
  const started = spawn(process.execPath, [script, "--port", "0"], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = started;
  for await (const said of createInterface({ input: started.stdout })) if (line.test(said)) return started;
  throw new Error("it ended without saying so");
}

test.each([
  ["while it still starts", /^Starting the sandbox/],
  ["once it runs", /Ctrl-C stops everything/],
])("Ctrl-C %s stops it and leaves no file", async (_, line) => {
  const started = await run(line);
  const ended = once(started, "exit");
  started.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
  expect(await readdir(folder)).toEqual([]);
});
