// A command as the image runs it: a process of its own, with an environment and nothing else.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandFile } from "../made-once.ts";
import type { World } from "../world.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NODE = join(ROOT, "node_modules/.bin/node");

export type Outcome = { code: number | null; out: string; err: string };

export type RunOptions = {
  env?: Record<string, string>;
  input?: string | Buffer;
  /** Called with the process once it runs, for tests that kill it. */
  started?: (child: ChildProcess) => void;
};

/** `name` is that of its `npm run`. */
export async function runCommand(name: string, args: string[], options: RunOptions = {}): Promise<Outcome> {
  const file = await commandFile(name);
  return await new Promise((resolve, reject) => {
    const child = spawn(NODE, [file, ...args], {
      cwd: ROOT,
      env: options.env ? { PATH: process.env.PATH ?? "", ...options.env } : process.env,
    });
    const outcome: Outcome = { code: null, out: "", err: "" };
    child.stdout.on("data", (data) => {
      outcome.out += data;
    });
    child.stderr.on("data", (data) => {
      outcome.err += data;
    });
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...outcome, code }));
    options.started?.(child);
    child.stdin.end(options.input ?? "");
  });
}

/** What points a command to the world's vendors and store, without anything of Slack. */
export function environmentOf({ sandbox, databaseUrl }: World): Record<string, string> {
  const { SLACK_BOT_TOKEN: _, SLACK_APP_TOKEN: __, SLACK_API_URL: ___, ...env } = sandbox.env;
  return { ...env, ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}), PROOF_INTERVAL_MS: "30" };
}
