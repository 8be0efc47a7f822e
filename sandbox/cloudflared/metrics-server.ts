// The metrics server: `/ready`, `/metrics` and the rest of what cloudflared serves to those who watch it.
import { createServer, type Server } from "node:http";
import type { ProcessState } from "./process-state.ts";
import { metricsText } from "./prometheus.ts";

type Answer = { status: number; type: string; body: string };

/** By path; `coverage.ts` has where each comes from. */
export const METRICS_PATHS: Record<string, (state: ProcessState, shown: Record<string, string>) => Answer> = {
  "/ready": (state) => {
    const ready = state.stopping ? 0 : state.live.size;
    const status = ready > 0 ? 200 : 503;
    return { ...json({ status, readyConnections: ready, connectorId: state.connectorId }), status };
  },
  "/healthcheck": () => ({ status: 200, type: "text/plain; charset=utf-8", body: "OK\n" }),
  "/metrics": (state) => ({ status: 200, type: "text/plain; version=0.0.4", body: metricsText(state) }),
  "/config": ({ configVersion, config }) => json({ version: configVersion, config }),
  "/quicktunnel": () => json({ hostname: "" }),
  "/diag/tunnel": ({ tunnelId, connectorId, live }) =>
    json({
      tunnelID: tunnelId,
      connectorID: connectorId,
      // Zero values are left out: no protocol is http2, no index is the first connection.
      connections: [...live].map(([index, { protocol, ip }]) => ({
        isConnected: true,
        ...(protocol === "quic" ? { protocol: 1 } : {}),
        edgeAddress: ip,
        ...(index > 0 ? { index } : {}),
      })),
      icmp_sources: [],
    }),
  "/diag/configuration": (_, shown) => json({ uid: "65532", ...shown }),
};

/** Rejects when the address is taken. */
export function serveMetrics(
  address: string,
  state: ProcessState,
  shown: Record<string, string>,
): Promise<Server> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const answer = METRICS_PATHS[path]?.(state, shown) ?? NOT_FOUND;
    response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
  });
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(port), host || "0.0.0.0", () => resolve(server));
  });
}

const NOT_FOUND: Answer = { status: 404, type: "text/plain; charset=utf-8", body: "404 page not found\n" };

function json(body: unknown): Answer {
  return { status: 200, type: "application/json", body: `${JSON.stringify(body)}\n` };
}
