// The two worker pools for gcloud: held against Cloud Run's own field names, and against what they are there for.
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config.ts";
import { parseSecretReference } from "../../src/services/secret-manager.ts";
import { textOf } from "./repository.ts";
import { WorkerPool } from "./worker-pool-schema.ts";

const FILES = { bot: "deploy/bot.worker-pool.yaml", cloudflared: "deploy/cloudflared.worker-pool.yaml" };
/** Cloud Run sends SIGKILL this long after SIGTERM. */
const KILLED_AFTER_SECONDS = 10;

const bot = read(FILES.bot);
const cloudflared = read(FILES.cloudflared);

function read(file: string): WorkerPool {
  return WorkerPool.parse(parse(textOf(file)));
}

function containerOf(pool: WorkerPool) {
  return pool.spec.template.spec.containers[0]!;
}

function plainEnv(pool: WorkerPool): Record<string, string> {
  return Object.fromEntries(
    containerOf(pool).env.flatMap((each) => ("value" in each ? [[each.name, each.value]] : [])),
  );
}

function secretEnv(pool: WorkerPool): Record<string, string> {
  return Object.fromEntries(
    containerOf(pool).env.flatMap((each) =>
      "valueFrom" in each
        ? [[each.name, `${each.valueFrom.secretKeyRef.name}/${each.valueFrom.secretKeyRef.key}`]]
        : [],
    ),
  );
}

function instances(pool: WorkerPool): number {
  return Number(pool.metadata.annotations["run.googleapis.com/manualInstanceCount"]);
}

function secondsOf(probe: {
  initialDelaySeconds: number;
  periodSeconds: number;
  failureThreshold: number;
}): number {
  return probe.initialDelaySeconds + probe.periodSeconds * probe.failureThreshold;
}

/** Settings that Cloud Run would refuse, or silently take for something else. */
const SPOILS: [what: string, from: string, to: string][] = [
  ["a misspelt field", "livenessProbe:", "livenesProbe:"],
  ["an unknown annotation", "vpc-access-egress:", "vpc-egress:"],
  ["another egress", "private-ranges-only\n", "private-only\n"],
  ["an instance count without quotes", 'manualInstanceCount: "2"', "manualInstanceCount: 2"],
  ["a service", "kind: WorkerPool", "kind: Service"],
  ["the tag that moves", "cloudflared:2026.8.3", "cloudflared:latest"],
  ["no tag", "cloudflared:2026.8.3", "cloudflared"],
  ["the version that moves", 'key: "1"', "key: latest"],
  ["a probe past the limit", "failureThreshold: 24", "failureThreshold: 25"],
  ["a probe slower than its period", "periodSeconds: 30", "periodSeconds: 5"],
  ["too little memory", "memory: 512Mi", "memory: 256Mi"],
  ["interfaces that are no JSON", '[{"network"', '{"network"'],
];

test.each(SPOILS)("the check refuses %s", (_what, from, to) => {
  const text = textOf(FILES.cloudflared);
  expect(text).toContain(from);
  expect(() => WorkerPool.parse(parse(text.replaceAll(from, to)))).toThrow();
});

test("the connectors speak HTTP/2, which gets out of Cloud Run, over IPv4", () => {
  expect(plainEnv(cloudflared)).toMatchObject({
    TUNNEL_TRANSPORT_PROTOCOL: "http2",
    TUNNEL_EDGE_IP_VERSION: "4",
  });
});

test("only private ranges go through the VPC, so that the edge is reached without NAT", () => {
  const { annotations } = cloudflared.spec.template.metadata;
  expect(annotations["run.googleapis.com/vpc-access-egress"]).toBe("private-ranges-only");
  expect(annotations["run.googleapis.com/network-interfaces"]).toEqual([
    { network: "drawbridge", subnetwork: "drawbridge" },
  ]);
});

test("the connectors log JSON at info, and never the headers of requests", () => {
  expect(plainEnv(cloudflared)).toMatchObject({ TUNNEL_LOG_OUTPUT: "json", TUNNEL_LOGLEVEL: "info" });
});

test("the connectors leave within the time that Cloud Run gives them", () => {
  const grace = Number(/^(\d+)s$/.exec(plainEnv(cloudflared).TUNNEL_GRACE_PERIOD ?? "")?.[1]);
  expect(grace).toBe(8);
  expect(grace).toBeLessThan(KILLED_AFTER_SECONDS);
});

test("a connector that is still finding a protocol is left alone, and one that is down is not killed", () => {
  const { startupProbe, livenessProbe } = containerOf(cloudflared);
  expect(startupProbe.httpGet).toEqual({ path: "/ready", port: 2000 });
  // The slowest fallback from QUIC takes about four minutes, and the VPC one more.
  expect(secondsOf(startupProbe)).toBeGreaterThanOrEqual(300);
  expect(livenessProbe.httpGet).toEqual({ path: "/healthcheck", port: 2000 });
  expect(plainEnv(cloudflared).TUNNEL_METRICS).toBe("0.0.0.0:2000");
});

test("two connectors, by environment alone: a flag in the wrong place would end them with success", () => {
  expect(instances(cloudflared)).toBe(2);
  expect(containerOf(cloudflared).args).toEqual(["tunnel", "run"]);
  expect(plainEnv(cloudflared).NO_AUTOUPDATE).toBe("true");
});

test("the tunnel's token is a secret of a set version, and the only one that the connectors get", () => {
  expect(secretEnv(cloudflared)).toEqual({ TUNNEL_TOKEN: "drawbridge-tunnel-token/1" });
  expect(Object.values(plainEnv(cloudflared)).join()).not.toContain("sm://");
});

test("one bot, with its store in Cloud SQL and no password", () => {
  expect(instances(bot)).toBe(1);
  expect(secretEnv(bot)).toEqual({});
  expect(plainEnv(bot)).toMatchObject({
    CLOUD_SQL_INSTANCE: "PROJECT_ID:REGION:drawbridge",
    CLOUD_SQL_USER: "drawbridge-bot@PROJECT_ID.iam",
  });
});

test("the bot's tokens are references of a set version, which the bot can read", () => {
  for (const name of ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "CLOUDFLARE_API_TOKEN"]) {
    const value = plainEnv(bot)[name]!.replace("PROJECT_ID", "acme-internal");
    const reference = parseSecretReference(value, undefined);
    expect(reference).toEqual({
      name: `projects/acme-internal/secrets/drawbridge-${name.toLowerCase().replaceAll("_", "-")}/versions/1`,
    });
  }
});

test("the bot takes the environment that the pool gives it", () => {
  const env = {
    ...plainEnv(bot),
    CLOUD_SQL_INSTANCE: "acme-internal:asia-northeast1:drawbridge",
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_APP_TOKEN: "xapp-1",
    CLOUDFLARE_API_TOKEN: "token",
    CLOUDFLARE_ACCOUNT_ID: "0".repeat(32),
    CLOUD_RUN_WORKER_POOL: "drawbridge",
  };
  const config = loadConfig(env);
  expect(config).toMatchObject({ sandbox: false, healthPort: containerOf(bot).startupProbe.httpGet.port });
  const [mount] = containerOf(bot).volumeMounts;
  const [volume] = bot.spec.template.spec.volumes;
  expect(mount?.name).toBe(volume?.name);
  expect(config.policyFile).toBe(`${mount?.mountPath}/${volume?.secret.items[0]?.path}`);
});

test("the bot's probes ask what its health server answers, patiently", () => {
  const { startupProbe, livenessProbe } = containerOf(bot);
  const answered = [...textOf("src/health.ts").matchAll(/path === "(\/[a-z]+)"/g)].map((match) => match[1]);
  expect(startupProbe.httpGet).toEqual({ path: "/startupz", port: 8080 });
  expect(livenessProbe.httpGet).toEqual({ path: "/healthz", port: 8080 });
  expect(answered).toEqual(expect.arrayContaining(["/startupz", "/healthz"]));
  expect(secondsOf(startupProbe)).toBe(240);
  expect(secondsOf(livenessProbe)).toBe(240);
});

test("each pool has an identity of its own", () => {
  const [one, other] = [bot, cloudflared].map((pool) => pool.spec.template.spec.serviceAccountName);
  expect(one).toBe("drawbridge-bot@PROJECT_ID.iam.gserviceaccount.com");
  expect(other).toBe("drawbridge-cloudflared@PROJECT_ID.iam.gserviceaccount.com");
});
