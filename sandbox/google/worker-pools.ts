// Cloud Run's WorkerPools API (google.cloud.run.v2): etags, update masks, revisions and long-running operations; and what
// others do to a pool without going through it.
import { randomUUID } from "node:crypto";
import { grpc } from "google-gax";
import type { SandboxClock, Seed } from "../contract.ts";
import type { Operations } from "./operations.ts";
import { page } from "./paging.ts";
import type { Projects } from "./projects.ts";
import { type Message, pack, runProtos, timestamp } from "./protos.ts";
import { type Api, RpcError } from "./rpc.ts";
import { canonical, granted, parentOf, ready, shortName } from "./run-services.ts";
import {
  failed,
  failedFields,
  masked,
  type Pool,
  type PoolFailure,
  pathsOf,
  same,
  settledFields,
  writable,
  written,
} from "./worker-pool-document.ts";

const { status } = grpc;

type Revision = {
  name: string;
  generation: number;
  createdAt: Date;
  failure: PoolFailure | null;
  pool: Pool;
};

export type WorkerPools = {
  api: Api;
  /** As the API would show them. */
  all(): Message[];
  /** Newest first; null where there is no such pool. `name` is the pool's full name. */
  revisions(name: string): Message[] | null;
  /** Somebody changes the pool, by its full name: fields of google.cloud.run.v2.WorkerPool, whole. Done at once. */
  set(name: string, change: Message): void;
  /** Somebody deploys a revision that fails so; null deploys one that works. */
  deploy(name: string, failure: PoolFailure | null): void;
};

export function createWorkerPools(
  seed: Seed["google"]["workerPools"],
  clock: SandboxClock,
  projects: Projects,
  operations: Operations,
  changed: () => void,
): WorkerPools {
  const pools = new Map<string, Pool>();
  const revisions = new Map<string, Revision[]>();

  function put(pool: Pool, failure: PoolFailure | null = null): void {
    pools.set(pool.name, pool);
    const known = revisions.get(pool.name) ?? [];
    const name = String(pool.latestCreatedRevision);
    if (known.some((revision) => revision.name === name)) return;
    const made = { name, generation: pool.generation, createdAt: clock.now(), failure, pool };
    revisions.set(pool.name, [made, ...known]);
  }

  function find(name: unknown): Pool {
    const fullName = canonical(String(name), projects, "workerPools");
    const pool = pools.get(fullName);
    if (!pool) throw new RpcError(status.NOT_FOUND, `Resource '${shortName(fullName)}' was not found`);
    return pool;
  }

  function settle(pool: Pool, validateOnly: unknown): Message {
    const parent = pool.name.slice(0, pool.name.indexOf("/workerPools/"));
    const settled = { ...pool, ...settledFields(pool, clock.now()) };
    if (validateOnly) return operations.finished(parent, any(settled), any(settled));
    const before = pools.get(pool.name);
    const latestReadyRevision = before?.latestReadyRevision ?? "";
    const observedGeneration = before?.observedGeneration ?? 0;
    put({ ...pool, latestReadyRevision, observedGeneration });
    return operations.begin(parent, any(pool), () => {
      if (pools.get(pool.name)?.etag === pool.etag) pools.set(pool.name, settled);
      changed();
      return any(settled);
    });
  }

  function fresh(name: string, body: Message): Pool {
    const made = { launchStage: "GA", scaling: { manualInstanceCount: 1 }, ...writable(body) };
    const own = {
      name,
      createTime: timestamp(clock.now()),
      uid: randomUUID(),
      generation: 0,
      etag: "",
    };
    return written({ ...made, ...own }, clock.now(), true);
  }

  function create(parentName: unknown, id: unknown, body: Message, validateOnly: unknown): Message {
    const { parent } = parentOf(parentName, projects);
    if (!/^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/.test(String(id))) {
      throw new RpcError(status.INVALID_ARGUMENT, `Invalid worker pool id: '${id}'.`);
    }
    const name = `${parent}/workerPools/${id}`;
    if (pools.has(name)) throw new RpcError(status.ALREADY_EXISTS, `Resource '${id}' already exists.`);
    return settle(fresh(name, body), validateOnly);
  }

  function update(request: Message): Message {
    const body = bodyOf(request);
    const name = canonical(String(body.name), projects, "workerPools");
    if (!pools.has(name) && request.allowMissing) {
      const [parent, id] = name.split("/workerPools/");
      return create(parent, id, body, request.validateOnly);
    }
    const pool = find(name);
    if (body.etag && body.etag !== pool.etag) {
      const text = `Conflict for resource '${shortName(name)}': the etag is not the current one.`;
      throw new RpcError(status.ABORTED, text);
    }
    const changed = masked(pool, body, pathsOf(request));
    const newRevision = request.forceNewRevision === true || !same(changed.template, pool.template);
    const next = written(changed, clock.now(), newRevision);
    if (newRevision) refuseTaken(next);
    return settle(next, request.validateOnly);
  }

  /** A name that a template gives its revision stays in it, also for the next write that leaves it there.
   *  https://github.com/hashicorp/terraform-provider-google/issues/14569 */
  function refuseTaken({ name, latestCreatedRevision }: Pool): void {
    if (!revisions.get(name)?.some((revision) => revision.name === latestCreatedRevision)) return;
    const text = `Revision named '${shortName(String(latestCreatedRevision))}' with different configuration already exists.`;
    throw new RpcError(status.ALREADY_EXISTS, text);
  }

  function byHand(name: string): Pool {
    const pool = pools.get(name);
    if (!pool) throw new Error(`no worker pool ${name}`);
    return pool;
  }

  for (const { project, region, name, ...body } of seed ?? []) {
    projects.add(project);
    const pool = fresh(`projects/${project}/locations/${region}/workerPools/${name}`, body);
    put({ ...pool, ...settledFields(pool, clock.now()) });
  }

  return {
    all: () => [...pools.values()],
    revisions: (name) => revisions.get(name)?.map(revisionMessage) ?? null,
    set(name, change) {
      const pool = byHand(name);
      const changed = { ...pool, ...writable(change) };
      const next = written(changed, clock.now(), !same(changed.template, pool.template));
      put({ ...next, ...settledFields(next, clock.now()) });
    },
    deploy(name, failure) {
      const { template, ...pool } = byHand(name);
      // As gcloud does where no suffix is given.
      const { revision: _, ...unnamed } = (template ?? {}) as Message;
      const next = written({ ...pool, template: unnamed } as Pool, clock.now(), true);
      const outcome = failure ? failedFields(next, failure, clock.now()) : settledFields(next, clock.now());
      put({ ...next, ...outcome }, failure);
    },
    api: {
      root: runProtos,
      service: "google.cloud.run.v2.WorkerPools",
      handlers: {
        GetWorkerPool: (request) => find(request.name),
        ListWorkerPools(request) {
          const { parent } = parentOf(request.parent, projects);
          const here = [...pools.values()]
            .filter((pool) => pool.name.startsWith(`${parent}/workerPools/`))
            .reverse();
          const { items, nextPageToken } = page(request, here);
          return { workerPools: items, nextPageToken };
        },
        CreateWorkerPool: (request) =>
          create(request.parent, request.workerPoolId, bodyOf(request), request.validateOnly),
        UpdateWorkerPool: update,
        TestIamPermissions(request) {
          find(request.resource);
          return granted(request);
        },
      },
    },
  };
}

function bodyOf(request: Message): Message {
  if (request.workerPool) return request.workerPool as Message;
  throw new RpcError(status.INVALID_ARGUMENT, "worker_pool is required.");
}

function revisionMessage({ name, generation, createdAt, failure, pool }: Revision): Message {
  const template = (pool.template ?? {}) as Message;
  return {
    name,
    service: shortName(pool.name),
    generation,
    createTime: timestamp(createdAt),
    containers: template.containers ?? [],
    vpcAccess: template.vpcAccess,
    serviceAccount: template.serviceAccount ?? "",
    conditions: failure
      ? [failed("Ready", failure, createdAt), failed("ContainerHealthy", failure, createdAt)]
      : [ready(createdAt)],
  };
}

function any(pool: Message): Message {
  return pack(runProtos, "google.cloud.run.v2.WorkerPool", pool);
}
