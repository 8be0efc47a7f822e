// The process: starts the bot and ends it. A problem at the start is told plainly, with everything that is wrong at once.
import { loadConfig } from "./config.ts";
import { ConfigError } from "./config-values.ts";
import { resolveSecrets } from "./secrets.ts";
import { isServiceFailure } from "./services/failure.ts";
import { type Running, start } from "./start.ts";
import { StoreUnusable } from "./store/database.ts";
import { FolderInUse } from "./store/folder-lock.ts";

const STOP_MS = 9_000;

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
    const config = loadConfig(await resolveSecrets(process.env));
    running = await start(config, (reason) => {
      process.stderr.write(`Slack refuses the connection for good: ${reason}\n`);
      leave(1);
    });
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
