// Logs of cloudflared for tests: what a connector prints in each situation, in any of the forms that a log comes in.
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import type { DiagnoseOptions, Diagnosis, LogFact } from "../../src/domain/diagnosis/facts.ts";
import { createLogReader } from "../../src/services/connector-log.ts";

/** A line as its fields, `seconds` after the beginning of the log. Text lines have `text` instead. */
export type Line = { seconds: number; fields: Record<string, unknown> };

export const BEGIN = Date.parse("2026-10-05T03:00:00Z");
export const TUNNEL = "0f5b9d10-8a51-4f0e-9b6d-5e2f6e0c1a11";
export const CONNECTOR = "6c0f2c1e-2f3e-4f6b-8f6e-b7a1d2c3e4f5";
export const OTHER = "aa11bb22-cc33-4d44-8e55-ff6677889900";

export function line(
  seconds: number,
  level: string,
  message: string,
  fields: Record<string, unknown> = {},
): Line {
  return { seconds, fields: { level, ...(message === "" ? {} : { message }), ...fields } };
}

export function plain(seconds: number, text: string): Line {
  return { seconds, fields: { text } };
}

const EDGE = ["198.51.100.17", "203.0.113.23", "198.51.100.43", "203.0.113.61"];

export function edgeIp(index: number): string {
  return EDGE[index] ?? "198.51.100.99";
}

function on(index: number, ip = edgeIp(index)): Record<string, unknown> {
  return { connIndex: index, event: 0, ip };
}

export function boot(seconds: number, protocol = "http2", id = CONNECTOR, pinned = protocol): Line[] {
  const settings =
    pinned === "auto"
      ? "map[no-autoupdate:true token:*****]"
      : `map[p:${pinned} protocol:${pinned} token:*****]`;
  return [
    line(seconds, "info", "Starting tunnel", { tunnelID: TUNNEL }),
    line(seconds, "info", "Version 2026.9.1 (Checksum 1f0e)"),
    line(seconds, "info", `Settings: ${settings}`),
    line(seconds, "info", `Generated Connector ID: ${id}`),
    line(seconds, "info", `Initial protocol ${protocol}`),
  ];
}

export function up(
  seconds: number,
  index: number,
  protocol = "http2",
  location = `kix0${index}`,
  ip = edgeIp(index),
): Line {
  return line(seconds, "info", "Registered tunnel connection", {
    ...on(index, ip),
    connection: `2c3a5c0e-41c3-4c57-a9f5-8a8f0b0f9f1${index}`,
    location,
    protocol,
  });
}

export function allUp(seconds: number, protocol = "http2"): Line[] {
  return [0, 1, 2, 3].map((index) => up(seconds + index, index, protocol));
}

export function retry(seconds: number, index: number, upTo = "1s"): Line {
  return line(seconds, "info", `Retrying connection in up to ${upTo}`, on(index));
}

export function quicDial(
  seconds: number,
  index = 0,
  why = "timeout: no recent network activity",
  level = "error",
): Line {
  return line(seconds, level, "Failed to dial a quic connection", {
    ...on(index),
    error: `failed to dial to edge with quic: ${why}`,
  });
}

export function tcpDial(seconds: number, index = 0, why?: string, level = "error"): Line[] {
  const error = why ?? `DialContext error: dial tcp ${edgeIp(index)}:7844: i/o timeout`;
  return [
    line(seconds, level, "Unable to establish connection with Cloudflare edge", { ...on(index), error }),
    line(seconds, level, "Serve tunnel error", { ...on(index), error }),
    retry(seconds, index, "4s"),
  ];
}

/** An http2 connection is lost: the cause and its echoes. */
export function h2Lost(seconds: number, index: number, level = "warn"): Line[] {
  const error = "connection with edge closed";
  return [
    line(seconds, "info", "Lost connection with the edge", { connIndex: index }),
    line(seconds, "error", "failed to serve incoming request", {
      error: "Error shutting down control stream: client disconnected",
    }),
    line(seconds, level, "Serve tunnel error", { ...on(index), error }),
    retry(seconds, index),
    line(seconds + 1, level, "Connection terminated", { connIndex: index, error }),
  ];
}

/** A QUIC connection is lost: the cause and its echoes. */
export function quicLost(seconds: number, index: number, level = "warn"): Line[] {
  const error = "accept stream listener encountered a failure while serving";
  return [
    line(seconds, "error", "failed to accept incoming stream requests", {
      ...on(index),
      error: "failed to accept QUIC stream: timeout: no recent network activity",
    }),
    line(seconds, "error", "failed to run the datagram handler", { ...on(index), error: "context canceled" }),
    line(seconds, level, "failed to serve tunnel connection", { ...on(index), error }),
    line(seconds, level, "Serve tunnel error", { ...on(index), error }),
    retry(seconds, index),
    line(seconds + 1, level, "Connection terminated", { connIndex: index, error }),
  ];
}

/** What SIGTERM brings, with the lines that look like faults. */
export function stop(seconds: number, indexes = [0, 1, 2, 3]): Line[] {
  return [
    line(seconds, "info", "Initiating graceful shutdown due to signal terminated ..."),
    ...indexes.map((index) => line(seconds, "info", "Unregistered tunnel connection", on(index))),
    ...indexes.map((index) => retry(seconds + 1, index)),
    ...indexes.map((index) => line(seconds + 1, "error", "Connection terminated", { connIndex: index })),
    line(seconds + 1, "error", "no more connections active and exiting"),
    line(seconds + 1, "info", "Tunnel server stopped"),
    line(seconds + 1, "info", "Metrics server stopped"),
  ];
}

export function originFault(
  seconds: number,
  why: string,
  service = "https://billing-uc.a.run.app",
  index = 0,
): Line {
  const error = `Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared: ${why}`;
  return line(seconds, "error", "", {
    connIndex: index,
    error,
    event: 1,
    ingressRule: 2,
    originService: service,
  });
}

export function stampOf({ seconds }: Line): string {
  return new Date(BEGIN + seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** cloudflared's `--output json`: keys in alphabetical order, `<`, `>` and `&` escaped. */
export function asJson(lines: Line[]): string {
  return lines.map((each) => `${jsonOf(each)}\n`).join("");
}

function jsonOf(each: Line): string {
  if (typeof each.fields.text === "string") return each.fields.text;
  const entries = Object.entries({ ...each.fields, time: stampOf(each) }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return JSON.stringify(Object.fromEntries(entries)).replaceAll(">", "\\u003e").replaceAll("<", "\\u003c");
}

const SHORT: Record<string, string> = { debug: "DBG", info: "INF", warn: "WRN", error: "ERR", fatal: "FTL" };

export function asText(lines: Line[]): string {
  return lines.map((each) => `${textOf(each)}\n`).join("");
}

function textOf(each: Line): string {
  const { text, level, message = "", ...rest } = each.fields;
  if (typeof text === "string") return text;
  const pairs = Object.entries(rest).sort(
    ([a], [b]) => Number(b === "error") - Number(a === "error") || (a < b ? -1 : 1),
  );
  const fields = pairs.map(
    ([key, value]) => `${key}=${/[\s"=]/.test(String(value)) ? JSON.stringify(value) : value}`,
  );
  return [`${stampOf(each)} ${SHORT[String(level)]} ${message}`, ...fields].join(" ");
}

/** As `gcloud logging read --format=json` has it: newest first, spread over lines. */
export function asExport(
  lines: Line[],
  instance = "0087244a80",
  pool = "cloudflared",
  location = "asia-northeast1",
): Record<string, unknown>[] {
  return lines.map((each, place) => {
    const { text, ...payload } = each.fields;
    return {
      insertId: `${instance.slice(0, 4)}${String(place).padStart(8, "0")}`,
      labels: { instanceId: instance },
      logName: "projects/demo/logs/run.googleapis.com%2Fstderr",
      resource: {
        type: "cloud_run_worker_pool",
        labels: {
          worker_pool_name: pool,
          location,
          project_id: "demo",
          revision_name: `${pool}-00007`,
        },
      },
      timestamp: stampOf(each),
      ...(typeof text === "string" ? { textPayload: text } : { jsonPayload: payload }),
    };
  });
}

export function readLog(text: string, name = "a.log"): LogFact[] {
  const reader = createLogReader(name);
  return [...reader.push(text), ...reader.end()];
}

export function diagnosisOf(text: string, options: DiagnoseOptions = {}): Diagnosis[] {
  return diagnose(readLog(text), options);
}

export function causesOf(lines: Line[], options: DiagnoseOptions = {}): string[] {
  return diagnosisOf(asJson(lines), options).map(({ cause }) => cause);
}
