// Cloud Run's WorkerPools API (google.cloud.run.v2): etags, update masks, revisions and long-running operations.
import { randomUUID } from "node:crypto";
import { grpc } from "google-gax";
import type { SandboxClock } from "../contract.ts";
import type { Operations } from "./operations.ts";
import { page } from "./paging.ts";
import type { Projects } from "./projects.ts";
import { type Message, pack, runProtos, timestamp } from "./protos.ts";
import { type Api, RpcError } from "./rpc.ts";
import { canonical, granted, parentOf, ready, revisionName, shortName } from "./run-services.ts";

const { status } = grpc;

/** What a caller may write; everything else is the platform's. */
const WRITABLE = [
  "description",
  "labels",
  "annotations",
  "client",
  "clientVersion",
  "launchStage",
  "binaryAuthorization",
  "template",
  "instanceSplits",
  "scaling",
];

type Pool = Message & { name: string; etag: string; generation: number };

export function workerPoolsApi(clock: SandboxClock, projects: Projects, operations: Operations): Api {
  const pools = new Map<string, Pool>();

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
    pools.set(pool.name, { ...pool, latestReadyRevision, observedGeneration });
    return operations.begin(parent, any(pool), () => {
      if (pools.get(pool.name)?.etag === pool.etag) pools.set(pool.name, settled);
      return any(settled);
    });
  }

  function create(parentName: unknown, id: unknown, body: Message, validateOnly: unknown): Message {
    const { parent } = parentOf(parentName, projects);
    if (!/^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/.test(String(id))) {
      throw new RpcError(status.INVALID_ARGUMENT, `Invalid worker pool id: '${id}'.`);
    }
    const name = `${parent}/workerPools/${id}`;
    if (pools.has(name)) throw new RpcError(status.ALREADY_EXISTS, `Resource '${id}' already exists.`);
    const now = timestamp(clock.now());
    const made = {
      launchStage: "GA",
      scaling: { manualInstanceCount: 1 },
      ...writable(body),
      name,
      createTime: now,
    };
    return settle(
      written({ ...made, uid: randomUUID(), generation: 0, etag: "" }, clock.now(), true),
      validateOnly,
    );
  }

  return {
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
      UpdateWorkerPool(request) {
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
        return settle(written(changed, clock.now(), newRevision), request.validateOnly);
      },
      TestIamPermissions(request) {
        find(request.resource);
        return granted(request);
      },
    },
  };
}

function bodyOf(request: Message): Message {
  if (request.workerPool) return request.workerPool as Message;
  throw new RpcError(status.INVALID_ARGUMENT, "worker_pool is required.");
}

function writable(body: Message): Message {
  return Object.fromEntries(Object.entries(body).filter(([field]) => WRITABLE.includes(field)));
}

/** A change of scaling alone makes no new revision. https://cloud.google.com/run/docs/configuring/workerpools/manual-scaling */
function written(pool: Pool, at: Date, newRevision: boolean): Pool {
  const generation = pool.generation + 1;
  const revision = newRevision
    ? `${pool.name}/revisions/${revisionName(shortName(pool.name), generation)}`
    : pool.latestCreatedRevision;
  return {
    ...pool,
    generation,
    etag: `"${randomUUID()}"`,
    updateTime: timestamp(at),
    latestCreatedRevision: revision,
    terminalCondition: { type: "Ready", state: "CONDITION_RECONCILING", lastTransitionTime: timestamp(at) },
    reconciling: true,
  };
}

function settledFields(pool: Pool, at: Date): Message {
  return {
    terminalCondition: ready(at),
    reconciling: false,
    observedGeneration: pool.generation,
    latestReadyRevision: pool.latestCreatedRevision,
  };
}

function pathsOf(request: Message): string[][] {
  const mask = request.updateMask as { paths?: string[] } | undefined;
  const paths = (mask?.paths ?? []).filter((path) => path !== "*");
  if (paths.length === 0) return WRITABLE.map((field) => [field]);
  return paths.map((path) => {
    const steps = path
      .split(".")
      .map((step) => step.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()));
    if (WRITABLE.includes(steps[0]!)) return steps;
    throw new RpcError(status.INVALID_ARGUMENT, `Invalid update_mask: '${path}'.`);
  });
}

/** Only what the mask names is taken over; what it names and the body lacks is cleared. */
function masked(pool: Pool, body: Message, paths: string[][]): Pool {
  const changed: Pool = structuredClone(pool);
  for (const steps of paths) {
    let from: Message | undefined = body;
    let to: Message = changed;
    for (const step of steps.slice(0, -1)) {
      from = from?.[step] as Message | undefined;
      to[step] ??= {};
      to = to[step] as Message;
    }
    const last = steps.at(-1)!;
    if (from?.[last] === undefined) delete to[last];
    else to[last] = from[last];
  }
  return changed;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

function any(pool: Message): Message {
  return pack(runProtos, "google.cloud.run.v2.WorkerPool", pool);
}
