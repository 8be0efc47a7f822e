// Starts the bot and ends it: configuration, preflight, the parts, signals. A problem at the start is told plainly, with
// everything that is wrong at once.
import { type Bot, startBot } from "./bot.ts";
import { machineClock, sandboxClock } from "./clock.ts";
import { type Config, ConfigError, loadConfig } from "./config.ts";
import { createLogger } from "./log.ts";
import { loadPolicy } from "./policy-file.ts";
import { preflight } from "./preflight.ts";
import { resolveSecrets } from "./secrets.ts";
import { isServiceFailure } from "./services/failure.ts";
import { openDatabase, StoreUnusable } from "./store/database.ts";
import { FolderInUse } from "./store/folder-lock.ts";
import { createVendors } from "./vendors.ts";

const STOP_MS = 9_000;

type Running = { bot: Bot; stop(): Promise<void> };

async function start(config: Config, leave: (code: number) => void): Promise<Running> {
  const secrets = [
    config.cloudflare.apiToken,
    config.slack.botToken,
    config.slack.appToken,
    config.databaseUrl ?? "",
  ];
  const log = createLogger({ level: config.logLevel, secrets: secrets.filter(Boolean) });
  const policy = await loadPolicy(config.policyFile);
  const clock = config.clockUrl ? await sandboxClock(config.clockUrl, log) : machineClock();
  let team = "";
  const vendors = createVendors(config, policy, () => team, clock, log);
  const database = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir });
  const found = await preflight(config, policy, vendors, log);
  team = found.team;
  const onFatal = (reason: string) => {
    log.fatal({ reason }, "Slack refuses the connection for good");
    leave(1);
  };
  const bot = await startBot({ config, policy, database, vendors, clock, log, onFatal, ...found });
  return {
    bot,
    async stop() {
      await bot.stop();
      clock.close();
      await vendors.close();
      await database.close();
    },
  };
}

async function main(): Promise<void> {
  let running: Running | null = null;
  let leaving = false;

  function leave(code: number): void {
    if (leaving) return;
    leaving = true;
    // Whatever hangs: Cloud Run would kill us a second later.
    setTimeout(() => process.exit(code), STOP_MS).unref();
    const stopped = running?.stop() ?? Promise.resolve();
    stopped.then(
      () => process.exit(code),
      () => process.exit(code || 1),
    );
  }

  process.on("SIGTERM", () => leave(0));
  process.on("SIGINT", () => leave(0));
  process.on("unhandledRejection", (reason) => {
    // socket-mode 3.1.0 rejects with nothing while it is being closed.
    if (reason === undefined && leaving) return;
    fail(reason);
  });
  try {
    running = await start(loadConfig(await resolveSecrets(process.env)), leave);
  } catch (error) {
    fail(error);
  }
}

/** What people can mend is said in plain words; anything else is our fault and comes with its stack. */
function fail(error: unknown): never {
  const plain =
    error instanceof ConfigError ||
    error instanceof StoreUnusable ||
    error instanceof FolderInUse ||
    isServiceFailure(error);
  const text = plain
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

await main();
