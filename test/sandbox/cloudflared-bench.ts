// Runs the stand-in cloudflared as a process against an emulated Cloudflare, and reads what it says.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished } from "vitest";
import { freePort } from "../../sandbox/bot.ts";
import { createClock } from "../../sandbox/clock.ts";
import { type Cloudflare, startCloudflare } from "../../sandbox/cloudflare/index.ts";
import type { Seed } from "../../sandbox/contract.ts";
import { createFaults } from "../../sandbox/faults.ts";
import { createJournal } from "../../sandbox/journal.ts";
import { demoSeed } from "../../sandbox/seed.ts";

export const TUNNEL = "3d539f97-cd3a-4d8e-833b-65e9099c7a8d";
export const STATUS = "status.lakeside.example";
const MAIN = "sandbox/cloudflared/main.ts";

export type StandIn = {
  process: ChildProcess;
  /** All of stderr so far; stdout apart. */
  stderr(): string;
  stdout(): string;
  /** Waits until stderr matches as often as told. */
  says(pattern: RegExp, times?: number): Promise<void>;
  metrics: string;
  ready(): Promise<{ status: number; readyConnections: number; connectorId: string }>;
  get(path: string): Promise<Response>;
  /** Sends SIGTERM; the exit code, or the signal. */
  stop(): Promise<number | string>;
  ended(): Promise<number | string>;
};

/** An emulated Cloudflare without a connector of its own: the stand-ins are its only ones. */
export async function startEdge(change: Partial<Seed["cloudflare"]> = {}): Promise<Cloudflare> {
  const shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };
  const tunnels = demoSeed.cloudflare.tunnels.map((tunnel) => ({ ...tunnel, connectors: 0 }));
  const seed = { ...demoSeed.cloudflare, tunnels, propagationMs: 0, connectorDelayMs: 0, ...change };
  const origin = () => ({ status: 200, headers: {}, body: "" });
  const cloudflare = await startCloudflare(shared, seed, { origin });
  onTestFinished(() => cloudflare.close());
  return cloudflare;
}

/** A hundred times as fast as the real one. */
export async function startStandIn(
  cloudflare: Cloudflare,
  env: Record<string, string> = {},
  args = ["tunnel", "run"],
): Promise<StandIn> {
  const metrics = `127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env.PATH,
      TUNNEL_TOKEN: cloudflare.tunnelToken(TUNNEL),
      TUNNEL_TRANSPORT_PROTOCOL: "http2",
      TUNNEL_METRICS: metrics,
      TUNNEL_LOG_OUTPUT: "json",
      TUNNEL_EDGE: cloudflare.connectorAddress,
      SANDBOX_TIME_SCALE: "0.01",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stderr: "", stdout: "" };
  for (const name of ["stderr", "stdout"] as const)
    child[name].setEncoding("utf8").on("data", (piece: string) => {
      said[name] += piece;
    });
  const closed = once(child, "close") as Promise<[number | null, string | null]>;
  const ended = async () => {
    const [code, signal] = await closed;
    return code ?? signal ?? "unknown";
  };
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  const get = (path: string) => fetch(`http://${env.TUNNEL_METRICS ?? metrics}${path}`);
  return {
    process: child,
    stderr: () => said.stderr,
    stdout: () => said.stdout,
    metrics,
    async says(pattern, times = 1) {
      const all = new RegExp(pattern, "g");
      const seen = () => said.stderr.match(all)?.length ?? 0;
      await expect.poll(seen, { timeout: 25_000, message: `${pattern}` }).toBeGreaterThanOrEqual(times);
    },
    get,
    ready: async () => (await get("/ready")).json() as ReturnType<StandIn["ready"]>,
    stop() {
      child.kill("SIGTERM");
      return ended();
    },
    ended,
  };
}
