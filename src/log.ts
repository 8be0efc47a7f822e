// The one logger: JSON lines as Cloud Logging reads them, with every secret taken out of the line just before it is
// written, and an adapter through which Slack's SDK logs without its payloads.
import { createHash } from "node:crypto";
import { type Logger as BoltLogger, LogLevel } from "@slack/bolt";
import { type DestinationStream, type Logger, pino } from "pino";
import { createRedactor, HIDDEN, SECRET_NAME } from "./redaction.ts";

export type Level = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export type LoggerOptions = {
  level: Level;
  /** Default: standard output. */
  destination?: DestinationStream;
  /** Secrets by value, such as the Cloudflare token, whose shape gives nothing away. */
  secrets?: readonly string[];
};

/** @example createLogger({ level: "info", secrets: [cloudflareToken] }).info({ exposureId }, "exposure opened") */
export function createLogger(options: LoggerOptions): Logger {
  const clean = createRedactor(options.secrets ?? []);
  const settings = {
    level: options.level,
    messageKey: "message",
    base: {},
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: (value: unknown) => plain(value, 0) },
    formatters: {
      level: (label: string) => ({ severity: SEVERITY[label] ?? "DEFAULT" }),
      log: (fields: Record<string, unknown>) => ({ ...plainFields(fields), ...filedUnder(fields) }),
    },
    // The last place before the stream: it sees messages, fields, stacks and the bindings of child loggers alike.
    hooks: { streamWrite: clean },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}

// https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity
const SEVERITY: Record<string, string> = {
  trace: "DEBUG",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "CRITICAL",
};

/** What a line is about, the nearest first. */
const SUBJECTS = ["exposureId", "incidentId", "key", "tunnelId"];
const LABELS = [...SUBJECTS, "job", "userId"];

/** Labels to filter by, and one trace for all that is said of one exposure, incident or tunnel.
 *  https://docs.cloud.google.com/logging/docs/structured-logging#structured_logging_special_fields */
function filedUnder(fields: Record<string, unknown>): Record<string, unknown> {
  const labels = LABELS.flatMap((name) => {
    const value = fields[name];
    return typeof value === "string" ? [[name, value]] : [];
  });
  const subject = SUBJECTS.map((name) => fields[name]).find((value) => typeof value === "string");
  return {
    ...(labels.length > 0 ? { "logging.googleapis.com/labels": Object.fromEntries(labels) } : {}),
    ...(typeof subject === "string" ? { "logging.googleapis.com/trace": traceOf(subject) } : {}),
  };
}

/** The form of a trace's id: 32 hexadecimal digits. */
function traceOf(subject: string): string {
  return createHash("sha256").update(subject).digest("hex").slice(0, 32);
}

const DEEPEST = 6;

function plainFields(fields: Record<string, unknown>): Record<string, unknown> {
  return plain(fields, 0) as Record<string, unknown>;
}

/** A copy without secret fields, with errors spelt out: vendors hang requests, headers and bodies on theirs. */
function plain(value: unknown, depth: number): unknown {
  if (value instanceof Error) return plainError(value, depth);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  if (depth >= DEEPEST) return "[too deep]";
  if (Array.isArray(value)) return value.slice(0, 100).map((each) => plain(each, depth + 1));
  const entries = Object.entries(value).map(([name, each]) => [
    name,
    hide(name, each) ?? plain(each, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function hide(name: string, value: unknown): string | null {
  const tells = typeof value === "string" || (typeof value === "object" && value !== null);
  return tells && SECRET_NAME.test(name) ? HIDDEN : null;
}

const TELLING = ["code", "kind", "vendor", "operation", "status", "statusCode", "retryAfterMs", "retryAfter"];

function plainError(error: Error, depth: number): Record<string, unknown> {
  const own = error as unknown as Record<string, unknown>;
  const facts = TELLING.filter((name) => ["string", "number"].includes(typeof own[name])).map((name) => [
    name,
    own[name],
  ]);
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...Object.fromEntries(facts),
    ...(error.cause === undefined || depth >= DEEPEST ? {} : { cause: plain(error.cause, depth + 1) }),
  };
}

/** Slack's SDK logs through this. Its debug level prints whole payloads, with what people typed and with addresses that
 *  let anyone answer in the bot's name, so there is none: asked for debug, it stays at info. */
export function boltLogger(log: Logger): BoltLogger {
  const sdk = log.child({ from: "slack-sdk" });
  let level = LogLevel.INFO;
  const says = (at: LogLevel) => RANK[at] >= RANK[level];
  return {
    debug: () => undefined,
    info: (...parts: unknown[]) => says(LogLevel.INFO) && sdk.info({ said: said(parts) }, "Slack SDK"),
    warn: (...parts: unknown[]) => says(LogLevel.WARN) && sdk.warn({ said: said(parts) }, "Slack SDK warns"),
    error: (...parts: unknown[]) =>
      says(LogLevel.ERROR) && sdk.error({ said: said(parts) }, "Slack SDK reports an error"),
    setLevel: (wanted) => {
      level = RANK[wanted] === undefined || wanted === LogLevel.DEBUG ? LogLevel.INFO : wanted;
    },
    getLevel: () => level,
    setName: () => undefined,
  };
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

const LONGEST = 300;

/** Sentences and errors are kept, short; an object may be a payload and is only named. */
function said(parts: unknown[]): string {
  return parts.map(sayPart).join(" ").slice(0, LONGEST);
}

function sayPart(part: unknown): string {
  if (part instanceof Error) return `${part.name}: ${part.message}`;
  if (typeof part === "object" && part !== null) return "[object]";
  const text = String(part);
  const payload = text.search(/[{[]\s*["{]/);
  return payload < 0 ? text : `${text.slice(0, payload)}[payload]`;
}
