// Where a figure is taken: one Postgres for the run; for each figure a database, the sandbox's emulators in this process,
// and the real bot as a process of its own, started as in production.
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { type Bot, startArguments, startBot } from "../sandbox/bot.ts";
import { startPostgres } from "../sandbox/postgres.ts";
import { type DemoSeed, demoSeed } from "../sandbox/seed.ts";
import { type Sandbox, startSandbox } from "../sandbox/start.ts";
import type { Policy } from "../src/domain/policy.ts";
import { loadPolicy } from "../src/policy-file.ts";
import { type Database, openDatabase } from "../src/store/database.ts";

export type Bench = {
  databaseUrl: string;
  openStage(options?: StageOptions): Promise<Stage>;
  close(): Promise<void>;
};

export type StageOptions = {
  /** Keep the exposures in the embedded store. */
  embedded?: boolean;
  env?: Record<string, string>;
};

export type Stage = {
  sandbox: Sandbox;
  policy: Policy;
  /** The bot's store, with every table in it; unused by a bot that keeps an embedded one. */
  database: Database;
  databaseUrl: string;
  /** Resolves when the bot is connected; answers with how long that took from its start, in ms. */
  startBot(env?: Record<string, string>): Promise<number>;
  bot(): Bot;
  /** With SIGKILL it gets no chance to put anything in order. */
  stopBot(signal?: NodeJS.Signals): Promise<void>;
  close(): Promise<void>;
};

/** `bundle` is the folder with what the image runs; `env` that of every bot, for a bench that is in a hurry. */
export async function createBench(bundle: string, env: Record<string, string> = {}): Promise<Bench> {
  const command = [process.execPath, ...startArguments(bundle)];
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-bench-"));
  const server = await startPostgres(folder, true);
  return {
    databaseUrl: server.url,
    openStage: (options = {}) =>
      openStage(server.url, command, { ...options, env: { ...env, ...options.env } }),
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** No sweep and no look at the tunnels comes in between. */
const CALM = { SWEEP_SECONDS: "600", LOOK_SECONDS: "600", LOG_LEVEL: "info" };

async function openStage(server: string, command: string[], options: StageOptions): Promise<Stage> {
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  await onServer(server, `create database ${name}`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const sandbox = await startSandbox({ bot: false, seed: promptSeed() });
  const policy = await loadPolicy(sandbox.env.POLICY_FILE ?? "");
  const database = await openDatabase({ url, dataDir: sandbox.dataDir });
  const store: Record<string, string> = options.embedded ? {} : { DATABASE_URL: url };
  const env = { ...sandbox.env, ...store, ...CALM, ...options.env };
  let running: Bot | null = null;

  async function stopBot(signal?: NodeJS.Signals): Promise<void> {
    await running?.stop(signal);
    running = null;
  }

  return {
    sandbox,
    policy,
    database,
    databaseUrl: url,
    async startBot(more = {}) {
      const began = performance.now();
      const connected = Promise.withResolvers<number>();
      const onLine = (line: string) => {
        if (line.includes('"drawbridge is connected"')) connected.resolve(performance.now() - began);
      };
      const logFile = join(sandbox.dataDir, "bot.log");
      running = startBot({ env: { ...env, ...more }, logFile, command, onLine });
      await running.ready();
      return await connected.promise;
    },
    bot() {
      if (!running) throw new Error("no bot is running");
      return running;
    },
    stopBot,
    async close() {
      await stopBot();
      await sandbox.stop();
      await database.close();
      await onServer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Nothing at Cloudflare takes time by itself, so that what is measured is the bot's. */
function promptSeed(): DemoSeed {
  return { ...demoSeed, cloudflare: { ...demoSeed.cloudflare, propagationMs: 0, connectorDelayMs: 0 } };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** Runs what is measured on a stage of its own, and takes the stage down whatever happens. */
export async function onStage<T>(
  bench: Bench,
  options: StageOptions,
  act: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = await bench.openStage(options);
  try {
    return await act(stage);
  } finally {
    await stage.close();
  }
}

/** Looks every few milliseconds; what is timed by it is as exact as that. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 60,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await pause(5);
  }
}
