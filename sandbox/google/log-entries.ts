// Lines of a container's output as Cloud Run stores them: a line of JSON becomes jsonPayload, its `time` the entry's
// timestamp, and everything else textPayload. https://cloud.google.com/run/docs/logging#container-logs
import { randomBytes } from "node:crypto";
import type { LogOrigin, LogWriting } from "../contract.ts";
import { type Message, timestamp } from "./protos.ts";

export type LogEntry = {
  project: string;
  insertId: string;
  at: Date;
  /** From then on it can be read. */
  receivedAt: Date;
  resource: { type: string; labels: Record<string, string> };
  labels: Record<string, string>;
  logName: string;
  payload: { json: Record<string, unknown> } | { text: string };
};

let written = 0;

/** Cloud Run's begin with the time of writing, so that lines of one moment keep their order. */
function nextInsertId(now: Date): string {
  written += 1;
  const seconds = Math.floor(now.getTime() / 1000).toString(16);
  return `${seconds}${written.toString(16).padStart(8, "0")}${randomBytes(4).toString("hex")}`;
}

export function entryOf(origin: LogOrigin, line: string, writing: LogWriting, now: Date): LogEntry {
  const { project, region, workerPool, revision, instance } = origin;
  const json = parsed(line);
  const { time, ...rest } = json ?? {};
  const stated = typeof time === "string" && !Number.isNaN(Date.parse(time)) ? new Date(time) : now;
  const revisionName = revision ?? `${workerPool}-00001-abc`;
  return {
    project,
    insertId: writing.insertId ?? nextInsertId(now),
    at: writing.at ?? stated,
    receivedAt: new Date(now.getTime() + (writing.lateMs ?? 0)),
    resource: {
      type: "cloud_run_worker_pool",
      labels: {
        project_id: project,
        location: region,
        worker_pool_name: workerPool,
        revision_name: revisionName,
      },
    },
    labels: { instanceId: instance ?? `${revisionName}-0` },
    logName: `projects/${project}/logs/run.googleapis.com%2Fstderr`,
    payload: json ? { json: rest } : { text: line },
  };
}

export function entryMessage(entry: LogEntry): Message {
  return {
    logName: entry.logName,
    resource: entry.resource,
    labels: entry.labels,
    insertId: entry.insertId,
    timestamp: timestamp(entry.at),
    receiveTimestamp: timestamp(entry.receivedAt),
    severity: "DEFAULT",
    ...("json" in entry.payload
      ? { jsonPayload: struct(entry.payload.json) }
      : { textPayload: entry.payload.text }),
  };
}

function parsed(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** A google.protobuf.Struct. */
function struct(fields: object): Message {
  return { fields: Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, value(each)])) };
}

function value(each: unknown): Message {
  if (typeof each === "string") return { stringValue: each };
  if (typeof each === "number") return { numberValue: each };
  if (typeof each === "boolean") return { boolValue: each };
  if (Array.isArray(each)) return { listValue: { values: each.map(value) } };
  return each === null || each === undefined ? { nullValue: 0 } : { structValue: struct(each) };
}
