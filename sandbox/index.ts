// `npm run sandbox`: everything on one machine, and one address to open.
import { parseArgs } from "node:util";
import { bundlePage } from "./page/bundle.ts";
import { type Sandbox, startSandbox } from "./start.ts";

const HELP = `npm run sandbox -- [options]

  --port N         port of the page and control address (default 4321; 0 takes a free one)
  --json           print one line of JSON with every address once the bot is connected
  --no-bot         emulators and page only; prints the environment for a bot of your own
  --bot-only-env   like --no-bot, but prints nothing except NAME=value lines, for node --env-file
  --data DIR       keep the bot's store and log in DIR (default: a folder that is removed at the end)
  --verbose        show the bot's log here
  --help           this text`;

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(HELP);
  const withBot = !options["no-bot"] && !options["bot-only-env"];
  const quiet = options.json || options["bot-only-env"];
  const starting = startSandbox({
    port: portOf(options.port),
    bot: withBot,
    cloudflared: true,
    dataDir: options.data,
    logBot: options.verbose ? (line) => console.error(line) : undefined,
  });
  const stopping = stopOnSignal(starting);
  if (!quiet) console.log("Starting the sandbox …");
  const sandbox = await starting;
  const page = bundlePage();
  const fault = await botFault(sandbox);
  await page;
  if (stopping()) return;
  if (fault && options.json) {
    await sandbox.stop();
    throw new Error(fault);
  }
  if (fault) tellOfBot(fault);
  sandbox.bot?.onChange(({ state, detail }) => {
    if (state === "died") tellOfBot(detail);
  });
  if (options["bot-only-env"]) printEnvironment(sandbox);
  else if (options.json) console.log(JSON.stringify(addresses(sandbox)));
  else tellWhereToGo(sandbox, withBot);
}

/** Why the bot does not run; null when it is ready, or was not asked for. */
async function botFault({ bot }: Sandbox): Promise<string | null> {
  try {
    await bot?.ready();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "4321" },
      json: { type: "boolean", default: false },
      "no-bot": { type: "boolean", default: false },
      "bot-only-env": { type: "boolean", default: false },
      data: { type: "string" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port ${text} is not a port.`);
  return port;
}

function addresses(sandbox: Sandbox): Record<string, unknown> {
  const { url, env, bot, seed } = sandbox;
  return {
    page: `${url}/`,
    control: url,
    slackApi: env.SLACK_API_URL,
    cloudflareApi: env.CLOUDFLARE_BASE_URL,
    edge: env.EDGE_URL,
    google: env.GOOGLE_API_ENDPOINT,
    health: bot ? `http://127.0.0.1:${env.HEALTH_PORT}` : null,
    bot: bot?.status() ?? { state: "off", detail: "" },
    dataDir: sandbox.dataDir,
    people: seed.slack.people.map(({ id, name }) => ({ id, name })),
    channels: seed.slack.channels.map(({ id, name }) => ({ id, name })),
    env,
  };
}

function tellWhereToGo(sandbox: Sandbox, withBot: boolean): void {
  console.log(`\n  Open ${sandbox.url}/\n`);
  if (!withBot) {
    console.log("  No bot was started. The environment for one of your own:\n");
    printEnvironment(sandbox);
  }
  console.log("\n  Ctrl-C stops everything.");
}

function printEnvironment({ env }: Sandbox): void {
  for (const [name, value] of Object.entries(env)) console.log(`${name}=${value}`);
}

function tellOfBot(detail: string): void {
  console.error(`\n  The bot does not run.\n  ${detail.replaceAll("\n", "\n  ")}\n`);
}

/** Also while it starts: then as soon as there is something to stop. */
function stopOnSignal(starting: Promise<Sandbox>): () => boolean {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(130);
      stopping = true;
      const stopped = starting.then((sandbox) => sandbox.stop());
      stopped.then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
  return () => stopping;
}
