// What Cloud Run makes of worker pools that are deployed through its API: their cloudflared runs, as a connector inside the
// Cloudflare emulator, once the revision is ready. A new revision's connectors come up before the old ones go.

import type { Connectors } from "./cloudflare/connectors.ts";
import type { CloudflareEmulator, GoogleEmulator } from "./contract.ts";

type Parts = {
  google: GoogleEmulator;
  cloudflare: CloudflareEmulator & { connectors: Pick<Connectors, "detach"> };
};
type Running = { revision: string; connectors: { tunnelId: string; connectorId: string }[] };
type Variable = { name: string; valueSource?: { secretKeyRef?: { secret?: string; version?: string } } };
type Pool = {
  name: string;
  reconciling?: boolean;
  latestReadyRevision?: string;
  scaling?: { manualInstanceCount?: number };
  template?: { containers?: { env?: Variable[] }[] };
};

/** Pools that are there from the start have their connectors from the seed. `elsewhere` are those that processes run. */
export function runDeployedPools(
  { google, cloudflare }: Parts,
  elsewhere: (pool: string) => boolean,
): { close(): Promise<void> } {
  const running = new Map<string, Running>();
  for (const pool of pools())
    running.set(pool.name, { revision: pool.latestReadyRevision ?? "", connectors: [] });

  function pools(): Pool[] {
    return (google.workerPools() as Pool[]).filter(({ name }) => !elsewhere(name));
  }

  function follow(): void {
    for (const pool of pools()) {
      const { name, reconciling, latestReadyRevision: revision = "" } = pool;
      const before = running.get(name) ?? { revision: "", connectors: [] };
      if (reconciling || revision === before.revision) continue;
      const token = tokenOf(pool, google);
      const count = pool.scaling?.manualInstanceCount ?? 1;
      const connectors = Array.from({ length: count }, () => cloudflare.connectWith(token ?? "")).flatMap(
        (each) => each ?? [],
      );
      running.set(name, { revision, connectors });
      if (connectors.length === 0) continue;
      for (const { tunnelId, connectorId } of before.connectors)
        cloudflare.connectors.detach(tunnelId, connectorId);
    }
  }

  const off = google.onChange(({ kind }) => {
    if (kind === "worker-pool") follow();
  });
  return {
    async close() {
      off();
    },
  };
}

/** What Cloud Run puts into TUNNEL_TOKEN of a pool's instances when they start. */
export function tokenOf(pool: Record<string, unknown>, google: GoogleEmulator): string | null {
  const { secret, version } = tokenReference(pool) ?? {};
  if (!secret) return null;
  const [project] = /^projects\/[^/]+/.exec(String(pool.name)) ?? [""];
  return google.secretValue(secret.includes("/") ? secret : `${project}/secrets/${secret}`, version ?? "");
}

export function tokenReference(pool: Record<string, unknown>): { secret?: string; version?: string } | null {
  const env = (pool as Pool).template?.containers?.flatMap((each) => each.env ?? []) ?? [];
  return env.find((each) => each.name === "TUNNEL_TOKEN")?.valueSource?.secretKeyRef ?? null;
}
