// What stands at Cloudflare and Google when set-up or rotation looks.
import {
  foresee,
  type RunningConnector,
  type Standing,
  setupOf,
  type TokenVersion,
} from "../../src/domain/provisioning.ts";
import type { WorkerPool } from "../../src/domain/worker-pool.ts";

export const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 9, minute));
export const TUNNEL = { id: "t", name: "drawbridge", remotelyManaged: true, status: "healthy" } as const;

export function pool(change: Partial<WorkerPool> = {}): WorkerPool {
  return {
    project: "lakeside-prod",
    region: "asia-northeast1",
    name: "drawbridge-cloudflared",
    etag: "1",
    ready: null,
    reconciling: false,
    latestReadyRevision: "r1",
    latestCreatedRevision: "r1",
    failedRevision: null,
    instanceCount: 2,
    containers: [],
    serviceAccount: null,
    egress: "private-ranges-only",
    ...change,
  };
}

export function version(number: string, minute: number, current: boolean): TokenVersion {
  return { version: number, createdAt: at(minute), current };
}

export function connector(id: string, minute: number, connections = 4): RunningConnector {
  return { id, startedAt: at(minute), connections };
}

export const NOTHING: Standing = {
  tunnel: null,
  versions: null,
  pool: null,
  takesToken: false,
  pinned: null,
  granted: false,
  connectors: [],
};
export const RUNNING: Standing = {
  tunnel: TUNNEL,
  versions: [version("1", 0, true)],
  pool: pool(),
  takesToken: true,
  pinned: "1",
  granted: true,
  connectors: [connector("a", 5), connector("b", 5)],
};
export const FAILED = { failedRevision: { name: "r2", reason: null, message: "no", since: null } };

export const kinds = (standing: Standing, decide = setupOf(standing, 2)) =>
  foresee(standing, decide).map((step) => (step.kind === "stopped" ? step.because : step.kind));
