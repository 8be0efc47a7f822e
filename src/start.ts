// The bot from its configuration: policy, clock, store and vendors are opened and checked, then it is put together.
import type { Logger } from "pino";
import { createAccessTeam } from "./access-team.ts";
import { startBot } from "./bot.ts";
import { openClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { type LoadedPolicy, loadPolicy } from "./policy-file.ts";
import { lateCloudflareCheck, lateSlackCheck, preflight } from "./preflight.ts";
import { type AuditEntry, writeAudit } from "./store/audit.ts";
import { serveAudit } from "./store/audit-socket.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { createVendors } from "./vendors.ts";

/** `connected` resolves when Slack is there for the first time, which nothing but people's commands waits for. */
export type Running = { healthPort: number; connected: Promise<void>; stop(): Promise<void> };

/** Throws ConfigError, StoreUnusable or FolderInUse for what people can mend. `onFatal` is called when it cannot go on. */
export async function start(
  config: Config,
  onFatal: (reason: string) => void,
  log = logFor(config),
): Promise<Running> {
  const policy = await loadPolicy(config.policyFile);
  const clock = await openClock(config.clockUrl, log);
  const metrics = createMetrics();
  const team = createAccessTeam(log);
  const vendors = createVendors({ config, policy, team: team.name, clock, log, observe: metrics.call });
  const ending = new AbortController();
  let store: Store | null = null;
  const close = async () => {
    ending.abort();
    clock.close();
    await vendors.close();
    await store?.close();
  };
  try {
    // Before the store: a new version that finds something wrong leaves the tables as the old one needs them.
    const found = await preflight(config, policy, vendors, log);
    if (found.team !== null) team.learn(found.team);
    store = await openStore(config, log);
    const onConnected = async () => {
      if (found.slackUnseen) await lateSlackCheck(config, policy, log);
    };
    const { database } = store;
    // Before anything is decided by it.
    await writeAudit(database.db, [startOf(policy, clock.now())]);
    const parts = { config, policy, database, vendors, clock, log, metrics, onFatal, onConnected, team };
    const bot = await startBot(parts);
    const followTeam = async () => {
      if (found.team === null) team.learn(await lateCloudflareCheck(policy, vendors, ending.signal));
      await team.follow(vendors.access, config.sweepMs, ending.signal);
    };
    followTeam().catch((error: unknown) => {
      if (!ending.signal.aborted) onFatal(error instanceof Error ? error.message : String(error));
    });
    const stop = () => bot.stop().finally(close);
    return { healthPort: bot.healthPort, connected: bot.connected, stop };
  } catch (error) {
    await close();
    throw error;
  }
}

function startOf({ sha256 }: LoadedPolicy, at: Date): AuditEntry {
  const what = { actor: "bot", action: "start", exposureId: null, outcome: "ok" };
  return { at, ...what, details: { policySha256: sha256 } };
}

type Store = { database: Database; close(): Promise<void> };

async function openStore({ store }: Config, log: Logger): Promise<Store> {
  const database = await openDatabase(store);
  const auditSocket = database.pglite ? await serveAudit(store.dataDir, database.db, log) : null;
  return {
    database,
    async close() {
      auditSocket?.close();
      await database.close();
    },
  };
}

function logFor(config: Config): Logger {
  return createLogger({ level: config.logLevel, secrets: config.secrets });
}
