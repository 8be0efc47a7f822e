// Starts the whole sandbox: the three emulators, the control address with its page and, if wanted, the real bot.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAppFeatures } from "./app-features.ts";
import { type Bot, type BotOptions, freePort, startBot } from "./bot.ts";
import { createClock } from "./clock.ts";
import { type Cloudflare, startCloudflare } from "./cloudflare/index.ts";
import type { GoogleEmulator, Seed, Shared } from "./contract.ts";
import { type BotWatch, type ControlParts, startControl } from "./control.ts";
import { runDeployedPools } from "./deployed-pools.ts";
import { createFaults } from "./faults.ts";
import { startGoogle } from "./google/index.ts";
import { createJournal } from "./journal.ts";
import type { BotStatus } from "./page/state.ts";
import { type DemoSeed, demoSeed } from "./seed.ts";
import { startSlack } from "./slack/index.ts";
import {
  CONNECTOR_POOL,
  type ConnectorOptions,
  SANDBOX_POLICY,
  type SandboxTunnel,
  startTunnel,
  withoutConnectors,
  writePolicy,
} from "./tunnel.ts";

type Slack = Awaited<ReturnType<typeof startSlack>>;

export type SandboxOptions = {
  seed?: Seed | DemoSeed;
  /** The page and control address. Default: any free port. */
  port?: number;
  ports?: { slack?: number; cloudflare?: number; edge?: number; google?: number; health?: number };
  /** `true` starts it as `npm start` does; an object changes how. Extra `env` wins over the sandbox's own. */
  bot: boolean | { env?: Record<string, string>; command?: string[] };
  /** Run the demo tunnel's connectors as processes, in a worker pool whose log the bot can read. Default: no; the edge
   *  answers for connectors of its own. `timeScale` 1 is cloudflared's own pace. */
  cloudflared?: boolean | Partial<ConnectorOptions>;
  /** Enforce Slack's rate limits. Default: no; scripts are faster than people. */
  slackLimits?: boolean;
  /** Each line that the bot logs. It always goes to `bot.log` in the data folder. */
  logBot?: (line: string) => void;
  /** Kept after the end. Default: a fresh folder that is removed. */
  dataDir?: string;
};

export type Sandbox = {
  shared: Shared;
  seed: Seed;
  slack: Slack;
  cloudflare: Cloudflare;
  google: GoogleEmulator;
  /** The page, and the control address under it. */
  url: string;
  /** What points a bot to this sandbox. */
  env: Record<string, string>;
  dataDir: string;
  bot: Bot | null;
  tunnel: SandboxTunnel | null;
  stop(): Promise<void>;
};

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { ports = {}, seed = demoSeed } = options;
  const shared: Shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const dataDir = options.dataDir ?? (await freshFolder(undo));
    await mkdir(dataDir, { recursive: true });
    const google = kept(undo, await startGoogle(shared, seed.google, { port: ports.google }));
    // As cloudflared does: without a Host header of its own, a route keeps the visitor's hostname.
    const edge = { port: ports.cloudflare, edgePort: ports.edge, origin: google.answer, keepsHost: true };
    const account = options.cloudflared ? withoutConnectors(seed.cloudflare) : seed.cloudflare;
    const cloudflare = kept(undo, await startCloudflare(shared, account, edge));
    addOthersThings(cloudflare, seed);
    giveToken(google, cloudflare, seed);
    const byProcesses = (pool: string) =>
      options.cloudflared !== undefined && pool.endsWith(`/${CONNECTOR_POOL}`);
    kept(undo, runDeployedPools({ google, cloudflare }, byProcesses));
    const slack = kept(
      undo,
      await startSlack(shared, seed.slack, { port: ports.slack, rateLimits: options.slackLimits }),
    );
    const connectors = (tunnelId: string) => cloudflare.connectors.of(tunnelId);
    const tunnel = options.cloudflared
      ? kept(undo, await startTunnel({ shared, seed, cloudflare, google }, options.cloudflared))
      : null;
    const parts = { shared, seed, slack, google, cloudflare, connectors, tunnel };
    const watch = createBotWatch();
    const control = kept(undo, await startControl({ ...parts, app: readAppFeatures(), bot: watch }, options));
    const env = botEnvironment(parts, control.url, dataDir, ports.health ?? (await freePort()));
    if (tunnel) env.POLICY_FILE = await writePolicy(join(dataDir, "policy.yaml"), tunnel);
    const bot = options.bot === false ? null : runBot(options, env, dataDir, undo);
    if (bot) watch.follow(bot);
    return { shared, seed, slack, cloudflare, google, url: control.url, env, dataDir, bot, tunnel, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function kept<Part extends { close(): Promise<void> }>(undo: (() => Promise<unknown>)[], part: Part): Part {
  undo.push(() => part.close());
  return part;
}

async function freshFolder(undo: (() => Promise<unknown>)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-sandbox-"));
  undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The same names that production sets, or leaves unset. */
function botEnvironment(
  { seed, slack, cloudflare, google }: Pick<ControlParts, "seed" | "slack" | "cloudflare" | "google">,
  controlUrl: string,
  dataDir: string,
  healthPort: number,
): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: seed.slack.botToken,
    SLACK_APP_TOKEN: seed.slack.appToken,
    CLOUDFLARE_API_TOKEN: seed.cloudflare.apiToken,
    CLOUDFLARE_ACCOUNT_ID: seed.cloudflare.accountId,
    POLICY_FILE: SANDBOX_POLICY,
    DATA_DIR: join(dataDir, "store"),
    HEALTH_PORT: String(healthPort),
    // A newcomer who breaks something should not have to wait a minute.
    SWEEP_SECONDS: "5",
    LOOK_SECONDS: "1",
    DRAWBRIDGE_SANDBOX: "1",
    SLACK_API_URL: slack.apiUrl,
    CLOUDFLARE_BASE_URL: cloudflare.apiUrl,
    GOOGLE_API_ENDPOINT: google.endpoint,
    EDGE_URL: cloudflare.edgeUrl,
    CLOCK_URL: `${controlUrl}/clock`,
    DNS_SERVER: google.dnsServer,
    ORIGIN_URL: google.originUrl,
  };
}

function runBot(
  { bot, logBot }: SandboxOptions,
  env: Record<string, string>,
  dataDir: string,
  undo: (() => Promise<unknown>)[],
): Bot {
  const given: { env?: Record<string, string>; command?: string[] } = typeof bot === "object" ? bot : {};
  const options: BotOptions = {
    env: { ...env, ...given.env },
    logFile: join(dataDir, "bot.log"),
    command: given.command,
    onLine: logBot,
  };
  const started = startBot(options);
  undo.push(() => started.stop());
  return started;
}

/** The control address is up before the bot: it watches whatever bot is started later, or none. */
function createBotWatch(): BotWatch & { follow(bot: BotWatch): void } {
  const off: BotStatus = { state: "off", detail: "The sandbox runs without the bot." };
  const listeners = new Set<(status: BotStatus) => void>();
  let followed: BotWatch | null = null;
  return {
    status: () => followed?.status() ?? off,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    follow(bot) {
      followed = bot;
      bot.onChange((status) => {
        for (const listener of listeners) listener(status);
      });
    },
  };
}

/** The secret that the seeded pool reads holds what Cloudflare takes. */
function giveToken(
  google: GoogleEmulator,
  cloudflare: Cloudflare,
  { google: { secrets }, ...seed }: Seed,
): void {
  const [tunnel] = seed.cloudflare.tunnels;
  const name = Object.keys(secrets).find((each) => each.endsWith("/cloudflared-tunnel-token"));
  if (tunnel && name) google.setSecret(name, [cloudflare.tunnelToken(tunnel.id)]);
}

/** What people of the company had set up by hand before. */
function addOthersThings(cloudflare: Cloudflare, seed: Seed | DemoSeed): void {
  if (!("applications" in seed.cloudflare)) return;
  // They have been there for long: nothing of it is still on its way to the edge.
  cloudflare.setPropagation(0);
  for (const application of seed.cloudflare.applications) cloudflare.addApplication(application);
  for (const { zoneId, record } of seed.cloudflare.records) cloudflare.addRecord(zoneId, record);
  cloudflare.setPropagation(seed.cloudflare.propagationMs);
}
