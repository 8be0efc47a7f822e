// The bot from its configuration: policy, clock, store and vendors are opened and checked, then it is put together.
import type { Logger } from "pino";
import { startBot } from "./bot.ts";
import { openClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { loadPolicy } from "./policy-file.ts";
import { lateSlackCheck, preflight } from "./preflight.ts";
import { serveAudit } from "./store/audit-socket.ts";
import { openDatabase } from "./store/database.ts";
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
  let team = "";
  const vendors = createVendors({ config, policy, team: () => team, clock, log, observe: metrics.call });
  const database = await openDatabase(config.store);
  const auditSocket = database.pglite ? await serveAudit(config.store.dataDir, database.db) : null;
  const close = async () => {
    auditSocket?.close();
    clock.close();
    await vendors.close();
    await database.close();
  };
  try {
    const { slackUnseen, ...found } = await preflight(config, policy, vendors, log);
    team = found.team;
    const onConnected = async () => {
      if (slackUnseen) await lateSlackCheck(config, policy, log);
    };
    const parts = { config, policy, database, vendors, clock, log, metrics, onFatal, onConnected, ...found };
    const bot = await startBot(parts);
    const stop = () => bot.stop().finally(close);
    return { healthPort: bot.healthPort, connected: bot.connected, stop };
  } catch (error) {
    await close();
    throw error;
  }
}

function logFor(config: Config): Logger {
  return createLogger({ level: config.logLevel, secrets: config.secrets });
}
