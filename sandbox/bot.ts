// Runs the real bot as a child process, as `npm start` does, and watches whether it is ready.
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };
import type { BotWatch } from "./control.ts";
import type { BotStatus } from "./page/state.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const POLL_MS = 200;
const LAST_LINES = 20;
/** As long as Cloud Run waits between SIGTERM and SIGKILL. */
const STOP_MS = 10_000;
const PORTS = { first: 20_000, last: 32_000 };
// Each process begins elsewhere, so that two of them do not ask for the same.
let nextPort = randomInt(PORTS.first, PORTS.last);

export type BotOptions = {
  env: Record<string, string>;
  logFile: string;
  /** Default: the bot from its sources, with the Node that runs the sandbox. */
  command?: string[];
  onLine?: (line: string) => void;
};

export type Bot = BotWatch & {
  pid: number | undefined;
  /** Resolves when the bot's /readyz said ready; throws when it died or took longer. */
  ready(timeoutMs?: number): Promise<void>;
  /** Default SIGTERM, and SIGKILL when it does not end in time. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** What `npm start` tells Node; `bundle` is a folder to start from in place of the sources (deploy/bundle.ts). */
export function startArguments(bundle?: string): string[] {
  const [, ...args] = manifest.scripts.start.split(" ");
  return bundle ? args.map((arg) => (arg === "src/main.ts" ? join(bundle, "main.js") : arg)) : args;
}

export function startBot({ env, logFile, command, onLine }: BotOptions): Bot {
  const listeners = new Set<(status: BotStatus) => void>();
  const lastLines: string[] = [];
  let status: BotStatus = { state: "starting", detail: "waiting for its first answer" };
  let stopping = false;
  const [file = process.execPath, ...args] = command ?? [process.execPath, ...startArguments()];
  const child = spawn(file, args, {
    cwd: ROOT,
    env: { ...inherited(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(logFile, { flags: "a" });

  function become(next: BotStatus): void {
    if (next.state === status.state && next.detail === status.detail) return;
    status = next;
    for (const listener of listeners) listener(status);
  }
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on("line", (line) => {
      log.write(`${line}\n`);
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      onLine?.(line);
    });
  }
  const ended = new Promise<void>((resolve) => {
    const end = (why: string) => {
      const detail = stopping ? "stopped" : [why, ...lastLines.slice(-5)].join("\n");
      become({ state: stopping ? "off" : "died", detail });
      log.end();
      resolve();
    };
    // "close" comes after the last line of output, "exit" may come before it.
    child.once("close", (code, signal) =>
      end(`The bot ended (${signal ?? `exit code ${code}`}). Its log: ${logFile}`),
    );
    child.once("error", (error) => end(`The bot could not be started: ${error.message}`));
  });
  const poll = watchReadiness(`http://127.0.0.1:${env.HEALTH_PORT}/readyz`, () => status, become);
  ended.then(poll.stop, poll.stop);

  return {
    pid: child.pid,
    status: () => status,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ready: (timeoutMs = 90_000) => untilReady(() => status, listeners, timeoutMs),
    async stop(signal = "SIGTERM") {
      stopping = true;
      await endChild(child, signal, ended);
    },
  };
}

/** A port that is free right now, and below those that systems give to outgoing connections (from 32768 on Linux): one
 *  of these could take it before whoever asked does. No port is given twice in a row, as it may not be used yet. */
export async function freePort(): Promise<number> {
  for (;;) {
    nextPort = nextPort < PORTS.last ? nextPort + 1 : PORTS.first;
    const port = nextPort;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function watchReadiness(
  url: string,
  now: () => BotStatus,
  become: (status: BotStatus) => void,
): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  async function look(): Promise<void> {
    const answer = await readiness(url);
    if (stopped || now().state === "died" || now().state === "off") return;
    if (answer.ready) become({ state: "ready", detail: "connected" });
    else if (now().state !== "starting") become({ state: "unready", detail: answer.detail });
    timer = setTimeout(() => void look(), now().state === "starting" ? POLL_MS : POLL_MS * 5);
  }
  void look();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function readiness(url: string): Promise<{ ready: boolean; detail: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    const text = (await response.text()).trim().slice(0, 300);
    return { ready: response.ok, detail: text || `its health check answers ${response.status}` };
  } catch {
    return { ready: false, detail: "its health check does not answer" };
  }
}

function untilReady(
  now: () => BotStatus,
  listeners: Set<(status: BotStatus) => void>,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(now(), true), timeoutMs);
    const listener = (status: BotStatus) => settle(status, false);
    function settle(status: BotStatus, late: boolean): void {
      const failed = status.state === "died" || status.state === "off";
      if (!late && !failed && status.state !== "ready") return;
      clearTimeout(timer);
      listeners.delete(listener);
      if (status.state === "ready") resolve();
      else
        reject(
          new Error(
            failed ? status.detail : `The bot was not ready after ${timeoutMs / 1000} s: ${status.detail}`,
          ),
        );
    }
    listeners.add(listener);
    settle(now(), false);
  });
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return ended;
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(timer);
}

/** Only what any process needs: a bot on this machine must not pick up somebody's real tokens. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "LANG", "TZ", "NODE_OPTIONS", "NODE_COMPILE_CACHE", "TMPDIR", "SystemRoot"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
