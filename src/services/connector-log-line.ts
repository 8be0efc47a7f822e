// Reads one line or one record of a cloudflared log: its own JSON, its own text, or either of them in a record of journald
// or another shipper, or in an entry of Cloud Logging.
import type { LogFact, LogLevel, Place } from "../domain/diagnosis/facts.ts";
import { isRecord, recordIn } from "./json.ts";

/** Where a line comes from when it does not say so itself. */
export type Source = { stream: string; group: string; place?: Place | null };

export type ReadLine = {
  fact: LogFact;
  /** The line has the form of cloudflared's own; false for free text, which may still be a usage error. */
  formed: boolean;
  /** Set for an entry of Cloud Logging; the id is its identity there. */
  entry: { insertId: string | null } | null;
};

type Fields = Record<string, unknown>;

const TEXT_LINE =
  /^(.{0,200}?)(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) (TRC|DBG|INF|WRN|ERR|FTL|PNC)(?: (.*))?$/s;
const GO_LOG = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d) (.*)$/s;
/** `name-1  | line` of docker compose, `[pod/name/container] line` of kubectl, `host cloudflared[123]: line` of journald. */
const PREFIX =
  /^(?:([\w.-]+) +\| |\[pod\/([\w./-]+)\] |.{0,60}?(\S{1,64} \S{0,64}cloudflared\S{0,64}\[\d+\]): )/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: cloudflared colours its text when it writes to a terminal
const COLOUR = /\u001b\[[0-9;]*m/g;

const LEVELS = new Map<unknown, LogLevel>([
  ["TRC", "debug"],
  ["DBG", "debug"],
  ["INF", "info"],
  ["WRN", "warn"],
  ["ERR", "error"],
  ["FTL", "fatal"],
  ["PNC", "fatal"],
  ["trace", "debug"],
  ["debug", "debug"],
  ["info", "info"],
  ["warn", "warn"],
  ["warning", "warn"],
  ["error", "error"],
  ["fatal", "fatal"],
  ["panic", "fatal"],
]);

function readTextLine(text: string, source: Source): ReadLine {
  const line = text.includes("\u001b") ? text.replace(COLOUR, "") : text;
  const match = TEXT_LINE.exec(line);
  if (match) {
    const [, before = "", time = "", level = "", rest = ""] = match;
    const { message, fields } = splitFields(rest);
    const from = before === "" ? source : sourceOf(before, source);
    return { fact: factOf({ ...fields, time, level, message }, from), formed: true, entry: null };
  }
  const brace = line.indexOf('{"');
  if (brace > 0 && line.trimEnd().endsWith("}")) {
    const record = recordIn(line.slice(brace));
    if (record) return readRecord(record, sourceOf(line.slice(0, brace), source));
  }
  const bare = line.replace(PREFIX, "");
  const go = GO_LOG.exec(bare);
  const time = go ? `${go[1]}-${go[2]}-${go[3]}T${go[4]}Z` : undefined;
  const from = bare === line ? source : sourceOf(line, source);
  return { fact: factOf({ time, message: go?.[5] ?? bare }, from), formed: go !== null, entry: null };
}

export function readRecord(record: Fields, source: Source): ReadLine {
  const payload = record.jsonPayload ?? record.json_payload;
  const text = record.textPayload ?? record.text_payload;
  if (isRecord(payload) || typeof text === "string") return readEntry(record, payload, text, source);
  if (typeof record.MESSAGE === "string") return readJournal(record, record.MESSAGE, source);
  const wrapped = wrappedIn(record);
  if (wrapped !== null) return readLine(wrapped, source);
  const fields = isRecord(record.fields) ? { ...record.fields, ...record } : record;
  return { fact: factOf(fields, source), formed: levelOf(fields.level) !== null, entry: null };
}

/** Docker's log files wrap each line, and so do other shippers. */
function wrappedIn({ log, message, msg, level }: Fields): string | null {
  if (typeof log === "string" && message === undefined) return log.trimEnd();
  const text = message ?? log ?? msg;
  if (level !== undefined || typeof text !== "string") return null;
  const line = text.trimEnd();
  return TEXT_LINE.test(line) || (line.startsWith("{") && recordIn(line)) ? line : null;
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html */
function readJournal(record: Fields, message: string, source: Source): ReadLine {
  const process = [record._HOSTNAME, record._PID].filter((each) => typeof each === "string").join(" ");
  const stream = process === "" ? source.stream : `${source.stream} ${process}`;
  const inner = readLine(message.trimEnd(), { ...source, stream });
  const at = inner.fact.at ?? date((number(record.__REALTIME_TIMESTAMP) ?? Number.NaN) / 1000);
  return { ...inner, fact: { ...inner.fact, at } };
}

export function readLine(text: string, source: Source): ReadLine {
  const record = text.startsWith("{") ? recordIn(text) : null;
  return record ? readRecord(record, source) : readTextLine(text, source);
}

/** https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry */
function readEntry(entry: Fields, payload: unknown, text: unknown, file: Source): ReadLine {
  const source = entrySource(entry, file);
  const at = entry.timestamp ?? entry.receiveTimestamp ?? entry.receive_timestamp;
  const insertId = string(entry.insertId ?? entry.insert_id);
  const inner = isRecord(payload) ? readRecord(payload, source) : readLine(String(text).trimEnd(), source);
  const { stream, group, place = null } = source;
  const fact = { ...inner.fact, stream, group, place, at: date(at) ?? inner.fact.at };
  return { fact, formed: inner.formed, entry: { insertId } };
}

function entrySource(entry: Fields, file: Source): Source {
  const resource = isRecord(entry.resource) ? entry.resource : {};
  const of = isRecord(resource.labels) ? resource.labels : {};
  const labels = isRecord(entry.labels) ? entry.labels : {};
  const name = of.worker_pool_name ?? of.service_name ?? of.job_name ?? of.container_name ?? of.instance_id;
  const location = of.location ?? of.cluster_name ?? of.zone;
  const group = [of.project_id, location, name].map(string).filter(Boolean).join("/") || file.group;
  const place = { project: string(of.project_id) ?? "", location: string(location) ?? "" };
  const instance =
    labels.instanceId ??
    labels.instance_id ??
    labels["run.googleapis.com/instance_id"] ??
    of.pod_name ??
    of.instance_id ??
    of.revision_name;
  const stream = typeof instance === "string" ? instance : group;
  return group === file.group ? { group, stream } : { group, stream, place };
}

function sourceOf(prefix: string, source: Source): Source {
  const match = PREFIX.exec(prefix);
  const name = match?.[1] ?? match?.[2] ?? match?.[3];
  return name ? { ...source, stream: `${source.stream} ${name}` } : source;
}

const PAIR = /(?:^| )([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|[^\s"]\S*|(?= |$))/g;

/** `message key=value key="quoted value"`: the fields are the run of pairs that reaches the end of the line. */
function splitFields(rest: string): { message: string; fields: Fields } {
  let begin = rest.length;
  let end = -1;
  let pairs: [string, string][] = [];
  for (const match of rest.matchAll(PAIR)) {
    if (match.index !== end) {
      begin = match.index;
      pairs = [];
    }
    pairs.push([match[1] ?? "", match[2] ?? ""]);
    end = match.index + match[0].length;
  }
  if (end < rest.trimEnd().length) return cutOff(rest);
  const fields = Object.fromEntries(pairs.map(([key, value]) => [key, unquoted(value)]));
  return { message: rest.slice(0, begin).trim(), fields };
}

/** A line that was cut, or that holds an odd quote: what stands after `error=` is taken for the error. */
function cutOff(rest: string): { message: string; fields: Fields } {
  const at = rest.search(/(?:^| )error=/);
  if (at < 0) return { message: rest.trim(), fields: {} };
  const error = rest.slice(at).trimStart().slice("error=".length).replace(/^"/, "");
  const connIndex = /" connIndex=(\d)/.exec(error)?.[1];
  return { message: rest.slice(0, at).trim(), fields: { error, connIndex } };
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1).replaceAll('\\"', '"');
  }
}

function factOf(fields: Fields, { stream, group, place = null }: Source): LogFact {
  return {
    kind: "log",
    at: date(fields.time ?? fields.ts ?? fields.timestamp),
    stream,
    group,
    place,
    level: levelOf(fields.level),
    message: abridged(string(fields.message ?? fields.msg) ?? ""),
    error: abridged(string(fields.error ?? fields.err)),
    connIndex: number(fields.connIndex),
    ip: string(fields.ip),
    location: string(fields.location),
    protocol: string(fields.protocol),
    tunnelId: string(fields.tunnelID),
    originService: string(fields.originService),
    configVersion: number(fields.version),
    config: string(fields.config),
    precheck: precheckOf(fields),
  };
}

const LONGEST_END = 2_000;

/** Both ends of what is too long. An origin's answer may be quoted in the middle, of any length, and what looks for two words in
 *  it takes the square of that. */
function abridged<Text extends string | null>(text: Text): Text | string {
  if (text === null || text.length <= 2 * LONGEST_END) return text;
  return `${text.slice(0, LONGEST_END)} … ${text.slice(-LONGEST_END)}`;
}

function levelOf(value: unknown): LogLevel | null {
  return LEVELS.get(value) ?? LEVELS.get(string(value)?.toLowerCase()) ?? null;
}

function precheckOf(fields: Fields): LogFact["precheck"] {
  if (fields.component === undefined && fields.hard_fail === undefined) return null;
  const hard = fields.hard_fail;
  return {
    component: string(fields.component),
    status: string(fields.status)?.toLowerCase() ?? null,
    hardFail: hard === undefined ? null : string(hard) === "true",
    suggestedProtocol: string(fields.suggested_protocol),
  };
}

function string(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function number(value: unknown): number | null {
  if ((typeof value !== "string" && typeof value !== "number") || value === "") return null;
  const read = Number(value);
  return Number.isFinite(read) ? read : null;
}

function date(value: unknown): Date | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const read = new Date(value);
  return Number.isNaN(read.getTime()) ? null : read;
}
