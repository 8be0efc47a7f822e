// Turns the text of a log, piece by piece, into facts: cloudflared's JSON or text lines, also in a shipper's records, or
// Cloud Logging's as an array, as one entry per line, or as its API answers. What cannot be read is counted and skipped.
import type { LogFact } from "../domain/diagnosis/facts.ts";
import { signOf } from "../domain/diagnosis/line-kinds.ts";
import { type ReadLine, readLine, readRecord, type Source } from "./connector-log-line.ts";
import { createEntryOrder } from "./entry-order.ts";
import { isRecord, recordIn } from "./json.ts";
import { createObjectCutter, isPage } from "./json-stream.ts";

export type LogCounts = {
  /** Lines or entries, empty ones apart. */
  read: number;
  /** Those that are none of cloudflared's. */
  skipped: number;
  repeated: number;
};

export type LogReader = {
  /** The facts that this piece of text completes. */
  push(piece: string): LogFact[];
  end(): LogFact[];
  counts(): LogCounts;
};

const LONGEST_LINE = 1_000_000;
const REMEMBERED = 20_000;

/** `name` stands for the source of lines that name none, as a file's path. */
export function createLogReader(name: string): LogReader {
  const source: Source = { stream: name, group: name };
  const { admit, counts, end } = createAdmission();
  let kind: "objects" | "lines" | "unknown" = "unknown";
  let rest = "";
  const cutter = createObjectCutter();

  function takeText(text: string): LogFact[] {
    const record = text.startsWith("{") ? recordIn(text) : null;
    if (Array.isArray(record?.entries))
      return record.entries
        .filter(isRecord)
        .flatMap((each) => admit(readRecord(each, source), JSON.stringify(each)));
    return admit(record ? readRecord(record, source) : readLine(text, source), text);
  }

  function takeLine(text: string): LogFact[] {
    const line = text.trim();
    return line === "" ? [] : takeText(line);
  }

  function push(piece: string): LogFact[] {
    const text = rest + piece;
    if (kind === "unknown") kind = kindOf(text);
    if (kind === "objects") {
      rest = "";
      return cutter.push(text).flatMap(takeText);
    }
    const lines = text.split("\n");
    rest = kind === "unknown" ? text.slice(0, LONGEST_LINE) : (lines.pop() ?? "").slice(0, LONGEST_LINE);
    return kind === "unknown" ? [] : lines.flatMap(takeLine);
  }

  return {
    push,
    counts: () => counts,
    end() {
      const last = rest.split("\n").flatMap(takeLine);
      const lost = cutter.dropped() + (cutter.isOpen() ? 1 : 0);
      counts.read += lost;
      counts.skipped += lost;
      rest = "";
      return [...last, ...end()];
    },
  };
}

/** Counts what was read, leaves out what was read before, and puts entries in order. */
function createAdmission() {
  const counts: LogCounts = { read: 0, skipped: 0, repeated: 0 };
  const repeats = createMemory();
  const order = createEntryOrder();

  function admit(line: ReadLine, text: string): LogFact[] {
    counts.read += 1;
    if (!isUnderstood(line)) counts.skipped += 1;
    const id = line.entry?.insertId;
    const identity = id ? `${id} ${line.fact.at?.getTime()}` : text;
    // Two connectors may print the same line in the same second, so the stream is part of it.
    if (line.fact.at !== null && repeats.has(`${line.fact.stream} ${identity}`)) {
      counts.repeated += 1;
      return [];
    }
    // A process writes its lines in order; entries arrive in any order, and are mostly exported newest first.
    return line.entry === null ? [line.fact] : order.take(line.fact);
  }

  return { admit, counts, end: order.end };
}

/** An array, or an object that is spread over lines, is cut by its braces; everything else by its lines. */
function kindOf(text: string): "objects" | "lines" | "unknown" {
  const begin = text.replace(/^\uFEFF/, "").trimStart();
  if (begin === "") return "unknown";
  if (begin.startsWith("[")) {
    const next = begin.slice(1).trimStart();
    if (next === "") return "unknown";
    return next.startsWith("{") || next.startsWith("]") ? "objects" : "lines";
  }
  if (!begin.startsWith("{")) return "lines";
  if (isPage(begin)) return "objects";
  const end = begin.indexOf("\n");
  if (end < 0) return "unknown";
  const first = begin.slice(0, end).trim();
  return first.endsWith("}") || !/^\{\s*("[^"]*":.*[[{,])?$/.test(first) ? "lines" : "objects";
}

/** A record of something else has no message, which would be noise in a line of cloudflared. */
function isUnderstood({ fact, formed }: ReadLine): boolean {
  const { sign } = signOf(fact);
  return formed || (sign !== "unknown" && (sign !== "noise" || fact.message !== ""));
}

/** Log shippers deliver lines twice. Remembers the newest ones only. */
function createMemory(): { has(text: string): boolean } {
  let fresh = new Set<string>();
  let old = new Set<string>();
  return {
    has(text) {
      if (fresh.has(text) || old.has(text)) return true;
      fresh.add(text);
      if (fresh.size >= REMEMBERED) [fresh, old] = [new Set(), fresh];
      return false;
    },
  };
}
