// What one cloudflared process knows of itself, and its metrics server shows.
import type { EdgeLink } from "./link.ts";
import type { Protocol } from "./wire.ts";

export type Live = { link: EdgeLink; ip: string; protocol: Protocol; location: string };

export type ProcessState = {
  connectorId: string;
  tunnelId: string;
  version: string;
  /** Registered connections, by index. */
  live: Map<number, Live>;
  /** Attempts that run: the gauge of the same name counts them too, registered or not. */
  attempts: number;
  /** -1 before the first document. */
  configVersion: number;
  config: Record<string, unknown>;
  /** QUIC worked once: from then on nothing falls back. */
  everQuic: boolean;
  stopping: boolean;
  registered: number;
  refused: number;
  requests: Map<number, number>;
  requestErrors: number;
  /** Every place that a connection ever ended in, by index. */
  locations: Map<number, string[]>;
};

export function newState(connectorId: string, tunnelId: string, version: string): ProcessState {
  return {
    connectorId,
    tunnelId,
    version,
    live: new Map(),
    attempts: 0,
    configVersion: -1,
    config: { ingress: [], "warp-routing": {}, originRequest: {} },
    everQuic: false,
    stopping: false,
    registered: 0,
    refused: 0,
    requests: new Map(),
    requestErrors: 0,
    locations: new Map(),
  };
}
