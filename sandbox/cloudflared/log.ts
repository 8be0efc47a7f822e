// cloudflared's log on stderr: one line of JSON as `--output json` prints it, or the text of its console writer.

export type Level = "debug" | "info" | "warn" | "error";

/** A line of the log, or plain text that no format changes: usage errors, other libraries' hints, last words. */
export type Line =
  | { level: Level; message: string; fields?: Record<string, unknown> }
  | { text: string; to?: "stdout" };

export type Log = (line: Line) => void;

export type LogOutput = { format: "json" | "default"; now(): Date; stderr(text: string): void };

export function createLog({ format, now, stderr }: LogOutput, stdout: (text: string) => void): Log {
  return (line) => {
    if ("text" in line) (line.to === "stdout" ? stdout : stderr)(`${line.text}\n`);
    else stderr(`${format === "json" ? asJson(line, now()) : asText(line, now())}\n`);
  };
}

type LogLine = Extract<Line, { level: Level }>;

/** Keys in alphabetical order; an empty message leaves its key out; `<`, `>` and `&` as Go's encoder writes them. */
function asJson({ level, message, fields }: LogLine, at: Date): string {
  const whole = { ...fields, level, time: stamp(at), ...(message === "" ? {} : { message }) };
  const sorted = Object.entries(whole).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted)).replace(
    /[<>&]/g,
    (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
  );
}

const SHORT: Record<Level, string> = { debug: "DBG", info: "INF", warn: "WRN", error: "ERR" };

/** The error first, then the other fields by name; a value with spaces, quotes or signs is quoted. */
function asText({ level, message, fields = {} }: LogLine, at: Date): string {
  const { error, ...others } = fields;
  const sorted = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1));
  const all = error === undefined ? sorted : [["error", error], ...sorted];
  return [
    `${stamp(at)} ${SHORT[level]} ${message}`,
    ...all.map(([key, value]) => `${key}=${quoted(value)}`),
  ].join(" ");
}

function quoted(value: unknown): string {
  const text = String(value);
  return /[^\x21-\x7e]|["\\]/.test(text) ? JSON.stringify(text) : text;
}

function stamp(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, "Z");
}
