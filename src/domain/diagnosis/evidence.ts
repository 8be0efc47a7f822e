// Keeps a few lines as evidence and counts the rest; takes secrets out of what is shown.
import type { LogFact } from "./facts.ts";

/** What was seen of one fault: how often, from when to when, on which connections, and the first lines of it. */
export type Tally = {
  count: number;
  first: Date | null;
  last: Date | null;
  indexes: Set<number>;
  lines: string[];
};

export const MOST_LINES = 5;
const LONGEST_LINE = 400;

export function newTally(): Tally {
  return { count: 0, first: null, last: null, indexes: new Set(), lines: [] };
}

export function count(tally: Tally, line: LogFact): void {
  tally.count += 1;
  tally.first = earlier(tally.first, line.at);
  tally.last = later(tally.last, line.at);
  if (line.connIndex !== null) tally.indexes.add(line.connIndex);
  if (tally.lines.length < MOST_LINES) keep(tally.lines, textOf(line));
}

/** The tallies of one fault as one, for instance of every process of a restart loop. */
export function together(tallies: readonly Tally[]): Tally {
  const all = newTally();
  for (const tally of tallies) {
    all.count += tally.count;
    all.first = earlier(all.first, tally.first);
    all.last = later(all.last, tally.last);
    for (const index of tally.indexes) all.indexes.add(index);
    for (const line of tally.lines) keep(all.lines, line);
  }
  return all;
}

export function keep(lines: string[], line: string): void {
  if (lines.length < MOST_LINES && !lines.includes(line)) lines.push(line);
}

export function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return b < a ? b : a;
}

export function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return b > a ? b : a;
}

const LEVELS = { debug: "DBG", info: "INF", warn: "WRN", error: "ERR", fatal: "FTL" } as const;

/** The line as cloudflared's own text format has it; secrets are taken out when it is shown. */
function textOf(line: LogFact): string {
  const head = [
    line.at?.toISOString().replace(".000Z", "Z"),
    line.level ? LEVELS[line.level] : null,
    line.message,
  ];
  const { precheck } = line;
  const fields: [string, string | number | boolean | null | undefined][] = [
    ["error", line.error],
    ["connIndex", line.connIndex],
    ["ip", line.ip],
    ["location", line.location],
    ["protocol", line.protocol],
    ["originService", line.originService],
    ["version", line.configVersion],
    ["component", precheck?.component],
    ["status", precheck?.status],
    ["hard_fail", precheck?.hardFail],
    ["suggested_protocol", precheck?.suggestedProtocol],
  ];
  const pairs = fields.filter(([, value]) => value !== null && value !== undefined).map(pair);
  return [...head.filter((part) => part), ...pairs]
    .join(" ")
    .trim()
    .slice(0, 4 * LONGEST_LINE);
}

function pair([key, value]: [string, unknown]): string {
  const text = String(value).replace(CONTROL, " ");
  return `${key}=${/[\s"]/.test(text) ? JSON.stringify(text) : text}`;
}

// A tunnel token is base64 of `{"a":…`; the others are what reaches a log through headers and query strings.
const TUNNEL_TOKEN = /eyJ[A-Za-z0-9_=+/-]{20,}(\.[A-Za-z0-9_=+/-]+){0,2}/g;
const NAMED_SECRET =
  /\b(token|secret|password|authorization|cf-access-client-secret|api[-_]?key)(["']?\s*[:=]\s*["']?)(bearer\s+)?[^\s"',\]}&]{6,}/gi;
const QUERY = /(https?:\/\/[^\s"?]+)\?[^\s"]*/g;
const LONG_BLOB = /\b(?=[A-Za-z0-9+/_-]*[0-9])(?=[A-Za-z0-9+/_-]*[A-Z])[A-Za-z0-9+/_-]{40,}={0,2}/g;

export function redacted(text: string): string {
  const safe = text
    .slice(0, 4 * LONGEST_LINE)
    .replace(TUNNEL_TOKEN, "[secret]")
    .replace(NAMED_SECRET, "$1$2[secret]")
    .replace(QUERY, "$1?[query]")
    .replace(LONG_BLOB, "[secret]")
    .replace(CONTROL, " ");
  return safe.length > LONGEST_LINE ? `${safe.slice(0, LONGEST_LINE - 1)}…` : safe;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a log brings must not steer the reader's terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;
