// The demo tunnel with real processes for connectors: the worker pool, its faults, and how the bot is told of it.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { RIGHT } from "./cloudflared/revision.ts";
import { startWorkerPool, type WorkerPool } from "./cloudflared/worker-pool.ts";
import type { CloudflareEmulator, GoogleEmulator, Seed, Shared } from "./contract.ts";
import { tokenOf, tokenReference } from "./deployed-pools.ts";
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

export const CONNECTOR_POOL = "cloudflared";

/** Two minutes of cloudflared's in seven seconds. */
const DEFAULTS: ConnectorOptions = { instances: 2, timeScale: 0.05 };

export async function startTunnel(
  { shared, seed, cloudflare, google }: Parts,
  options: true | Partial<ConnectorOptions>,
): Promise<SandboxTunnel> {
  const [tunnel] = seed.cloudflare.tunnels;
  const [service] = seed.google.services;
  if (!tunnel || !service) throw new Error("the seed has no tunnel, or no project to run its connectors in");
  const { project, region } = service;
  const fullName = `projects/${project}/locations/${region}/workerPools/${CONNECTOR_POOL}`;
  const deployed = () => google.workerPools().find(({ name }) => name === fullName) ?? {};
  const pool = await startWorkerPool(RIGHT, {
    ...DEFAULTS,
    ...(options === true ? {} : options),
    project,
    region,
    name: CONNECTOR_POOL,
    edge: cloudflare.connectorAddress,
    token: () => tokenOf(deployed(), google) ?? "",
    clock: shared.clock,
    google,
  });
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  pool.onChange(tell);
  const unfollow = followToken(google, deployed, pool);
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
    close() {
      unfollow();
      return pool.close();
    },
  };
}

/** Somebody points the pool to another version of the token through Cloud Run's API: its instances are rolled. */
function followToken(
  google: GoogleEmulator,
  deployed: () => Record<string, unknown>,
  pool: WorkerPool,
): () => void {
  const version = () => tokenReference(deployed())?.version;
  let running = version();
  return google.onChange(({ kind }) => {
    if (kind !== "worker-pool" || version() === running) return;
    running = version();
    void pool.deploy(pool.revision());
  });
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
