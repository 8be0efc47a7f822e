// What set-up and token rotation do next, from what stands: the tunnel, the secret that holds its token, and the worker
// pool that runs its connectors. One step at a time, then a look anew, so that dying in between loses nothing.
import type { Tunnel } from "./observed.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** An enabled version of the tunnel token's secret. */
export type TokenVersion = {
  version: string;
  createdAt: Date;
  /** Whether it holds the token that Cloudflare takes today. */
  current: boolean;
};

export type RunningConnector = { id: string; startedAt: Date | null; connections: number };

export type Standing = {
  tunnel: Tunnel | null;
  /** Null where there is no such secret. Newest first. */
  versions: TokenVersion[] | null;
  pool: WorkerPool | null;
  /** Whether a container of the pool takes the token from its environment at all. */
  takesToken: boolean;
  /** The version of this secret that it takes, or `latest`; null where it takes none of this secret. */
  pinned: string | null;
  /** Whether the pool's identity may read the secret. A pool that runs with it shows that by running. */
  granted: boolean;
  connectors: RunningConnector[];
};

export type ProvisioningStep =
  | { kind: "create-tunnel" }
  | { kind: "create-secret" }
  | { kind: "renew-token" }
  | { kind: "add-version" }
  | { kind: "grant-secret" }
  | { kind: "create-pool"; version: string }
  | { kind: "point-pool"; from: string | null; version: string }
  | { kind: "renew-pool" }
  | { kind: "await-pool" }
  | { kind: "await-connectors"; running: number; wanted: number }
  | { kind: "drop-connectors"; ids: string[] }
  | { kind: "disable-versions"; versions: string[] };

/** Nothing can go on until somebody mends this. */
export type Stopped = {
  kind: "stopped";
  because: "tunnel-local" | "pool-failed" | "pool-takes-no-token" | "not-set-up" | "others-run";
  detail: string;
};

/** A tunnel, its token in a secret, and connectors that run with it. Null: all of it stands. */
function nextSetupStep(standing: Standing, instances: number): ProvisioningStep | Stopped | null {
  const { tunnel, versions } = standing;
  if (!tunnel) return { kind: "create-tunnel" };
  if (!tunnel.remotelyManaged) return { kind: "stopped", because: "tunnel-local", detail: tunnel.name };
  if (!versions) return { kind: "create-secret" };
  const held = versions.find((each) => each.current);
  if (!held) return { kind: "add-version" };
  return nextPoolStep(standing, held, null, instances);
}

export type Decide = (standing: Standing) => ProvisioningStep | Stopped | null;

export function setupOf(first: Standing, instances: number): Decide {
  return tryingAnew(first, (standing) => nextSetupStep(standing, instances));
}

/** Remembers whether a new token was made, now or by a run that died half-way, and how many connectors ran elsewhere when the
 *  run began: those of another pool want the new token first, unless all are to be cut off. */
export function rotationOf(first: Standing, instances: number, dropOthers = false): Decide {
  let renewed = isHalfRotated(first);
  const others = dropOthers ? 0 : runningElsewhere(first, renewed, instances);
  return tryingAnew(first, (standing) => {
    const step = nextRotationStep(standing, renewed, instances);
    if (step?.kind === "drop-connectors" && others > 0)
      return { kind: "stopped", because: "others-run", detail: String(others) };
    if (step?.kind === "renew-token") renewed = true;
    return step;
  });
}

/** A revision that had failed when the run began is made anew, once: what it lacked may be mended by now. */
function tryingAnew({ pool: before }: Standing, next: Decide): Decide {
  let tried = false;
  return (standing) => {
    const step = next(standing);
    const failed = step?.kind === "stopped" && step.because === "pool-failed";
    if (!failed || !before || !failureOf(before) || standing.pool?.etag !== before.etag) return step;
    // What was written may not show at once.
    if (tried) return { kind: "await-pool" };
    tried = true;
    return { kind: "renew-pool" };
  };
}

function nextRotationStep(
  standing: Standing,
  renewed: boolean,
  instances: number,
): ProvisioningStep | Stopped | null {
  const { tunnel, versions, pool, pinned } = standing;
  if (!tunnel || !versions || !pool || pinned === null)
    return { kind: "stopped", because: "not-set-up", detail: "" };
  if (!tunnel.remotelyManaged) return { kind: "stopped", because: "tunnel-local", detail: tunnel.name };
  const held = versions.find((each) => each.current);
  if (!renewed && held && (held.version === pinned || pinned === "latest")) return { kind: "renew-token" };
  if (!held) return { kind: "add-version" };
  // Connectors of the new token are those that started after the version that holds it was made.
  const step = nextPoolStep(standing, held, held.createdAt, instances);
  if (step) return step;
  const old = standing.connectors.filter((each) => !isSince(each, held.createdAt));
  if (old.length > 0) return { kind: "drop-connectors", ids: old.map(({ id }) => id) };
  const outdated = versions.filter((each) => !each.current).map(({ version }) => version);
  return outdated.length > 0 ? { kind: "disable-versions", versions: outdated } : null;
}

/** How many with the token before there are beyond this pool's own. */
function runningElsewhere(
  { versions, connectors, pool }: Standing,
  halfRotated: boolean,
  instances: number,
): number {
  const held = halfRotated ? versions?.find((each) => each.current) : undefined;
  const old = connectors.filter((each) => each.connections > 0 && !(held && isSince(each, held.createdAt)));
  return Math.max(0, old.length - (pool?.instanceCount ?? instances));
}

/** A rotation that died half-way left a token that no connector runs with yet. */
function isHalfRotated({ versions, pinned }: Standing): boolean {
  if (pinned === null) return false;
  const held = versions?.find((each) => each.current);
  return !held || (pinned !== "latest" && held.version !== pinned);
}

function nextPoolStep(
  { pool, takesToken, pinned, granted, connectors }: Standing,
  held: TokenVersion,
  since: Date | null,
  instances: number,
): ProvisioningStep | Stopped | null {
  if (pool && !takesToken) return { kind: "stopped", because: "pool-takes-no-token", detail: pool.name };
  // Without it no revision comes up.
  if (!granted) return { kind: "grant-secret" };
  if (!pool) return { kind: "create-pool", version: held.version };
  if (pinned !== held.version) return { kind: "point-pool", from: pinned, version: held.version };
  const running = connectors.filter(
    (each) => each.connections > 0 && (!since || isSince(each, since)),
  ).length;
  const wanted = pool.instanceCount ?? instances;
  const failed = failureOf(pool);
  if (failed) return { kind: "stopped", because: "pool-failed", detail: failed.message };
  if (pool.reconciling) return { kind: "await-pool" };
  return running < wanted ? { kind: "await-connectors", running, wanted } : null;
}

export function failureOf({ reconciling, failedRevision, ready }: WorkerPool): { message: string } | null {
  if (reconciling) return null;
  return failedRevision ?? (ready?.state === "failed" ? ready : null);
}

function isSince({ startedAt }: RunningConnector, since: Date): boolean {
  return startedAt !== null && startedAt >= since;
}

/** Every step that is to come, as far as can be told from what stands now. */
export function foresee(standing: Standing, next: Decide): (ProvisioningStep | Stopped)[] {
  const steps: (ProvisioningStep | Stopped)[] = [];
  let assumed = standing;
  for (let step = next(assumed); step; step = next(assumed)) {
    steps.push(step);
    if (step.kind === "stopped") return steps;
    assumed = assume(assumed, step);
  }
  return steps;
}

const SOON = new Date(8.64e15);

function assume(standing: Standing, step: ProvisioningStep): Standing {
  const { versions, pool, connectors } = standing;
  switch (step.kind) {
    case "create-tunnel":
      return { ...standing, tunnel: { id: "", name: "", remotelyManaged: true, status: "inactive" } };
    case "create-secret":
      return { ...standing, versions: [] };
    case "renew-token":
      return { ...standing, versions: (versions ?? []).map((each) => ({ ...each, current: false })) };
    case "add-version": {
      const version = String(Math.max(0, ...(versions ?? []).map((each) => Number(each.version))) + 1);
      return { ...standing, versions: [{ version, createdAt: SOON, current: true }, ...(versions ?? [])] };
    }
    case "grant-secret":
      return { ...standing, granted: true };
    case "create-pool":
      return { ...standing, pool: FRESH_POOL, takesToken: true, pinned: step.version };
    case "point-pool":
      return { ...standing, pinned: step.version };
    case "renew-pool":
      return { ...standing, pool: pool && { ...pool, etag: "", failedRevision: null, ready: null } };
    case "await-pool":
      return { ...standing, pool: pool && { ...pool, reconciling: false } };
    case "await-connectors": {
      const fresh = Array.from({ length: step.wanted }, () => ({ id: "", startedAt: SOON, connections: 4 }));
      return { ...standing, connectors: [...connectors, ...fresh] };
    }
    case "drop-connectors":
      return { ...standing, connectors: connectors.filter(({ id }) => !step.ids.includes(id)) };
    case "disable-versions":
      return {
        ...standing,
        versions: (versions ?? []).filter((each) => !step.versions.includes(each.version)),
      };
  }
}

const FRESH_POOL: WorkerPool = {
  project: "",
  region: "",
  name: "",
  etag: "",
  ready: null,
  reconciling: false,
  latestReadyRevision: null,
  latestCreatedRevision: null,
  failedRevision: null,
  instanceCount: null,
  containers: [],
  serviceAccount: null,
  egress: null,
};
