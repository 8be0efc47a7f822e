// Judges the specification of cloudflared's worker pool: each setting that has cost somebody an evening.
// https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/cloudflared-parameters/run-parameters/
import { type Finding, fail, pass, warn } from "./finding.ts";
import { type Container, type Probe, poolKey, type WorkerPool } from "./worker-pool.ts";

/** A connector that looks for a protocol that works may need four minutes; with http2 two are ample. */
const LENIENT_SECONDS = 120;

type Judge = (pool: WorkerPool, container: Container) => Finding;

export function judgePool(pool: WorkerPool): Finding[] {
  const subject = poolKey(pool);
  const container = pool.containers.find(isCloudflared);
  const shared = [revision(pool), instances(pool), egress(pool)];
  if (!container) {
    const evidence = "None of its containers runs cloudflared.";
    return [
      ...shared,
      fail("pool-image", subject, evidence, "Check connectors.workerPool in the policy file."),
    ];
  }
  return [...shared, ...JUDGES.map((judge) => judge(pool, container))];
}

function isCloudflared({ image, command }: Container): boolean {
  return /cloudflared/.test(image) || command.some((each) => /cloudflared/.test(each));
}

function revision(pool: WorkerPool): Finding {
  const subject = poolKey(pool);
  const { failedRevision, ready, latestReadyRevision } = pool;
  if (failedRevision) {
    const why = [failedRevision.reason, failedRevision.message].filter(Boolean).join(": ");
    const evidence = `The revision ${failedRevision.name} is not ready. ${why}`.trim();
    return fail(
      "pool-revision",
      subject,
      evidence,
      "Mend what it names and deploy again; the one before goes on.",
    );
  }
  if (ready?.state === "failed")
    return fail("pool-revision", subject, `The pool is not ready. ${ready.message}`, "Mend what it names.");
  return pass("pool-revision", subject, `Ready: ${latestReadyRevision ?? "its newest revision"}.`);
}

function instances(pool: WorkerPool): Finding {
  const { instanceCount } = pool;
  if (instanceCount === null) return pass("pool-instances", poolKey(pool), "It scales by itself.");
  if (instanceCount >= 2) return pass("pool-instances", poolKey(pool), `${instanceCount} instances.`);
  const remedy =
    "Set the pool's manual instance count to 2, so that one can restart while the other carries the traffic.";
  const evidence =
    instanceCount === 0 ? "No instance: the pool is off." : "One instance: every restart is an outage.";
  return (instanceCount === 0 ? fail : warn)("pool-instances", poolKey(pool), evidence, remedy);
}

/** `all-traffic` without Cloud NAT leaves no way to the edge, and without a network nothing leads to internal services. */
function egress(pool: WorkerPool): Finding {
  const subject = poolKey(pool);
  if (pool.egress === null)
    return fail(
      "pool-egress",
      subject,
      "It has no network interface in a VPC, so that it cannot reach services with internal ingress.",
      "Add a network interface (Direct VPC egress) to the pool: networking, the VPC and the subnet that has Private Google Access.",
    );
  if (pool.egress === "all-traffic")
    return warn(
      "pool-egress",
      subject,
      "All its traffic goes through the VPC. Without Cloud NAT, TCP 7844 to Cloudflare's edge times out there.",
      "Set the pool's VPC egress to private-ranges-only, or keep Cloud NAT for its subnet.",
    );
  return pass("pool-egress", subject, "Only private ranges go through the VPC.");
}

const protocol: Judge = (pool, container) => {
  const value = settingOf(container, "--protocol", "TUNNEL_TRANSPORT_PROTOCOL");
  const subject = poolKey(pool);
  if (value === "http2") return pass("pool-protocol", subject, "The protocol is http2.");
  const remedy =
    "Set TUNNEL_TRANSPORT_PROTOCOL=http2 in the container's environment (or --protocol http2 after tunnel run).";
  const said = value === null ? "No protocol is set" : `The protocol is ${short(value)}`;
  if (value === "quic")
    return fail(
      "pool-protocol",
      subject,
      `${said}: QUIC (UDP 7844) does not get out of Cloud Run, and quic never falls back.`,
      remedy,
    );
  return warn(
    "pool-protocol",
    subject,
    `${said}: cloudflared tries QUIC first, which does not get out of Cloud Run; the fallback takes minutes at every start.`,
    remedy,
  );
};

const autoupdate: Judge = (pool, container) => {
  const off =
    /cloudflare\/cloudflared/.test(container.image) && container.command.length === 0
      ? "true"
      : (settingOf(container, "--no-autoupdate", "NO_AUTOUPDATE") ?? "false");
  if (/^(true|1)$/i.test(off))
    return pass("pool-autoupdate", poolKey(pool), "cloudflared does not update itself.");
  return warn(
    "pool-autoupdate",
    poolKey(pool),
    "cloudflared may update itself and restart at a time of its own.",
    "Set NO_AUTOUPDATE=true in the container's environment. Update by changing the image's tag.",
  );
};

const metrics: Judge = (pool, container) => {
  const value = settingOf(container, "--metrics", "TUNNEL_METRICS");
  const subject = poolKey(pool);
  if (value !== null && /^(0\.0\.0\.0|\[::\]|::)?:\d+$/.test(value))
    return pass("pool-metrics", subject, `/ready and /metrics answer at ${short(value)}.`);
  return warn(
    "pool-metrics",
    subject,
    value === null
      ? "No metrics address is set: the port that probes ask may be another after a restart."
      : `The metrics address is ${short(value)}: probes from outside the container do not reach it.`,
    "Set TUNNEL_METRICS=0.0.0.0:2000 in the container's environment, and the probes' port to 2000.",
  );
};

/** A probe on /ready that kills sooner than a connector can come back keeps it from ever coming back. */
const probe: Judge = (pool, { livenessProbe }) => {
  const subject = poolKey(pool);
  if (!livenessProbe)
    return pass("pool-probe", subject, "No liveness probe can kill a connector that reconnects.");
  const { check } = livenessProbe;
  if (check.kind !== "http" || check.path !== "/ready")
    return pass("pool-probe", subject, "The liveness probe does not ask whether the tunnel is connected.");
  const seconds = patienceOf(livenessProbe);
  if (seconds >= LENIENT_SECONDS)
    return pass("pool-probe", subject, `The liveness probe on /ready waits ${seconds} s before it kills.`);
  return warn(
    "pool-probe",
    subject,
    `The liveness probe on /ready kills a connector that is not connected for ${seconds} s, in the middle of its own reconnecting.`,
    "Let the liveness probe ask /healthcheck, and the startup probe /ready; or give it at least two minutes (failureThreshold × periodSeconds).",
  );
};

function patienceOf({ periodSeconds, failureThreshold }: Probe): number {
  return periodSeconds * failureThreshold;
}

const secret: Judge = (pool, container) => {
  const subject = poolKey(pool);
  const token = container.env.find(({ name }) => name === "TUNNEL_TOKEN");
  const pin =
    "Refer to the secret with a version number (Secret Manager, TUNNEL_TOKEN), and deploy a new revision when the token is rotated.";
  if (container.args.some((arg) => /^--token(=|$)/.test(arg)) || (token && "value" in token))
    return fail(
      "pool-secret",
      subject,
      "The tunnel's token stands in the pool's specification, readable for whoever may see the pool.",
      `Rotate the token. ${pin}`,
    );
  if (!token) {
    const file = settingOf(container, "--token-file", "TUNNEL_TOKEN_FILE");
    if (file !== null) return pass("pool-secret", subject, "The tunnel's token comes from a mounted file.");
    return fail("pool-secret", subject, "No TUNNEL_TOKEN is set: cloudflared does not know its tunnel.", pin);
  }
  if (/^\d+$/.test(token.version))
    return pass("pool-secret", subject, `The token is version ${token.version} of ${short(token.secret)}.`);
  return warn(
    "pool-secret",
    subject,
    `The token is the version "${short(token.version)}" of ${short(token.secret)}: instances of one revision may start with different tokens.`,
    pin,
  );
};

const image: Judge = (pool, container) => {
  const subject = poolKey(pool);
  const tag = /@sha256:[0-9a-f]{64}$/.test(container.image)
    ? "a digest"
    : /:([^:/@]+)$/.exec(container.image)?.[1];
  if (tag && tag !== "latest")
    return pass("pool-image", subject, `The image is pinned: ${short(container.image)}.`);
  return warn(
    "pool-image",
    subject,
    `The image is not pinned: ${short(container.image)}. A restart may bring another version.`,
    "Name a version of cloudflared in the image's tag, such as 2026.8.3, or its digest.",
  );
};

const flags: Judge = (pool, { args }) => {
  const subject = poolKey(pool);
  const run = args.indexOf("run");
  const misplaced = run < 0 ? [] : args.slice(run + 1).filter((arg) => BEFORE_RUN.test(arg));
  if (misplaced.length === 0)
    return pass("pool-flags", subject, "Every flag stands where cloudflared reads it.");
  return fail(
    "pool-flags",
    subject,
    `${short(misplaced.join(" "))} after run: cloudflared prints its usage and leaves with exit code 0.`,
    "Move it between tunnel and run, or set it as an environment variable.",
  );
};

/** https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/cloudflared-parameters/ */
const BEFORE_RUN =
  /^--(metrics|output|loglevel|grace-period|retries|edge-ip-version|region|no-autoupdate|no-prechecks)(=|$)/;

const JUDGES: readonly Judge[] = [protocol, autoupdate, metrics, probe, secret, image, flags];

/** A flag counts before the environment; a flag without a value is `true`. Null where neither is set. */
function settingOf({ args, env }: Container, flag: string, variable: string): string | null {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  const given = args[at];
  if (given !== undefined) {
    const next = args[at + 1];
    if (given.includes("=")) return given.slice(flag.length + 1);
    return next === undefined || next.startsWith("--") || next === "run" ? "true" : next;
  }
  const found = env.find(({ name }) => name === variable);
  return found && "value" in found ? found.value : null;
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
