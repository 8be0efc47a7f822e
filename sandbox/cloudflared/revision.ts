// What a revision of cloudflared's worker pool says: the command line, the environment, the probe. And the ways in which
// people get it wrong.

export type Revision = {
  name: string;
  args: string[];
  env: Record<string, string>;
  liveness: { path: string; periodSeconds: number; failureThreshold: number } | null;
};

export type RevisionChange = Partial<Omit<Revision, "name">>;

/** As deploy/cloudflared.worker-pool.yaml has it. The token comes from the secret, the metrics address from the pool. */
export const RIGHT: Omit<Revision, "name"> = {
  args: ["tunnel", "run"],
  env: {
    TUNNEL_TRANSPORT_PROTOCOL: "http2",
    TUNNEL_LOG_OUTPUT: "json",
    TUNNEL_LOGLEVEL: "info",
    TUNNEL_GRACE_PERIOD: "8s",
    TUNNEL_EDGE_IP_VERSION: "4",
    NO_AUTOUPDATE: "true",
  },
  liveness: { path: "/healthcheck", periodSeconds: 30, failureThreshold: 4 },
};

/** `without`: the variables that this revision does not set. */
export function changed(change: RevisionChange, without: string[] = []): Omit<Revision, "name"> {
  const env = Object.entries({ ...RIGHT.env, ...change.env }).filter(([name]) => !without.includes(name));
  return { ...RIGHT, ...change, env: Object.fromEntries(env) };
}

/** Names as Cloud Run gives them: `cloudflared-00002-k7m`. */
export function revisionName(pool: string, number: number): string {
  const letters = "bcdfghjklmnpqrstvwxz";
  const tail = [7, 3, 1].map((step) => letters[(number * step * 11) % letters.length]).join("");
  return `${pool}-${String(number).padStart(5, "0")}-${tail}`;
}
