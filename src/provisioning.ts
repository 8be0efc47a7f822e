// Set-up and rotation at work: look at what stands, do the next step, look again. Level-triggered as converge is, so a run
// that died half-way is simply run again.
import { setTimeout as wait } from "node:timers/promises";
import {
  type Decide,
  failureOf,
  type ProvisioningStep,
  type Standing,
  type Stopped,
  type TokenVersion,
} from "./domain/provisioning.ts";
import type { WorkerPool, WorkerPoolRef } from "./domain/worker-pool.ts";
import { orMissing } from "./services/failure.ts";
import type { SecretReaders } from "./services/secret-readers.ts";
import type { SecretRef, SecretVersions } from "./services/secret-versions.ts";
import type { Tunnels } from "./services/tunnel.ts";
import type { TunnelAdmin } from "./services/tunnel-admin.ts";
import { type ConnectorPool, TOKEN_VARIABLE } from "./services/worker-pool-spec.ts";
import type { WorkerPoolWrites } from "./services/worker-pool-writes.ts";
import type { WorkerPools } from "./services/worker-pools.ts";

export type Provisioning = {
  admin: TunnelAdmin;
  tunnels: Pick<Tunnels, "connectors">;
  secrets: SecretVersions;
  readers: SecretReaders;
  pools: WorkerPools;
  poolWrites: WorkerPoolWrites;
};

export type Wish = {
  tunnelName: string;
  secret: SecretRef;
  pool: WorkerPoolRef;
  /** How the pool is made, where there is none. */
  make: Omit<ConnectorPool, "secret" | "version">;
};

export type Run = {
  wish: Wish;
  /** Told of each step before it is done, and of each look while something is awaited. */
  tell: (step: ProvisioningStep) => void;
  /** How long to wait for what takes time, in all. */
  patienceMs: number;
};

/** `late`: what was awaited when the patience ended. */
export type Ended = { kind: "done"; standing: Standing } | Stopped | { kind: "late"; step: ProvisioningStep };

const LOOK_MS = 2_000;

export async function look(services: Provisioning, wish: Wish): Promise<Standing> {
  const tunnel = await services.admin.findByName(wish.tunnelName);
  const [token, connectors, pool] = await Promise.all([
    tunnel?.remotelyManaged ? services.admin.token(tunnel.id) : null,
    tunnel ? services.tunnels.connectors(tunnel.id) : [],
    orMissing(services.pools.describe(wish.pool)),
  ]);
  const versions = await versionsOf(services, wish.secret, token);
  const taken = tokenOf(pool, wish.secret);
  return {
    tunnel,
    versions,
    pool,
    ...taken,
    granted: versions !== null && (await isGranted(services, wish, pool, taken.pinned)),
    connectors: connectors.map(({ id, openedAt, connections }) => ({
      id,
      startedAt: openedAt,
      connections: connections.length,
    })),
  };
}

async function versionsOf(
  { secrets }: Provisioning,
  ref: SecretRef,
  token: string | null,
): Promise<TokenVersion[] | null> {
  const versions = await secrets.listEnabled(ref);
  if (!versions) return null;
  const holds = async ({ version }: { version: string }) =>
    token !== null && (await secrets.holds(ref, version, token));
  return await Promise.all(versions.map(async (each) => ({ ...each, current: await holds(each) })));
}

function tokenOf(pool: WorkerPool | null, { secret }: SecretRef): Pick<Standing, "takesToken" | "pinned"> {
  const variables = pool?.containers.flatMap((each) => each.env) ?? [];
  const token = variables.find((each) => each.name === TOKEN_VARIABLE);
  const ours = token && "secret" in token && token.secret.split("/").at(-1) === secret;
  return { takesToken: token !== undefined, pinned: ours ? token.version : null };
}

/** Who runs the connectors; null where Cloud Run chooses. */
function accountOf({ make }: Wish, pool: WorkerPool | null): string | null {
  return pool ? pool.serviceAccount : make.serviceAccount;
}

/** Only where it matters: reading who may read a secret takes a right of its own. */
async function isGranted(
  { readers }: Provisioning,
  wish: Wish,
  pool: WorkerPool | null,
  pinned: string | null,
): Promise<boolean> {
  const account = accountOf(wish, pool);
  if (account === null || (pool && pinned !== null && !failureOf(pool))) return true;
  return await readers.includes(wish.secret, account);
}

/** `decide` is asked with what stands at the beginning, and answers what decides from then on. */
export async function provision(
  services: Provisioning,
  { wish, tell, patienceMs }: Run,
  decide: (first: Standing) => Decide,
): Promise<Ended> {
  const deadline = performance.now() + patienceMs;
  const next = decide(await look(services, wish));
  let last: ProvisioningStep["kind"] | null = null;
  for (;;) {
    const standing = await look(services, wish);
    const step = next(standing);
    if (!step) return { kind: "done", standing };
    if (step.kind === "stopped") return step;
    tell(step);
    if (step.kind === "await-pool" || step.kind === "await-connectors" || step.kind === last) {
      // A write that has not shown yet is given time before it is made again.
      if (performance.now() > deadline) return { kind: "late", step };
      await wait(LOOK_MS);
    }
    await carryOut(services, wish, standing, step);
    last = step.kind;
  }
}

async function carryOut(
  { admin, secrets, readers, poolWrites }: Provisioning,
  wish: Wish,
  { tunnel, pool, pinned }: Standing,
  step: ProvisioningStep,
): Promise<void> {
  const { secret } = wish;
  const tunnelId = tunnel?.id ?? "";
  switch (step.kind) {
    case "create-tunnel":
      return await admin.create(wish.tunnelName);
    case "create-secret":
      return await secrets.ensureSecret(secret);
    case "renew-token":
      return await admin.renewSecret(tunnelId);
    case "add-version":
      await secrets.addVersion(secret, await admin.token(tunnelId));
      return;
    case "grant-secret":
      return await readers.add(secret, accountOf(wish, pool) ?? "");
    case "create-pool":
      return await poolWrites.create(wish.pool, {
        ...wish.make,
        secret: secret.secret,
        version: step.version,
      });
    case "point-pool":
      if (pool) await poolWrites.pointToken(pool, secret.secret, step.version);
      return;
    case "renew-pool":
      if (pool && pinned !== null) await poolWrites.pointToken(pool, secret.secret, pinned);
      return;
    case "drop-connectors":
      for (const id of step.ids) await admin.dropConnector(tunnelId, id);
      return;
    case "disable-versions":
      for (const version of step.versions) await secrets.disableVersion(secret, version);
  }
}
