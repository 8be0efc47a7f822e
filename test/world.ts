// A whole world for a story: the sandbox's emulators, the real bot against them, people who act, and a clock.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, startBot as spawnBot } from "../sandbox/bot.ts";
import type { SlackMessage } from "../sandbox/contract.ts";
import type { DemoSeed } from "../sandbox/seed.ts";
import { demoSeed } from "../sandbox/seed.ts";
import { type Sandbox, startSandbox } from "../sandbox/start.ts";
import { loadConfig } from "../src/config.ts";
import { createLogger } from "../src/log.ts";
import { start } from "../src/start.ts";
import { productionCommand } from "./made-once.ts";
import { createPerson, type Person } from "./people.ts";
import { createTestDatabase } from "./postgres.ts";

export const APPROVALS = "C0APPROVALS";
export const ALERTS = "C0ALERTS";
export const TUNNEL = "3d539f97-cd3a-4d8e-833b-65e9099c7a8d";

export type World = {
  sandbox: Sandbox;
  databaseUrl: string | null;
  /** Every line that the bot logged. */
  logged: string[];
  person(id: string): Person;
  asha: Person;
  lee: Person;
  mina: Person;
  tom: Person;
  /** The newest card for a hostname, as the approvals channel shows it. */
  card(hostname: string): SlackMessage | null;
  cardText(hostname: string): string;
  /** Waits until the condition holds; fails with what it is for. Waiting is bounded, and nothing is timed by it. */
  until<T>(what: string, check: () => T | Promise<T>, seconds?: number): Promise<NonNullable<T>>;
  /** One more bot; with none running it is the only one. */
  startBot(env?: Record<string, string>): Promise<RunningBot>;
  /** Every bot that runs. With SIGKILL one that is a process of its own gets no chance to put anything in order. */
  stopBot(signal?: NodeJS.Signals): Promise<void>;
  close(): Promise<void>;
};

export type RunningBot = { healthPort: number; stop(signal?: NodeJS.Signals): Promise<void> };

export type WorldOptions = {
  /** A database of the caller's instead of a fresh one. */
  databaseUrl?: string;
  /** Keep the exposures in an embedded store instead of Postgres. */
  embedded?: boolean;
  /** Run cloudflared as processes whose log and metrics the bot can see. */
  cloudflared?: { timeScale: number };
  /** Have Slack enforce its rate limits. */
  slackLimits?: boolean;
  /** Run the bot as production does, as a process of its own that can be killed. */
  ownProcess?: boolean;
  /** What that process runs. Default: as the image does. */
  command?: string[];
  seed?: DemoSeed;
  policy?: string;
  env?: Record<string, string>;
};

/** Quick where production is patient; nothing else differs. */
const QUICK = {
  PROOF_INTERVAL_MS: "30",
  SWEEP_SECONDS: "60",
  LOOK_SECONDS: "600",
  LOG_LEVEL: "info",
  HEALTH_PORT: "0",
};

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const { seed = quickSeed(), cloudflared, slackLimits } = options;
  const sandbox = await startSandbox({ bot: false, seed, cloudflared, slackLimits });
  // Hours are lived in minutes here: what is left of the token's calls would run out, and sweeps be left out.
  sandbox.cloudflare.setApiLimits({ requests: 1_000_000 });
  const database = options.embedded ? null : await databaseFor(options);
  const logged: string[] = [];
  const log = createLogger({
    level: "info",
    destination: { write: (line: string) => void logged.push(line) },
  });
  const running: RunningBot[] = [];

  async function startBot(env: Record<string, string> = {}): Promise<RunningBot> {
    const policy: Record<string, string> = options.policy
      ? { POLICY_FILE: await writePolicy(sandbox, options.policy) }
      : {};
    const store: Record<string, string> = database ? { DATABASE_URL: database.url } : {};
    const whole = { ...sandbox.env, ...store, ...policy, ...QUICK, ...options.env, ...env };
    if (options.ownProcess) return await startProcess(whole);
    const bot = await start(loadConfig(whole), (reason) => logged.push(`fatal: ${reason}`), log);
    running.push(bot);
    await bot.connected;
    return bot;
  }

  async function startProcess(env: Record<string, string>): Promise<RunningBot> {
    const logFile = join(sandbox.dataDir, "bot.log");
    const healthPort = running.length === 0 ? Number(sandbox.env.HEALTH_PORT) : await freePort();
    const withPort = { ...env, HEALTH_PORT: String(healthPort) };
    const command = options.command ?? (await productionCommand());
    const bot = spawnBot({ env: withPort, logFile, command, onLine: (line) => void logged.push(line) });
    const started = { healthPort, stop: (signal?: NodeJS.Signals) => bot.stop(signal) };
    running.push(started);
    await bot.ready();
    return started;
  }

  async function stopBot(signal?: NodeJS.Signals): Promise<void> {
    await Promise.all(running.splice(0).map((bot) => bot.stop(signal)));
  }

  async function close(): Promise<void> {
    await stopBot();
    await sandbox.stop();
    await database?.drop();
  }

  // Left alone, a bot that is late would slow down all that comes after.
  await startBot().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const person = (id: string) => createPerson(sandbox, id, until);
  return {
    sandbox,
    databaseUrl: database?.url ?? null,
    logged,
    person,
    asha: person("U0ASHA"),
    lee: person("U0LEE"),
    mina: person("U0MINA"),
    tom: person("U0TOM"),
    card: (hostname) => cardOf(sandbox, hostname),
    cardText: (hostname) => textOf(cardOf(sandbox, hostname)),
    until,
    startBot,
    stopBot,
    close,
  };
}

async function databaseFor({ databaseUrl }: WorldOptions): Promise<{ url: string; drop(): Promise<void> }> {
  return databaseUrl ? { url: databaseUrl, drop: async () => undefined } : await createTestDatabase();
}

export function quickSeed(): DemoSeed {
  return { ...demoSeed, cloudflare: { ...demoSeed.cloudflare, propagationMs: 40, connectorDelayMs: 40 } };
}

async function writePolicy(sandbox: Sandbox, text: string): Promise<string> {
  const file = join(sandbox.dataDir, "policy.yaml");
  await writeFile(file, text);
  return file;
}

async function until<T>(what: string, check: () => T | Promise<T>, seconds = 20): Promise<NonNullable<T>> {
  for (let left = seconds * 50; left > 0; left--) {
    const found = await check();
    if (found) return found as NonNullable<T>;
    await pause(20);
  }
  throw new Error(`waited ${seconds} s in vain: ${what}`);
}

function cardOf(sandbox: Sandbox, hostname: string): SlackMessage | null {
  const cards = sandbox.slack.messages(APPROVALS).filter((each) => !each.threadTs && each.metadata);
  return cards.filter((each) => textOf(each).includes(hostname)).at(-1) ?? null;
}

/** All that a message says: its text and the words in its blocks. Read once, since a message never changes: stories look at
 *  every card many times a second. */
export function textOf(message: SlackMessage | null): string {
  if (!message) return "";
  const said = sayings.get(message) ?? `${message.text}\n${wordsIn(message.blocks).join("\n")}`;
  sayings.set(message, said);
  return said;
}

const sayings = new WeakMap<SlackMessage, string>();

function wordsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(wordsIn);
  if (!value || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, each]) =>
    (key === "text" || key === "url") && typeof each === "string" ? [each] : wordsIn(each),
  );
}

export function buttonsOf(message: SlackMessage | null): string[] {
  const actions = (message?.blocks ?? []).filter((block) => block.type === "actions");
  return actions.flatMap((block) =>
    (block.elements as { text?: { text: string } }[]).flatMap((element) => element.text?.text ?? []),
  );
}
