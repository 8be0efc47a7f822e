// The worker pool as Cloud Run's API shows it: what the bot reads there is what the instances really run.
import type { GoogleEmulator } from "../contract.ts";
import type { Revision } from "./revision.ts";

type Variable = { name: string; value?: string; valueSource?: unknown };
type Container = { env?: Variable[]; [field: string]: unknown };
type Template = { containers?: Container[]; [field: string]: unknown };

/** Where the secret and the platform decide, and not the revision's plain text. */
const KEPT = ["TUNNEL_TOKEN", "TUNNEL_METRICS"];

/** Writes the revision into the pool's template. Does nothing where the seed has no such pool. */
export function describePool(
  google: Pick<GoogleEmulator, "workerPools" | "setWorkerPool">,
  poolName: string,
  { args, env, liveness }: Omit<Revision, "name">,
): void {
  const pool = google.workerPools().find(({ name }) => name === poolName);
  const template = pool?.template as Template | undefined;
  const [container, ...others] = template?.containers ?? [];
  if (!container) return;
  const kept = (container.env ?? []).filter(({ name }) => KEPT.includes(name));
  const plain = Object.entries(env).filter(([name]) => !KEPT.includes(name));
  const changed = {
    ...container,
    args,
    env: [...kept, ...plain.map(([name, value]): Variable => ({ name, value }))],
    livenessProbe: liveness && {
      httpGet: { path: liveness.path, port: 2000 },
      initialDelaySeconds: 0,
      timeoutSeconds: 5,
      periodSeconds: liveness.periodSeconds,
      failureThreshold: liveness.failureThreshold,
    },
  };
  google.setWorkerPool(poolName, { template: { ...template, containers: [changed, ...others] } });
}
