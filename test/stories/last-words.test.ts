// What the process says when it cannot start, and when it falls over: what is wrong and what to do, and no secret.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bot, freePort, startBot } from "../../sandbox/bot.ts";
import {
  ALL,
  APP,
  asMarkedUser,
  BOT,
  CLOUDFLARE,
  MARK,
  MARKED_ENV,
  markedSeed,
  PASSWORD,
} from "../marked.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
let databaseUrl: string;
beforeAll(async () => {
  world = await createWorld({ ownProcess: true, seed: markedSeed(), env: MARKED_ENV });
  databaseUrl = await asMarkedUser(world.databaseUrl ?? "");
  await world.stopBot();
});
afterAll(() => world.close());

/** Runs the bot until it ends; answers what it said. `poke` is what is done to it once it is ready. */
async function lastWords(env: Record<string, string>, poke?: (bot: Bot) => void): Promise<string> {
  const lines: string[] = [];
  const own = { DATABASE_URL: databaseUrl, HEALTH_PORT: String(await freePort()) };
  const bot = startBot({
    env: { ...world.sandbox.env, ...MARKED_ENV, ...own, ...env },
    logFile: join(world.sandbox.dataDir, "last-words.log"),
    onLine: (line) => void lines.push(line),
  });
  if (poke) await bot.ready();
  poke?.(bot);
  await world.until("it has ended", () => bot.status().state === "died", 60);
  expect(bot.status().detail).toContain("exit code 1");
  const said = lines.join("\n");
  expect(said).not.toContain(MARK);
  return said;
}

const THROWER = `data:text/javascript,${encodeURIComponent(`
  const error = () => new Error("torn: " + process.env.TORN, { cause: new Error(process.env.TORN) });
  process.on("SIGUSR2", () => setImmediate(() => { throw error(); }));
  process.on("SIGHUP", () => void Promise.reject(error()));
`)}`;

test.each([
  ["SIGUSR2", "an error that nobody caught"],
  ["SIGHUP", "a rejection that nobody handled"],
] as const)("a crash (%s: %s) prints its stack", async (signal, _) => {
  const env = { NODE_OPTIONS: `--import=${THROWER}`, TORN: ALL };
  const said = await lastWords(env, (bot) => process.kill(bot.pid ?? 0, signal));
  expect(said).toContain("Error: torn: [redacted]");
  expect(said).toContain("    at ");
});

const WRONG: [string, Record<string, string>, RegExp[]][] = [
  [
    "swapped tokens, and more in the wrong place",
    { SLACK_BOT_TOKEN: APP, SLACK_APP_TOKEN: BOT, CLOUDFLARE_ACCOUNT_ID: CLOUDFLARE, LOG_LEVEL: BOT },
    [/4 problems/, /SLACK_BOT_TOKEN is not a bot token/, /CLOUDFLARE_ACCOUNT_ID is not an account id/],
  ],
  [
    "tokens that are refused",
    { SLACK_BOT_TOKEN: `${BOT}x`, CLOUDFLARE_API_TOKEN: `${CLOUDFLARE}x` },
    [/Slack refuses SLACK_BOT_TOKEN: invalid_auth/, /Cloudflare refused our API token/],
  ],
  [
    "a database that is not there",
    { DATABASE_URL: `postgres://keeper:${PASSWORD}@127.0.0.1:1/x` },
    [/database/, /ECONNREFUSED 127.0.0.1:1/],
  ],
  ["an address that is none", { DATABASE_URL: `postgres://keeper:${PASSWORD}@@:x/` }, [/database/i]],
  ["an environment in place of a policy", { POLICY_FILE: "/proc/self/environ" }, [/policy/i]],
];

test.each(WRONG)("a start with %s", async (_, env, words) => {
  const said = await lastWords(env);
  for (const each of words) expect(said).toMatch(each);
  expect(said).not.toContain("    at ");
});

test("a start with a password that the database refuses", async () => {
  const said = await lastWords({ DATABASE_URL: databaseUrl.replace(PASSWORD, `${PASSWORD}-x`) });
  expect(said).toContain("password authentication failed");
  expect(said).not.toContain("    at ");
});
