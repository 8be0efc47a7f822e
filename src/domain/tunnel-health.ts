// What is known of a tunnel at one moment, put together from whichever signals there are.

/** `unknown`: no signal has answered lately, which is not the same as down. */
export type TunnelState = "up" | "degraded" | "down" | "unknown";

export type ConnectorHealth = {
  /** The connector's id, as in its log, its `/ready` and Cloudflare's API. */
  id: string;
  version: string | null;
  protocol: "http2" | "quic" | null;
  configVersion: number | null;
  startedAt: Date | null;
  /** The data centres that its registered connections end in, such as `nrt08`; one entry a connection. */
  colos: string[];
  /** False for one that runs outside the worker pools we know; null where that cannot be told. */
  ours: boolean | null;
};

export type TunnelHealth = {
  tunnelId: string;
  name: string;
  state: TunnelState;
  /** Since when it has been in this state. */
  since: Date;
  connectors: ConnectorHealth[];
  /** When a signal last answered. */
  seenAt: Date;
};
