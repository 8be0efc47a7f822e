// Each setting of cloudflared's worker pool that has gone wrong for somebody, and the one that is right.
import { describe, expect, it } from "vitest";
import { judgePool } from "../../src/domain/doctor-pool.ts";
import type { Container, WorkerPool } from "../../src/domain/worker-pool.ts";

const RIGHT: Container = {
  name: "cloudflared",
  image: "docker.io/cloudflare/cloudflared:2026.8.3",
  command: [],
  args: ["tunnel", "run"],
  env: [
    { name: "TUNNEL_TOKEN", secret: "drawbridge-tunnel-token", version: "1" },
    { name: "TUNNEL_TRANSPORT_PROTOCOL", value: "http2" },
    { name: "TUNNEL_METRICS", value: "0.0.0.0:2000" },
    { name: "NO_AUTOUPDATE", value: "true" },
  ],
  livenessProbe: probe("/healthcheck", 30, 4),
};

/** As the article has it that the project began with: flags instead of variables, and a probe that kills at once. */
const ARTICLE: Container = {
  ...RIGHT,
  image: "cloudflare/cloudflared:latest",
  command: ["cloudflared"],
  args: "tunnel --no-autoupdate --loglevel info --metrics 0.0.0.0:2000 --protocol http2 run".split(" "),
  env: [{ name: "TUNNEL_TOKEN", secret: "cloudflared-token", version: "1" }],
  livenessProbe: probe("/ready", 10, 1),
};

function probe(path: string, periodSeconds: number, failureThreshold: number) {
  return { check: { kind: "http" as const, path }, periodSeconds, failureThreshold };
}

function pool(container: Partial<Container>, more: Partial<WorkerPool> = {}): WorkerPool {
  return {
    project: "acme",
    region: "asia-northeast1",
    name: "cloudflared",
    etag: "",
    ready: null,
    reconciling: false,
    latestReadyRevision: "cloudflared-00001",
    latestCreatedRevision: "cloudflared-00001",
    failedRevision: null,
    instanceCount: 2,
    containers: [{ ...RIGHT, ...container }],
    serviceAccount: null,
    egress: "private-ranges-only",
    ...more,
  };
}

const amiss = (judgedPool: WorkerPool) =>
  judgePool(judgedPool)
    .filter(({ outcome }) => outcome !== "pass")
    .map(({ check, outcome }) => `${check} ${outcome}`);

const env = (name: string, value: string) => ({
  env: [...RIGHT.env.filter((each) => each.name !== name), { name, value }],
});
const without = (name: string) => ({ env: RIGHT.env.filter((each) => each.name !== name) });

describe("judgePool", () => {
  it("has nothing to say against what deploy/ makes", () => {
    expect(amiss(pool({}))).toEqual([]);
  });

  it("warns of what the article did: an image that moves, and a probe that kills in the middle of reconnecting", () => {
    expect(amiss(pool(ARTICLE))).toEqual(["pool-probe warn", "pool-image warn"]);
  });

  it.each<[string, Partial<Container>, string]>([
    ["no protocol", without("TUNNEL_TRANSPORT_PROTOCOL"), "pool-protocol warn"],
    ["auto", env("TUNNEL_TRANSPORT_PROTOCOL", "auto"), "pool-protocol warn"],
    ["quic", env("TUNNEL_TRANSPORT_PROTOCOL", "quic"), "pool-protocol fail"],
    [
      "quic by flag, over http2 in the environment",
      { args: ["tunnel", "run", "--protocol=quic"] },
      "pool-protocol fail",
    ],
    ["no metrics address", without("TUNNEL_METRICS"), "pool-metrics warn"],
    ["metrics on loopback", env("TUNNEL_METRICS", "127.0.0.1:2000"), "pool-metrics warn"],
    ["a pinned :latest", { image: "cloudflare/cloudflared:latest" }, "pool-image warn"],
    ["no tag at all", { image: "registry.example:5000/cloudflare/cloudflared" }, "pool-image warn"],
    [
      "latest secret",
      { env: [...without("TUNNEL_TOKEN").env, { name: "TUNNEL_TOKEN", secret: "s", version: "latest" }] },
      "pool-secret warn",
    ],
    ["the token in plain sight", env("TUNNEL_TOKEN", "eyJh"), "pool-secret fail"],
    ["the token as a flag", { args: ["tunnel", "run", "--token", "eyJh"] }, "pool-secret fail"],
    ["no token", without("TUNNEL_TOKEN"), "pool-secret fail"],
    ["an impatient probe", { livenessProbe: probe("/ready", 10, 3) }, "pool-probe warn"],
    ["a flag after run", { args: ["tunnel", "run", "--metrics", "0.0.0.0:2000"] }, "pool-flags fail"],
    ["self-update", { ...without("NO_AUTOUPDATE"), command: ["cloudflared"] }, "pool-autoupdate warn"],
  ])("finds %s", (_, container, found) => {
    expect(amiss(pool(container))).toEqual([found]);
  });

  it.each<[string, Partial<Container>]>([
    ["a digest", { image: `cloudflare/cloudflared@sha256:${"a".repeat(64)}` }],
    ["a patient probe on /ready", { livenessProbe: probe("/ready", 30, 4) }],
    ["no liveness probe", { livenessProbe: null }],
    ["metrics on every address", env("TUNNEL_METRICS", ":2000")],
    [
      "a token file",
      { env: [...without("TUNNEL_TOKEN").env, { name: "TUNNEL_TOKEN_FILE", value: "/etc/t" }] },
    ],
  ])("lets %s pass", (_, container) => {
    expect(amiss(pool(container))).toEqual([]);
  });

  it.each<[string, Partial<WorkerPool>, string]>([
    ["all traffic through the VPC", { egress: "all-traffic" }, "pool-egress warn"],
    ["no network", { egress: null }, "pool-egress fail"],
    ["one instance", { instanceCount: 1 }, "pool-instances warn"],
    ["none", { instanceCount: 0 }, "pool-instances fail"],
    [
      "a failed revision",
      { failedRevision: { name: "r2", reason: "HEALTH_CHECK_CONTAINER_ERROR", message: "", since: null } },
      "pool-revision fail",
    ],
    ["another container altogether", { containers: [{ ...RIGHT, image: "nginx:1" }] }, "pool-image fail"],
  ])("finds %s", (_, more, found) => {
    expect(amiss(pool({}, more))).toEqual([found]);
  });

  it("names in each remedy a setting to change, and never shows a token", () => {
    const bad = pool({ ...env("TUNNEL_TOKEN", "eyJhIjoi"), image: "cloudflare/cloudflared" });
    for (const finding of judgePool(bad)) {
      expect(JSON.stringify(finding)).not.toContain("eyJh");
      expect(finding.remedy === null).toBe(finding.outcome === "pass");
    }
  });
});
