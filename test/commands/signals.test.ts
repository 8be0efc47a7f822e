// One-off commands end when they are told to, as the image runs them: as the first process of their container, which the kernel
// sends no signal that it does not handle.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { commandFile } from "../made-once.ts";
import { ROOT } from "./run-command.ts";

const NODE = join(ROOT, "node_modules/.bin/node");
const UNSHARE = ["--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];
/** Elsewhere, and where it is not allowed, the exit code alone tells a handler from none. */
const isFirst = spawnSync("unshare", [...UNSHARE, "true"]).status === 0;

type Told = { child: ChildProcess; tell(signal: NodeJS.Signals): void };

async function start(name: string, args: string[], env: Record<string, string> = {}): Promise<Told> {
  const command = [NODE, await commandFile(name), ...args];
  const [program = "", ...rest] = isFirst ? ["unshare", ...UNSHARE, ...command] : command;
  const child = spawn(program, rest, { env: { PATH: process.env.PATH ?? "", ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    child,
    tell: (signal) => void process.kill(isFirst ? childOf(child.pid) : Number(child.pid), signal),
  };
}

function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
}

const SIGNALS = [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const;

test.each(SIGNALS)("%s ends one that waits for its database", async (signal, code) => {
  const silent = createServer();
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const { child, tell } = await start("audit", [], { DATABASE_URL: `postgres://a:b@127.0.0.1:${port}/c` });
  const ended = once(child, "exit");
  await once(silent, "connection");
  tell(signal);
  expect(await ended).toEqual([code, null]);
  silent.close();
});

test.each(SIGNALS)("%s ends one that reads on", async (signal, code) => {
  const { child, tell } = await start("diagnose", ["-"]);
  const ended = once(child, "exit");
  // More than a pipe holds: once it is written, most of it was read.
  await new Promise((written) => child.stdin?.write("a line\n".repeat(100_000), written));
  tell(signal);
  expect(await ended).toEqual([code, null]);
});
