// A Slack workspace, the bot's connection to it and a log, for the tests of the Slack services.
import type { App } from "@slack/bolt";
import { afterEach } from "vitest";
import { createClock } from "../../sandbox/clock.ts";
import type { Seed, Shared } from "../../sandbox/contract.ts";
import { createFaults } from "../../sandbox/faults.ts";
import { createJournal } from "../../sandbox/journal.ts";
import { startSlack } from "../../sandbox/slack/index.ts";
import { createLogger } from "../../src/log.ts";
import { createSlackApp, type SlackAppOptions } from "../../src/services/slack-connection.ts";

export const BOT_TOKEN = "xoxb-1-MARKEDBOTTOKEN";
export const APP_TOKEN = "xapp-1-MARKEDAPPTOKEN";

export const seed: Seed["slack"] = {
  teamId: "T0TEST",
  teamName: "Lakeside Foods",
  teamDomain: "lakeside-foods",
  botUserId: "U0BRIDGE",
  people: [
    {
      id: "U0ASHA",
      name: "asha",
      realName: "Asha Rao",
      email: "Asha@Lakeside.example",
      tz: "Asia/Tokyo",
      locale: "ja-JP",
    },
    { id: "U0LEE", name: "lee", realName: "Lee Tanaka", email: "lee@lakeside.example" },
    {
      id: "U0GUEST",
      name: "guest",
      realName: "Gus Guest",
      email: "gus@lakeside.example",
      isRestricted: true,
    },
    { id: "U0SOLO", name: "solo", realName: "Sol O", email: "sol@lakeside.example", isUltraRestricted: true },
    {
      id: "U0STRANGER",
      name: "sam",
      realName: "Sam Partner",
      email: "sam@lakeside.example",
      isStranger: true,
    },
    { id: "U0GONE", name: "gone", realName: "Gwen Gone", email: "gwen@lakeside.example", deleted: true },
    { id: "U0MUTE", name: "mute", realName: "Mu Te" },
    { id: "U0OTHER", name: "other", realName: "Ot Her", email: "ot@evil-lakeside.example" },
    { id: "U0BRIDGE", name: "drawbridge", realName: "Drawbridge", isBot: true },
  ],
  channels: [
    { id: "C0LEADS", name: "leads", botIn: true, members: ["U0ASHA", "U0LEE"] },
    { id: "C0OPEN", name: "open", members: ["U0ASHA", "U0LEE"] },
    { id: "C0SECRET", name: "secret", isPrivate: true, members: ["U0LEE"] },
  ],
  userGroups: [
    { id: "S0LEADS", handle: "leads", name: "Leads", users: ["U0LEE"] },
    { id: "S0EMPTY", handle: "empty", name: "Empty", users: [] },
  ],
  botToken: BOT_TOKEN,
  appToken: APP_TOKEN,
  scopes: [
    "commands",
    "chat:write",
    "im:write",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "channels:read",
  ],
};

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Closed by itself after the test. */
export async function startWorkspace(options: { rateLimits?: boolean } = {}) {
  const shared: Shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };
  const workspace = await startSlack(shared, structuredClone(seed), options);
  closing.push(() => workspace.close());
  return { ...shared, workspace, apiUrl: workspace.apiUrl };
}

export function recorder() {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", destination: { write: (line) => void lines.push(line) } });
  const messages = () => lines.map((line) => String((JSON.parse(line) as { message: string }).message));
  return { log, lines, messages };
}

/** Stopped by itself after the test. Short limits, so that tests are. */
export function slackApp(apiUrl: string, options: Partial<SlackAppOptions> = {}) {
  const { log, lines, messages } = recorder();
  const fatal: string[] = [];
  const slack = createSlackApp({
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    apiUrl,
    log,
    onFatal: (reason) => fatal.push(reason),
    ...options,
    limits: {
      staggerMs: 20,
      drainMs: 1000,
      lingerMs: 300,
      backoff: { firstMs: 20, mostMs: 100 },
      ...options.limits,
    },
  });
  closing.push(() => slack.stop());
  return { ...slack, fatal, lines, messages };
}

/** Answers the command after so long. */
export function greet(app: App, afterMs = 0): void {
  app.command("/expose", async ({ ack }) => {
    await pause(afterMs);
    await ack("hello");
  });
}

/** Waits for a state that comes about by itself; fails after ten seconds with what was waited for. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await pause(10);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Rejections that nobody handled while `work` ran: production ends the process on each. */
export async function unhandledDuring(work: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  const note = (reason: unknown) => seen.push(reason ?? "undefined");
  process.on("unhandledRejection", note);
  try {
    await work();
    await pause(50);
  } finally {
    process.removeListener("unhandledRejection", note);
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
  return seen;
}
