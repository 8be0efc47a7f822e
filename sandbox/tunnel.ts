// The demo tunnel with real processes for connectors: the worker pool, its faults, and how the bot is told of it.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { RIGHT } from "./cloudflared/revision.ts";
import { startWorkerPool, type WorkerPool } from "./cloudflared/worker-pool.ts";
import type { CloudflareEmulator, GoogleEmulator, Seed, Shared } from "./contract.ts";
import { createTunnelFaults, type TunnelFaults } from "./tunnel-faults.ts";

export const SANDBOX_POLICY = fileURLToPath(new URL("policy.yaml", import.meta.url));

export type ConnectorOptions = { instances: number; timeScale: number };

export type SandboxTunnel = {
  tunnelId: string;
  pool: WorkerPool;
  faults: TunnelFaults;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
};

type Parts = { shared: Shared; seed: Seed; cloudflare: CloudflareEmulator; google: GoogleEmulator };

/** Two minutes of cloudflared's in seven seconds. */
const DEFAULTS: ConnectorOptions = { instances: 2, timeScale: 0.05 };

export async function startTunnel(
  { shared, seed, cloudflare, google }: Parts,
  options: true | Partial<ConnectorOptions>,
): Promise<SandboxTunnel> {
  const [tunnel] = seed.cloudflare.tunnels;
  const [service] = seed.google.services;
  if (!tunnel || !service) throw new Error("the seed has no tunnel, or no project to run its connectors in");
  const pool = await startWorkerPool(RIGHT, {
    ...DEFAULTS,
    ...(options === true ? {} : options),
    project: service.project,
    region: service.region,
    name: "cloudflared",
    edge: cloudflare.connectorAddress,
    token: cloudflare.tunnelToken(tunnel.id),
    clock: shared.clock,
    google,
  });
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  pool.onChange(tell);
  const faults = createTunnelFaults({ cloudflare, pool, tunnelId: tunnel.id }, tell);
  await pool.ready();
  return {
    tunnelId: tunnel.id,
    pool,
    faults,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => pool.close(),
  };
}

/** The processes are the first tunnel's only connectors. */
export function withoutConnectors<Account extends Seed["cloudflare"]>(account: Account): Account {
  const tunnels = account.tunnels.map((each, at) => (at === 0 ? { ...each, connectors: 0 } : each));
  return { ...account, tunnels };
}

/** The sandbox's policy, and where the connectors run and how they can be seen. */
export async function writePolicy(file: string, { pool }: SandboxTunnel): Promise<string> {
  const policy = parseDocument(await readFile(SANDBOX_POLICY, "utf8"));
  policy.setIn(
    ["tunnels", 0, "connectors"],
    policy.createNode({ workerPool: pool.name, metrics: pool.metrics }),
  );
  await writeFile(file, policy.toString());
  return file;
}
