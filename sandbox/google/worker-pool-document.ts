// A worker pool's document: what a caller may write into it, by which mask, and what the platform adds.
import { randomUUID } from "node:crypto";
import { grpc } from "google-gax";
import { type Message, timestamp } from "./protos.ts";
import { RpcError } from "./rpc.ts";
import { ready, revisionName, shortName } from "./run-services.ts";

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

export type Pool = Message & { name: string; etag: string; generation: number };

/** Why the newest revision does not become ready, in Google's codes. */
export type PoolFailure = { revisionReason?: string; reason?: string; message: string };

export function writable(body: Message): Message {
  return Object.fromEntries(Object.entries(body).filter(([field]) => WRITABLE.includes(field)));
}

/** A change of scaling alone makes no new revision. https://cloud.google.com/run/docs/configuring/workerpools/manual-scaling */
export function written(pool: Pool, at: Date, newRevision: boolean): Pool {
  const generation = pool.generation + 1;
  const { revision: wanted } = (pool.template ?? {}) as { revision?: string };
  const revision = newRevision
    ? `${pool.name}/revisions/${wanted || revisionName(shortName(pool.name), generation)}`
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

export function settledFields(pool: Pool, at: Date): Message {
  return {
    terminalCondition: ready(at),
    conditions: [{ ...ready(at), type: "WorkerPoolReady" }],
    reconciling: false,
    observedGeneration: pool.generation,
    latestReadyRevision: pool.latestCreatedRevision,
  };
}

/** The revision before stays the one that runs. */
export function failedFields(pool: Pool, failure: PoolFailure, at: Date): Message {
  return {
    terminalCondition: failed("Ready", failure, at),
    conditions: [failed("WorkerPoolReady", failure, at)],
    reconciling: false,
    observedGeneration: pool.generation,
  };
}

export function failed(type: string, failure: PoolFailure, at: Date): Message {
  return {
    type,
    state: "CONDITION_FAILED",
    severity: "ERROR",
    ...failure,
    lastTransitionTime: timestamp(at),
  };
}

export function pathsOf(request: Message): string[][] {
  const mask = request.updateMask as { paths?: string[] } | undefined;
  const paths = (mask?.paths ?? []).filter((path) => path !== "*");
  if (paths.length === 0) return WRITABLE.map((field) => [field]);
  return paths.map((path) => {
    const steps = path
      .split(".")
      .map((step) => step.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()));
    if (WRITABLE.includes(steps[0]!)) return steps;
    throw new RpcError(grpc.status.INVALID_ARGUMENT, `Invalid update_mask: '${path}'.`);
  });
}

/** Only what the mask names is taken over; what it names and the body lacks is cleared. */
export function masked(pool: Pool, body: Message, paths: string[][]): Pool {
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

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
