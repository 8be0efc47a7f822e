// An entry of Cloud Logging as Google's client gives it, turned into a fact by the reader that exports go through as well.
import type { protos } from "@google-cloud/logging-api";
import type { LogFact } from "../domain/diagnosis/facts.ts";
import { readRecord } from "./connector-log-line.ts";
import { dateOf } from "./google-wire.ts";

export type WireEntry = protos.google.logging.v2.ILogEntry;

/** `at` in milliseconds; `insertId` and time together are an entry's identity. */
export type LogEntry = { insertId: string; at: number; fact: LogFact };

/** Null for an entry without text, such as an audit record. */
export function toLogEntry(wire: WireEntry): LogEntry | null {
  if (typeof wire.textPayload !== "string" && !wire.jsonPayload) return null;
  const at = dateOf(wire.timestamp) ?? dateOf(wire.receiveTimestamp);
  if (at === null) return null;
  const record = {
    insertId: wire.insertId ?? "",
    timestamp: at.toISOString(),
    ...(wire.jsonPayload
      ? { jsonPayload: plainStruct(wire.jsonPayload) }
      : { textPayload: wire.textPayload ?? "" }),
    resource: { type: wire.resource?.type ?? "", labels: wire.resource?.labels ?? {} },
    labels: wire.labels ?? {},
  };
  const { fact } = readRecord(record, { stream: "cloud logging", group: "cloud logging" });
  return { insertId: record.insertId, at: at.getTime(), fact };
}

function plainStruct({ fields }: protos.google.protobuf.IStruct): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: protos.google.protobuf.IValue): unknown {
  if (value.structValue) return plainStruct(value.structValue);
  if (value.listValue) return (value.listValue.values ?? []).map(plainValue);
  return value.stringValue ?? value.numberValue ?? value.boolValue ?? null;
}
