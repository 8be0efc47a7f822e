// The two changes that set-up and rotation make to a worker pool: making the connectors' pool, and pointing its
// cloudflared to another version of the token.
import type { protos } from "@google-cloud/run";
import { poolKey, type WorkerPool, type WorkerPoolRef } from "../domain/worker-pool.ts";
import { callGoogle, type GoogleCall, type GoogleClients } from "./google-clients.ts";
import { type ConnectorPool, connectorPool, TOKEN_VARIABLE } from "./worker-pool-spec.ts";
import { poolName } from "./worker-pools.ts";

export type WorkerPoolWrites = {
  /** Returns once Google has taken it on; whether it comes up is read from the pool. */
  create(ref: WorkerPoolRef, pool: ConnectorPool): Promise<void>;
  /** Makes a new revision, also where it takes that version already. Refuses with `conflict` where somebody changed the
   *  pool since it was read. */
  pointToken(pool: WorkerPool, secret: string, version: string): Promise<void>;
};

type Options = { clients: GoogleClients; timeoutMs: number };
type Container = protos.google.cloud.run.v2.IContainer;

export function createWorkerPoolWrites({ clients, timeoutMs }: Options): WorkerPoolWrites {
  const call = (operation: string, ref: WorkerPoolRef): GoogleCall => ({
    operation: `run.${operation}`,
    subject: `the worker pool ${poolKey(ref)}`,
    denied: `You may not do that to the worker pool ${poolKey(ref)}. It takes roles/run.developer, and roles/iam.serviceAccountUser on its service account.`,
    missing: `There is no worker pool ${poolKey(ref)}.`,
    conflict: `Somebody else changed the worker pool ${poolKey(ref)} just now. Run this again.`,
    timeoutMs,
  });

  async function containersOf(ref: WorkerPoolRef): Promise<Container[]> {
    const [wire] = await callGoogle(clients, call("GetWorkerPool", ref), clients.workerPools, (pools, each) =>
      pools.getWorkerPool({ name: poolName(ref) }, each),
    );
    return wire.template?.containers ?? [];
  }

  return {
    async create(ref, pool) {
      const request = {
        parent: `projects/${ref.project}/locations/${ref.region}`,
        workerPoolId: ref.name,
        workerPool: connectorPool(pool),
      };
      const exists = `There is a worker pool ${poolKey(ref)} already. Run this again: it goes on with that one.`;
      // Nothing is there that somebody else could have changed.
      const conflict = `Google would not make the worker pool ${poolKey(ref)}. Most likely an organization policy forbids a part of it, such as its way out to the network (constraints/run.allowedVPCEgress). See which: gcloud org-policies list --project=${ref.project}`;
      const told = { ...call("CreateWorkerPool", ref), exists, conflict };
      await callGoogle(clients, told, clients.workerPools, (pools, each) =>
        pools.createWorkerPool(request, each),
      );
    },
    async pointToken(pool, secret, version) {
      // The client drops fields that it does not know from what it reads, so only what must change is written:
      // the containers, which the API takes whole.
      const containers = (await containersOf(pool)).map((each) => withToken(each, secret, version));
      // A name that somebody gave the revision stays in the template, and no two revisions take the same; without one
      // Google names it: https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2#workerpoolrevisiontemplate
      const template = { containers, revision: "" };
      const request = {
        workerPool: { name: poolName(pool), etag: pool.etag, template },
        updateMask: { paths: ["template.containers", "template.revision"] },
        forceNewRevision: true,
      };
      const exists = `The worker pool ${poolKey(pool)} has a revision of that name already. Deploy it once without a revision suffix, then run this again.`;
      const told = { ...call("UpdateWorkerPool", pool), exists };
      await callGoogle(clients, told, clients.workerPools, (pools, each) =>
        pools.updateWorkerPool(request, each),
      );
    },
  };
}

/** The container that runs cloudflared is the one that has the variable. */
function withToken(container: Container, secret: string, version: string): Container {
  const env = container.env ?? [];
  if (!env.some((each) => each.name === TOKEN_VARIABLE)) return container;
  const token = { name: TOKEN_VARIABLE, valueSource: { secretKeyRef: { secret, version } } };
  return { ...container, env: env.map((each) => (each.name === TOKEN_VARIABLE ? token : each)) };
}
