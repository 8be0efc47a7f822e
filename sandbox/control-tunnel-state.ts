// The tunnel as the page shows it: its instances, their connections, and the last lines of their log.

import type { PoolLine } from "./cloudflared/worker-pool.ts";
import type { ControlParts } from "./control.ts";
import type { PageConnectors, PageLogLine } from "./page/state.ts";
import type { SandboxTunnel } from "./tunnel.ts";

const CONNECTIONS = 4;
const LINES_SHOWN = 12;

export function tunnelState(parts: ControlParts, { tunnelId, pool, faults }: SandboxTunnel): PageConnectors {
  const connectors = parts.connectors(tunnelId);
  const instances = pool.instances().map(({ connectorId, ...state }) => {
    const connector = connectors.find(({ id }) => id === connectorId);
    const places = new Map(connector?.connections.map(({ index, colo }) => [index, colo]));
    const connections = Array.from({ length: CONNECTIONS }, (_, index) => places.get(index) ?? null);
    return { ...state, connections };
  });
  const name = parts.seed.cloudflare.tunnels.find(({ id }) => id === tunnelId)?.name ?? tunnelId;
  const { name: revision, env } = pool.revision();
  const protocol = env.TUNNEL_TRANSPORT_PROTOCOL ?? "auto";
  return {
    tunnelId,
    name,
    fault: faults.active(),
    revision,
    protocol,
    instances,
    lines: pool.lines().slice(-LINES_SHOWN).map(lineOf),
  };
}

/** Text that is no JSON has no level of its own. */
function lineOf({ instance, line }: PoolLine): PageLogLine {
  if (!line.startsWith("{")) return { instance, level: "text", message: line, error: "" };
  const { level = "info", message = "", error = "" } = JSON.parse(line) as Record<string, string>;
  return { instance, level, message, error };
}

/** One that the seed's people had not made before. */
export function isOwnApplication({ seed }: ControlParts, application: Record<string, unknown>): boolean {
  const others =
    "applications" in seed.cloudflare ? (seed.cloudflare.applications as { domain?: string }[]) : [];
  return !others.some(({ domain }) => domain === application.domain);
}
