// What a newcomer can break about the tunnel, and Heal: each fault is something that people or networks really do. The
// network, the worker pool's revision and the tunnel's configuration are changed; the stand-ins meet it as they may.
import { OPEN } from "./cloudflare/network.ts";
import { changed, type RevisionChange, RIGHT } from "./cloudflared/revision.ts";
import type { WorkerPool } from "./cloudflared/worker-pool.ts";
import type { CloudflareEmulator } from "./contract.ts";

export const TUNNEL_FAULTS = [
  "drop-one",
  "drop-all",
  "block-quic",
  "block-7844",
  "bad-token",
  "rolling-restart",
  "crash-loop",
  "wrong-host",
  "edge-dns",
  "misplaced-flag",
  "origin-down",
] as const;

export type TunnelFault = (typeof TUNNEL_FAULTS)[number];

export type TunnelFaults = {
  /** What is broken until Heal; a blip or a restart ends by itself. */
  active(): TunnelFault | null;
  /** Resolves when the fault is in place, not when its effect is seen. */
  play(fault: TunnelFault, options?: { protocol?: "auto" | "quic" }): void;
  heal(): Promise<void>;
};

type Parts = { cloudflare: CloudflareEmulator; pool: WorkerPool; tunnelId: string };

/** Every connection of two or more instances. */
const ALL = 100;

export function createTunnelFaults(
  { cloudflare, pool, tunnelId }: Parts,
  onChange: () => void,
): TunnelFaults {
  const { network } = cloudflare;
  let active: TunnelFault | null = null;
  let healthyConfig: Record<string, unknown> | null = null;
  let deployed = false;

  function deploy(change: RevisionChange, without: string[] = []): void {
    deployed = true;
    void pool.deploy(changed(change, without), true);
  }

  const levers: Record<TunnelFault, (protocol: "auto" | "quic") => void> = {
    "drop-one": () => cloudflare.holdConnections(tunnelId, 1),
    "drop-all": () => void cloudflare.dropConnections(tunnelId, ALL),
    "block-quic"(protocol) {
      network.set({ quic: "blocked" });
      if (protocol === "quic") deploy({ env: { TUNNEL_TRANSPORT_PROTOCOL: "quic" } });
      else deploy({}, ["TUNNEL_TRANSPORT_PROTOCOL"]);
    },
    "block-7844": () => network.set({ quic: "blocked", http2: "blocked" }),
    "bad-token": () => deploy({ env: { TUNNEL_TOKEN: withOldSecret(cloudflare.tunnelToken(tunnelId)) } }),
    // As it stands, be it broken: a restart mends no setting.
    "rolling-restart": () => void pool.deploy(pool.revision()),
    // A probe that asks for more than a start can give: QUIC does not come through, and the fall back takes longer.
    "crash-loop"() {
      network.set({ quic: "blocked" });
      const liveness = { path: "/ready", periodSeconds: 10, failureThreshold: 3 };
      deploy({ liveness }, ["TUNNEL_TRANSPORT_PROTOCOL"]);
    },
    "wrong-host"() {
      const { config } = cloudflare.tunnelConfig(tunnelId);
      healthyConfig ??= config;
      cloudflare.putConfig(tunnelId, withoutHostHeaders(config));
    },
    "edge-dns"() {
      network.set({ dns: "broken" });
      deploy({});
    },
    "misplaced-flag": () => deploy({ args: ["tunnel", "run", "--metrics", "0.0.0.0:2000"] }),
    "origin-down": () => network.set({ origin: "timeout" }),
  };

  return {
    active: () => active,
    play(fault, { protocol = "quic" } = {}) {
      if (fault !== "drop-all" && fault !== "rolling-restart") active = fault;
      levers[fault](protocol);
      onChange();
    },
    async heal() {
      network.set(OPEN);
      cloudflare.releaseConnections();
      if (healthyConfig)
        cloudflare.putConfig(
          tunnelId,
          withHostHeaders(cloudflare.tunnelConfig(tunnelId).config, healthyConfig),
        );
      healthyConfig = null;
      active = null;
      onChange();
      if (!deployed) return;
      // Before the roll-out: what is pulled while it runs deploys anew, and is healed by the next one.
      deployed = false;
      await pool.deploy(RIGHT);
    },
  };
}

/** A token as it was before somebody rotated the tunnel's secret. */
function withOldSecret(token: string): string {
  const { a, t } = JSON.parse(Buffer.from(token, "base64").toString());
  const s = Buffer.from("the secret before the last rotation").toString("base64");
  return Buffer.from(JSON.stringify({ a, t, s })).toString("base64");
}

type Rule = { hostname?: string; originRequest?: Record<string, unknown> };

function withoutHostHeaders(config: Record<string, unknown>): Record<string, unknown> {
  const rules = (config.ingress as Rule[]).map((rule) => {
    const { httpHostHeader: _, ...originRequest } = rule.originRequest ?? {};
    return rule.originRequest ? { ...rule, originRequest } : rule;
  });
  return { ...config, ingress: rules };
}

/** Puts back the headers that are missing; what others changed meanwhile stays. */
function withHostHeaders(
  config: Record<string, unknown>,
  healthy: Record<string, unknown>,
): Record<string, unknown> {
  const before = new Map((healthy.ingress as Rule[]).map((rule) => [rule.hostname, rule.originRequest]));
  const rules = (config.ingress as Rule[]).map((rule) => {
    const header = before.get(rule.hostname)?.httpHostHeader;
    if (!header || rule.originRequest?.httpHostHeader) return rule;
    return { ...rule, originRequest: { ...rule.originRequest, httpHostHeader: header } };
  });
  return { ...config, ingress: rules };
}
