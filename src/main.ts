// The process: starts the bot and ends it. A problem at the start is told plainly, with everything that is wrong at once.
import { loadConfig } from "./config.ts";
import type { Environment } from "./config-values.ts";
import { lastWords } from "./last-words.ts";
import { resolveSecrets } from "./secrets.ts";
import { type Running, start } from "./start.ts";

const STOP_MS = 9_000;

/** Later with what Secret Manager gave in place of its references. */
let env: Environment = process.env;

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
  process.on("uncaughtException", fail);
  try {
    env = await resolveSecrets(process.env);
    running = await start(loadConfig(env), (reason) => {
      say(reason);
      leave(1);
    });
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  say(error);
  process.exit(1);
}

function say(error: unknown): void {
  process.stderr.write(`${lastWords(error, env)}\n`);
}

await main();
