// A connector's own HTTP address, where the bot can reach it: whether it is ready, and what it runs.
// https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/monitor-tunnels/metrics/
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { EndpointDetails, Readiness } from "../domain/signals.ts";
import { isRecord, recordIn } from "./json.ts";
import { labelOf, readMetrics } from "./metrics-text.ts";

export type ConnectorEndpoint = {
  /** Never throws: that it does not answer is what one wants to know. */
  ready(address: string): Promise<Readiness>;
  /** Costs three requests, one of which cloudflared writes to its log: not for every look. */
  details(address: string): Promise<EndpointDetails>;
};

const LONGEST_BODY = 1024 * 1024;

export function createConnectorEndpoint(options: { timeoutMs: number }): ConnectorEndpoint {
  async function json(address: string, path: string): Promise<Record<string, unknown> | null> {
    const answer = await get(new URL(path, address), options.timeoutMs).catch(() => null);
    return answer?.status === 200 ? recordIn(answer.body) : null;
  }

  return {
    async ready(address) {
      try {
        return readinessOf(await get(new URL("/ready", address), options.timeoutMs));
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "";
        if (code === "ECONNREFUSED") return { state: "refused" };
        return { state: "silent", because: code === "ABORT_ERR" ? "no answer in time" : code || "no answer" };
      }
    },
    async details(address) {
      const [metrics, config, tunnel] = await Promise.all([
        get(new URL("/metrics", address), options.timeoutMs).catch(() => null),
        json(address, "/config"),
        json(address, "/diag/tunnel"),
      ]);
      return {
        ...fromMetrics(metrics?.status === 200 ? metrics.body : ""),
        configVersion: versionIn(config),
        protocol: protocolIn(tunnel),
      };
    },
  };
}

/** 200 with at least one connection, 503 with none. `ha_connections` of the metrics counts attempts, so it is not read. */
function readinessOf({ status, body }: Answer): Readiness {
  const told = status === 200 || status === 503 ? recordIn(body) : null;
  if (!told) return { state: "silent", because: `something else answers there (${status})` };
  const id = told.connectorId;
  return {
    state: "answered",
    connectorId: typeof id === "string" && id !== "" && !/^[0-]+$/.test(id) ? id : null,
    connections: typeof told.readyConnections === "number" ? told.readyConnections : 0,
  };
}

function fromMetrics(text: string): Pick<EndpointDetails, "version" | "colos"> {
  const samples = readMetrics(text);
  const build = samples.find(({ name }) => name === "build_info");
  // A place that a connection has left stays there with 0.
  const here = samples.filter(
    ({ name, value }) => name === "cloudflared_tunnel_server_locations" && value === 1,
  );
  return {
    version: build ? labelOf(build, "version") : null,
    colos: here.flatMap((sample) => labelOf(sample, "edge_location") ?? []),
  };
}

/** -1 stands there until the first configuration arrives. */
function versionIn(config: Record<string, unknown> | null): number | null {
  const version = config?.version;
  return typeof version === "number" && version >= 0 ? version : null;
}

/** Go leaves zero values out: 0 is http2, so a connection that names no protocol has that one. */
function protocolIn(tunnel: Record<string, unknown> | null): EndpointDetails["protocol"] {
  const connections = Array.isArray(tunnel?.connections) ? tunnel.connections : [];
  const connected = connections.filter(isRecord).filter(({ isConnected }) => isConnected === true);
  if (connected.length === 0) return null;
  return connected.some(({ protocol }) => protocol === 1) ? "quic" : "http2";
}

type Answer = { status: number; body: string };

/** One deadline for all of it: looking up, connecting and reading. Follows no redirect. */
function get(url: URL, timeoutMs: number): Promise<Answer> {
  const options = { agent: false, signal: AbortSignal.timeout(timeoutMs) } as const;
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, options, (response) => {
      readAll(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    request.on("error", reject);
    request.end();
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LONGEST_BODY) throw Object.assign(new Error("too long an answer"), { code: "TOO_LONG" });
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
