// A Cloud Run worker pool as the rules see it: how it fares, and what its specification says.

export type WorkerPoolRef = { project: string; region: string; name: string };

/** `secret` is the name of a secret, with the version that is pinned, or `latest`. */
export type EnvironmentVariable =
  | { name: string; value: string }
  | { name: string; secret: string; version: string };

export type Probe = {
  check: { kind: "http"; path: string } | { kind: "tcp" } | { kind: "grpc" };
  periodSeconds: number;
  failureThreshold: number;
};

export type Container = {
  name: string;
  image: string;
  command: string[];
  args: string[];
  env: EnvironmentVariable[];
  livenessProbe: Probe | null;
};

export type Egress = "all-traffic" | "private-ranges-only";

export type ConditionState = "pending" | "reconciling" | "failed" | "succeeded" | "unknown";

export type Condition = {
  type: string;
  state: ConditionState;
  /** Google's code, such as `SECRETS_ACCESS_CHECK_FAILED` or `HEALTH_CHECK_CONTAINER_ERROR`; null where it gave none. */
  reason: string | null;
  message: string;
  since: Date | null;
};

export type FailedRevision = { name: string; reason: string | null; message: string; since: Date | null };

export type WorkerPool = WorkerPoolRef & {
  etag: string;
  /** How the pool fares as a whole: the condition `Ready`. */
  ready: Condition | null;
  /** A change is still being carried out. */
  reconciling: boolean;
  latestReadyRevision: string | null;
  latestCreatedRevision: string | null;
  /** The newest revision, where it is not ready and nothing is under way any more. */
  failedRevision: FailedRevision | null;
  /** Null where the pool scales by itself. */
  instanceCount: number | null;
  containers: Container[];
  /** Null where Cloud Run chooses. */
  serviceAccount: string | null;
  /** Null where nothing leads into the VPC: no network interface, and no connector, the older way. */
  egress: Egress | null;
};

/** `project/region/name`: as the policy file writes it, and as log lines of the pool are grouped. */
export function poolKey({ project, region, name }: WorkerPoolRef): string {
  return `${project}/${region}/${name}`;
}
