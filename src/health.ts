// A tiny HTTP server for Cloud Run's probes: is the process alive, is it ready, how is it doing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { ConfigError } from "./config-values.ts";
import { inTime } from "./time-limit.ts";

export type Checks = { ready: boolean; details: Record<string, unknown> };

export type HealthOptions = {
  /** 0 takes a free one. */
  port: number;
  /** Default 0.0.0.0: the probes come from outside the container. */
  host?: string;
  /** Whether the process itself is well. Default: it answers. */
  alive?: () => boolean;
  /** Whether a new revision may take over from the one before. Default: it answers. */
  started?: () => boolean;
  checks: () => Promise<Checks>;
  /** In the text format of Prometheus. Without it there is no /metrics. */
  metrics?: () => Promise<string>;
  /** How long a check may take. Default 2 s. */
  timeoutMs?: number;
  log: Logger;
};

export type HealthServer = { port: number; close(): Promise<void> };

type Answer = { status: number; type: string; body: string };

const CHECK_MS = 2_000;
const JSON_TYPE = "application/json; charset=utf-8";
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Throws ConfigError when the port is taken. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const server = createServer((request, response) => void serve(request, response, options));
  server.requestTimeout = 5000;
  await listen(server, options.port, options.host ?? "0.0.0.0");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(told(error, port)));
    server.listen(port, host, resolve);
  });
}

function told(error: NodeJS.ErrnoException, port: number): Error {
  const why = { EADDRINUSE: "is taken by another process", EACCES: "may not be used by this user" }[
    error.code ?? ""
  ];
  return why ? new ConfigError([`HEALTH_PORT ${port} ${why}: choose another, or 0 for any free one`]) : error;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthOptions,
): Promise<void> {
  const { status, type, body } = await answer(request, options);
  const headers = {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  };
  response.writeHead(status, headers);
  response.end(request.method === "HEAD" ? undefined : body);
}

async function answer({ method, url = "/" }: IncomingMessage, options: HealthOptions): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") return json(405, { error: "GET only" });
  const path = url.split("?")[0];
  const limitMs = options.timeoutMs ?? CHECK_MS;
  try {
    if (path === "/healthz") return alive(options.alive?.() ?? true);
    if (path === "/startupz") return started(options.started?.() ?? true);
    if (path === "/readyz") return ready(await inTime(options.checks(), limitMs, tooLong));
    if (path === "/metrics" && options.metrics) {
      return { status: 200, type: METRICS_TYPE, body: await inTime(options.metrics(), limitMs, tooLong) };
    }
    return json(404, { error: "not found" });
  } catch (err) {
    // What went wrong may name hosts or hold secrets: it belongs in the log, and not in the answer.
    options.log.warn({ err, path }, "a check failed");
    return json(503, { ready: false, details: { error: "the check failed" } });
  }
}

function tooLong(): never {
  throw new Error("the check took too long");
}

function alive(ok: boolean): Answer {
  return json(ok ? 200 : 503, { alive: ok });
}

function started(ok: boolean): Answer {
  return json(ok ? 200 : 503, { started: ok });
}

function ready(checks: Checks): Answer {
  return json(checks.ready ? 200 : 503, checks);
}

function json(status: number, body: unknown): Answer {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(body)}\n` };
}
