// Worker pools as Google sends them, turned into our own words. Google fills in defaults, and its enums are strings in a
// reading and numbers in the answer of an operation.
import type { protos } from "@google-cloud/run";
import type {
  Condition,
  ConditionState,
  Container,
  Egress,
  EnvironmentVariable,
  FailedRevision,
  Probe,
  WorkerPool,
  WorkerPoolRef,
} from "../domain/worker-pool.ts";
import { dateOf, lastPart } from "./google-wire.ts";

type Wire = {
  Pool: protos.google.cloud.run.v2.IWorkerPool;
  Revision: protos.google.cloud.run.v2.IRevision;
  Condition: protos.google.cloud.run.v2.ICondition;
  Container: protos.google.cloud.run.v2.IContainer;
  Env: protos.google.cloud.run.v2.IEnvVar;
  Probe: protos.google.cloud.run.v2.IProbe;
};

const STATES = new Map<unknown, ConditionState>([
  ["CONDITION_PENDING", "pending"],
  [1, "pending"],
  ["CONDITION_RECONCILING", "reconciling"],
  [2, "reconciling"],
  ["CONDITION_FAILED", "failed"],
  [3, "failed"],
  ["CONDITION_SUCCEEDED", "succeeded"],
  [4, "succeeded"],
]);

const EGRESS = new Map<unknown, Egress>([
  ["ALL_TRAFFIC", "all-traffic"],
  [1, "all-traffic"],
  ["PRIVATE_RANGES_ONLY", "private-ranges-only"],
  [2, "private-ranges-only"],
]);

export function toWorkerPool(ref: WorkerPoolRef, wire: Wire["Pool"]): WorkerPool {
  const template = wire.template ?? {};
  const { vpcAccess } = template;
  const intoVpc = Boolean(vpcAccess?.networkInterfaces?.length || vpcAccess?.connector);
  return {
    ...ref,
    etag: wire.etag ?? "",
    ready: wire.terminalCondition ? toCondition(wire.terminalCondition) : null,
    reconciling: wire.reconciling ?? false,
    latestReadyRevision: lastPart(wire.latestReadyRevision),
    latestCreatedRevision: lastPart(wire.latestCreatedRevision),
    failedRevision: null,
    instanceCount: wire.scaling?.manualInstanceCount ?? null,
    containers: (template.containers ?? []).map(toContainer),
    serviceAccount: template.serviceAccount || null,
    // Unset, Direct VPC sends private ranges only: https://cloud.google.com/run/docs/configuring/vpc-direct-vpc
    egress: intoVpc ? (EGRESS.get(vpcAccess?.egress) ?? "private-ranges-only") : null,
  };
}

/** Null where nothing of it failed. */
export function failureIn(wire: Wire["Revision"], name: string): FailedRevision | null {
  const failed = (wire.conditions ?? []).map(toCondition).filter(({ state }) => state === "failed");
  // `Ready` fails because another condition did, which says more.
  const telling = failed.find(({ type, reason }) => type !== "Ready" && reason !== null) ?? failed[0];
  if (!telling) return null;
  const { reason, message, since } = telling;
  return { name, reason, message, since };
}

function toCondition(wire: Wire["Condition"]): Condition {
  return {
    type: wire.type ?? "",
    state: STATES.get(wire.state) ?? "unknown",
    reason: reasonOf(wire.reason) ?? reasonOf(wire.revisionReason),
    message: wire.message ?? "",
    since: dateOf(wire.lastTransitionTime),
  };
}

function reasonOf(reason: unknown): string | null {
  if (typeof reason !== "string" || reason === "" || reason.endsWith("_UNDEFINED")) return null;
  return reason;
}

function toContainer(wire: Wire["Container"]): Container {
  return {
    name: wire.name ?? "",
    image: wire.image ?? "",
    command: wire.command ?? [],
    args: wire.args ?? [],
    env: (wire.env ?? []).map(toVariable),
    livenessProbe: toProbe(wire.livenessProbe),
  };
}

function toVariable(wire: Wire["Env"]): EnvironmentVariable {
  const name = wire.name ?? "";
  const secret = wire.valueSource?.secretKeyRef;
  if (!secret) return { name, value: wire.value ?? "" };
  return { name, secret: secret.secret ?? "", version: secret.version || "latest" };
}

function toProbe(wire: Wire["Probe"] | null | undefined): Probe | null {
  if (!wire) return null;
  const check = checkOf(wire);
  if (!check) return null;
  // Google's defaults: https://cloud.google.com/run/docs/reference/rest/v2/Container#probe
  return {
    check,
    periodSeconds: wire.periodSeconds || 10,
    failureThreshold: wire.failureThreshold || 3,
  };
}

function checkOf({ httpGet, tcpSocket, grpc }: Wire["Probe"]): Probe["check"] | null {
  if (httpGet) return { kind: "http", path: httpGet.path || "/" };
  if (tcpSocket) return { kind: "tcp" };
  return grpc ? { kind: "grpc" } : null;
}
