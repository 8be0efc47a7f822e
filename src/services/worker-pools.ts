// Cloud Run's worker pools, read only: how a pool fares and what its specification says, in our own words.
import type { FailedRevision, WorkerPool, WorkerPoolRef } from "../domain/worker-pool.ts";
import { isServiceFailure } from "./failure.ts";
import { callGoogle, type GoogleClients } from "./google-clients.ts";
import { failureIn, toWorkerPool } from "./worker-pool-wire.ts";

export type WorkerPools = {
  /** One pool as it is now. Fails with `missing` where there is none. */
  describe(ref: WorkerPoolRef): Promise<WorkerPool>;
};

export type WorkerPoolsOptions = {
  clients: GoogleClients;
  /** For each call. */
  timeoutMs: number;
};

export function createWorkerPools(options: WorkerPoolsOptions): WorkerPools {
  return {
    async describe(ref) {
      const pool = toWorkerPool(ref, await getPool(options, ref));
      const waiting = pool.reconciling || pool.latestCreatedRevision === pool.latestReadyRevision;
      if (waiting || pool.latestCreatedRevision === null) return pool;
      return { ...pool, failedRevision: await failureOf(options, ref, pool.latestCreatedRevision) };
    },
  };
}

async function getPool({ clients, timeoutMs }: WorkerPoolsOptions, ref: WorkerPoolRef) {
  const subject = `the worker pool ${ref.name} of ${ref.project} in ${ref.region}`;
  const call = {
    operation: "run.GetWorkerPool",
    subject,
    denied: `Drawbridge may not read ${subject}. Grant its service account roles/run.viewer on the project ${ref.project} (run.workerpools.get).`,
    missing: `There is no worker pool ${ref.name} in ${ref.project}, ${ref.region}. Check connectors.workerPool in the policy file.`,
    timeoutMs,
  };
  const [pool] = await callGoogle(clients, call, clients.workerPools, (pools, each) =>
    pools.getWorkerPool({ name: poolName(ref) }, each),
  );
  return pool;
}

/** Why the newest revision is not ready. A right that lacks here leaves the rest of the pool to be told. */
async function failureOf(
  { clients, timeoutMs }: WorkerPoolsOptions,
  ref: WorkerPoolRef,
  revision: string,
): Promise<FailedRevision> {
  const subject = `the revisions of the worker pool ${ref.name} in ${ref.project}`;
  const call = {
    operation: "run.GetRevision",
    subject,
    denied: `Drawbridge may not read ${subject}. Grant its service account roles/run.viewer on the project ${ref.project} (run.revisions.get).`,
    missing: `The revision ${revision} of ${ref.name} is not there any more.`,
    timeoutMs,
  };
  const unexplained = { name: revision, reason: null, message: "", since: null };
  try {
    const name = `${poolName(ref)}/revisions/${revision}`;
    const [found] = await callGoogle(clients, call, clients.revisions, (revisions, each) =>
      revisions.getRevision({ name }, each),
    );
    return failureIn(found, revision) ?? unexplained;
  } catch (error) {
    if (isServiceFailure(error) && error.kind !== "retry") return unexplained;
    throw error;
  }
}

/** As Google names it. */
export function poolName({ project, region, name }: WorkerPoolRef): string {
  return `projects/${project}/locations/${region}/workerPools/${name}`;
}
