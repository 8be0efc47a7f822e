// The part of cloudflared's `/metrics` that somebody who watches a tunnel may look at, in Prometheus' text format.
import type { ProcessState } from "./process-state.ts";

type Sample = [labels: Record<string, string | number>, value: number];

export function metricsText(state: ProcessState): string {
  const requests = [...state.requests].map(([status, count]): Sample => [{ status_code: status }, count]);
  const total = requests.reduce((sum, [, count]) => sum + count, 0);
  const quic = [...state.live.values()].filter(({ protocol }) => protocol === "quic").length;
  return [
    metric("build_info", "gauge", [
      [{ goversion: "go1.26.4", type: "", revision: "2026-08-20-1200", version: state.version }, 1],
    ]),
    // Counts attempts, not registered connections: it reads 1 or more while nothing is up.
    metric("cloudflared_tunnel_ha_connections", "gauge", [[{}, state.attempts]]),
    metric("cloudflared_tunnel_server_locations", "gauge", locations(state)),
    metric("cloudflared_tunnel_tunnel_register_success", "counter", [
      [{ rpcName: "registerConnection" }, state.registered],
    ]),
    metric("cloudflared_tunnel_tunnel_register_fail", "counter", [
      [{ error: "server_error", rpcName: "registerConnection" }, state.refused],
    ]),
    metric("cloudflared_tunnel_total_requests", "counter", [[{}, total]]),
    metric("cloudflared_tunnel_request_errors", "counter", [[{}, state.requestErrors]]),
    metric("cloudflared_tunnel_response_by_code", "counter", requests),
    metric("cloudflared_tunnel_concurrent_requests_per_tunnel", "gauge", [[{}, 0]]),
    metric("cloudflared_orchestration_config_version", "gauge", [[{}, state.configVersion]]),
    metric("quic_client_total_connections", "counter", state.everQuic ? [[{}, quic]] : []),
  ].join("");
}

/** The place a connection ended in before stays, with 0. */
function locations({ locations }: ProcessState): Sample[] {
  return [...locations].flatMap(([index, places]) =>
    [...new Set(places)].map((place): Sample => {
      return [{ connection_id: index, edge_location: place }, place === places.at(-1) ? 1 : 0];
    }),
  );
}

function metric(name: string, type: "gauge" | "counter", samples: Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} As cloudflared has it.\n# TYPE ${name} ${type}\n${lines.join("")}`;
}
