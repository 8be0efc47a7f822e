// A worker pool in our own words: what its specification says, how it fares, and what is told where it cannot be read.
import { afterEach, beforeEach, expect, test } from "vitest";
import { demoWorkerPools } from "../../sandbox/seed-worker-pools.ts";
import { createWorkerPools } from "../../src/services/worker-pools.ts";
import { asked, type GoogleWorld, parent, startGoogleWorld } from "../sandbox/google-world.ts";
import { failureOf } from "./cloudflare-account.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld({ workerPools: demoWorkerPools });
});
afterEach(() => world.close());

const REF = { project: "lakeside-prod", region: "asia-northeast1", name: "cloudflared" };
const NAME = `${parent}/workerPools/cloudflared`;
const describePool = (ref = REF, timeoutMs = 5_000) =>
  createWorkerPools({ clients: world.clients, timeoutMs }).describe(ref);

test("tells what the specification says", async () => {
  expect(await describePool()).toMatchObject({
    ...REF,
    instanceCount: 2,
    egress: "private-ranges-only",
    ready: { type: "Ready", state: "succeeded", reason: null },
    reconciling: false,
    failedRevision: null,
    containers: [
      {
        name: "cloudflared",
        image: "docker.io/cloudflare/cloudflared:2026.8.3",
        command: [],
        args: ["tunnel", "run"],
        livenessProbe: {
          check: { kind: "http", path: "/healthcheck" },
          periodSeconds: 30,
          failureThreshold: 4,
        },
      },
    ],
  });
  expect(asked(world.shared)).toEqual([`GetWorkerPool ${NAME}`]);
});

test("tells secrets by name and version, never by what they hold", async () => {
  const { containers } = await describePool();
  expect(containers[0]?.env.slice(0, 2)).toEqual([
    { name: "TUNNEL_TOKEN", secret: "cloudflared-tunnel-token", version: "1" },
    { name: "TUNNEL_TRANSPORT_PROTOCOL", value: "http2" },
  ]);
});

test("a bare pool has Google's defaults, and leads into no VPC", async () => {
  const [first, second] = [{ grpc: {} }, { tcpSocket: { port: 1 } }].map((livenessProbe) => ({
    image: "cloudflared:1",
    livenessProbe,
  }));
  world.google.setWorkerPool(NAME, { scaling: {}, template: { containers: [first, second] } });
  expect(await describePool()).toMatchObject({
    egress: null,
    containers: [
      {
        args: [],
        env: [],
        livenessProbe: { check: { kind: "grpc" }, periodSeconds: 10, failureThreshold: 3 },
      },
      { livenessProbe: { check: { kind: "tcp" }, periodSeconds: 10, failureThreshold: 3 } },
    ],
  });
});

test.each([
  [{ egress: "ALL_TRAFFIC", networkInterfaces: [{ network: "n" }] }, "all-traffic"],
  [{ networkInterfaces: [{ network: "n" }] }, "private-ranges-only"],
  [{ egress: "ALL_TRAFFIC", connector: "projects/p/locations/l/connectors/c" }, "all-traffic"],
  [{ egress: "ALL_TRAFFIC" }, null],
])("the way into the VPC: %o", async (vpcAccess, egress) => {
  world.google.setWorkerPool(NAME, { template: { containers: [], vpcAccess } });
  expect((await describePool()).egress).toBe(egress);
});

test("a pool without a fixed number of instances scales by itself", async () => {
  world.google.setWorkerPool(NAME, { scaling: null });
  expect((await describePool()).instanceCount).toBeNull();
});

test("tells which revision failed and why, while the one before runs on", async () => {
  const before = await describePool();
  const message = "The user-provided container failed the configured startup probe checks.";
  world.google.deployWorkerPool(NAME, { revisionReason: "HEALTH_CHECK_CONTAINER_ERROR", message });
  const after = await describePool();
  expect(after.latestReadyRevision).toBe(before.latestReadyRevision);
  expect(after.ready).toMatchObject({ state: "failed", reason: "HEALTH_CHECK_CONTAINER_ERROR", message });
  expect(after.failedRevision).toMatchObject({
    name: after.latestCreatedRevision,
    reason: "HEALTH_CHECK_CONTAINER_ERROR",
    message,
  });
  world.google.deployWorkerPool(NAME, null);
  expect(await describePool()).toMatchObject({ failedRevision: null, ready: { state: "succeeded" } });
});

test("a secret that may not be read is a reason too", async () => {
  world.google.deployWorkerPool(NAME, {
    reason: "SECRETS_ACCESS_CHECK_FAILED",
    message: "Permission denied on secret",
  });
  expect((await describePool()).failedRevision?.reason).toBe("SECRETS_ACCESS_CHECK_FAILED");
});

test("where the revision may not be read, the pool is told without its reason", async () => {
  world.google.deployWorkerPool(NAME, { message: "failed" });
  world.shared.faults.add({ vendor: "google", method: "GetRevision", effect: { kind: "status", status: 7 } });
  const pool = await describePool();
  expect(pool.failedRevision).toEqual({
    name: pool.latestCreatedRevision,
    reason: null,
    message: "",
    since: null,
  });
});

test.each([
  [7, "denied", "run.workerpools.get"],
  [14, "retry", "Try again"],
])("code %i is %s, in words that say what to do", async (status, kind, words) => {
  world.shared.faults.add({ vendor: "google", effect: { kind: "status", status } });
  const failure = await failureOf(describePool());
  expect(failure.kind).toBe(kind);
  expect(failure.message).toContain(words);
});

test("a pool that is not there, and one that does not answer", async () => {
  expect(await failureOf(describePool({ ...REF, name: "none" }))).toMatchObject({ kind: "missing" });
  world.shared.faults.add({ vendor: "google", effect: { kind: "hang" } });
  expect(await failureOf(describePool(REF, 200))).toMatchObject({ kind: "retry" });
});
