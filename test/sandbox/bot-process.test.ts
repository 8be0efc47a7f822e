// The bot as the sandbox's child: ready when its health check says so, and its death is told, not hidden.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bot, freePort, startBot } from "../../sandbox/bot.ts";
import { startSandbox } from "../../sandbox/start.ts";

const HEALTHY = `require("node:http").createServer((q, r) => r.end("ready")).listen(process.env.HEALTH_PORT, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0)); console.log("token", process.env.SECRET_OF_THIS_MACHINE ?? "none");`;
let folder: string;
let bot: Bot | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "drawbridge-bot-test-"));
});
afterEach(async () => {
  await bot?.stop("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function run(script: string): Promise<Bot> {
  const env = { HEALTH_PORT: String(await freePort()) };
  bot = startBot({ env, logFile: join(folder, "bot.log"), command: [process.execPath, "-e", script] });
  return bot;
}

test("it is ready when its health check says so, knows nothing of this machine, and stops when told", async () => {
  process.env.SECRET_OF_THIS_MACHINE = "xoxb-real";
  const started = await run(HEALTHY);
  await started.ready(20_000);
  expect(started.status().state).toBe("ready");
  await started.stop();
  expect(started.status()).toEqual({ state: "off", detail: "stopped" });
  expect(await readFile(join(folder, "bot.log"), "utf8")).toBe("token none\n");
  delete process.env.SECRET_OF_THIS_MACHINE;
});

test("a bot that dies says why, with its last lines", async () => {
  const started = await run(`console.error("invalid_auth: the bot token is wrong"); process.exit(3);`);
  await expect(started.ready(20_000)).rejects.toThrow(/exit code 3[\s\S]*invalid_auth/);
  expect(started.status().state).toBe("died");
});

test("free ports are ones that no outgoing connection is given, and no two are the same", async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  expect(Math.max(...ports)).toBeLessThan(32_768);
  expect(new Set(ports).size).toBe(ports.length);
});

test("the sandbox's page learns of the death", async () => {
  const sandbox = await startSandbox({ bot: { command: [process.execPath, "-e", "process.exit(4)"] } });
  await expect(sandbox.bot?.ready(20_000)).rejects.toThrow("exit code 4");
  const state = (await (await fetch(`${sandbox.url}/state`)).json()) as { bot: { state: string } };
  expect(state.bot.state).toBe("died");
  await sandbox.stop();
});

test("a port that is taken is named, with what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  await expect(startSandbox({ bot: false, port })).rejects.toThrow(
    `Port ${port} is taken: choose another with --port`,
  );
  other.close();
});
