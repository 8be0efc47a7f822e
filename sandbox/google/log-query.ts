// The part of the Logging query language that a reader of one resource's log needs: comparisons, AND, OR, NOT,
// parentheses, and several values for one field. https://cloud.google.com/logging/docs/view/logging-query-language
import { grpc } from "google-gax";
import type { LogEntry } from "./log-entries.ts";
import { RpcError } from "./rpc.ts";

export type Query = (entry: LogEntry) => boolean;

type Token = { kind: "word" | "text" | "sign"; text: string };

const LONGEST = 20_000;
const SPLIT = /\s+|(--[^\n]*)|("(?:[^"\\]|\\.)*")|(!=|<=|>=|=~|!~|[()=<>:-])|([^\s()=<>!:~"]+)/gy;

/** Throws INVALID_ARGUMENT for what cannot be read. */
export function parseQuery(filter: string): Query {
  if (filter.length > LONGEST) throw unreadable("the filter is longer than 20,000 characters");
  const reader = createReader(tokensOf(filter));
  if (reader.peek() === null) return () => true;
  const query = readOr(reader);
  if (reader.peek() !== null) throw unreadable(`unexpected '${reader.peek()?.text}'`);
  return query;
}

function tokensOf(filter: string): Token[] {
  const tokens: Token[] = [];
  SPLIT.lastIndex = 0;
  while (SPLIT.lastIndex < filter.length) {
    const match = SPLIT.exec(filter);
    if (!match) throw unreadable("unparseable filter");
    const [, , text, sign, word] = match;
    if (text !== undefined) tokens.push({ kind: "text", text: text.slice(1, -1).replace(/\\(.)/g, "$1") });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
  }
  return tokens;
}

type Reader = { peek(): Token | null; take(): Token; skip(kind: Token["kind"], text: string): boolean };

function createReader(tokens: Token[]): Reader {
  let at = 0;
  return {
    peek: () => tokens[at] ?? null,
    take() {
      const token = tokens[at++];
      if (!token) throw unreadable("the filter ends too early");
      return token;
    },
    skip(kind, text) {
      const token = tokens[at];
      if (token?.kind !== kind || token.text !== text) return false;
      at += 1;
      return true;
    },
  };
}

function readOr(reader: Reader): Query {
  const parts = [readAnd(reader)];
  while (reader.skip("word", "OR")) parts.push(readAnd(reader));
  return (entry) => parts.some((part) => part(entry));
}

/** Two comparisons side by side are both meant. */
function readAnd(reader: Reader): Query {
  const parts = [readNot(reader)];
  for (;;) {
    reader.skip("word", "AND");
    const next = reader.peek();
    if (next === null || next.text === ")" || (next.kind === "word" && next.text === "OR")) break;
    parts.push(readNot(reader));
  }
  return (entry) => parts.every((part) => part(entry));
}

function readNot(reader: Reader): Query {
  if (reader.skip("word", "NOT") || reader.skip("sign", "-")) {
    const query = readNot(reader);
    return (entry) => !query(entry);
  }
  if (!reader.skip("sign", "(")) return readComparison(reader);
  const query = readOr(reader);
  if (!reader.skip("sign", ")")) throw unreadable("a parenthesis is not closed");
  return query;
}

function readComparison(reader: Reader): Query {
  const field = reader.take();
  const operator = reader.take();
  if (field.kind !== "word" || operator.kind !== "sign") throw unreadable(`'${field.text}' compares nothing`);
  const values = readValues(reader);
  return (entry) => values.some((value) => compare(fieldOf(entry, field.text), operator.text, value));
}

/** `"a"`, or `("a" OR "b")`. */
function readValues(reader: Reader): string[] {
  if (!reader.skip("sign", "(")) return [readValue(reader)];
  const values = [readValue(reader)];
  while (reader.skip("word", "OR")) values.push(readValue(reader));
  if (!reader.skip("sign", ")")) throw unreadable("only OR joins the values of one field");
  return values;
}

function readValue(reader: Reader): string {
  const token = reader.take();
  if (token.kind === "sign") throw unreadable(`unexpected '${token.text}'`);
  return token.text;
}

function compare(found: unknown, operator: string, wanted: string): boolean {
  if (operator === "!=") return !compare(found, "=", wanted);
  if (operator === "!~") return !compare(found, "=~", wanted);
  if (found === undefined || found === null) return false;
  if (found instanceof Date) return ordered(found.getTime(), operator, Date.parse(wanted));
  const text = String(found);
  switch (operator) {
    case "=":
      return text.toLowerCase() === wanted.toLowerCase();
    case ":":
      return text.toLowerCase().includes(wanted.toLowerCase());
    case "=~":
      return new RegExp(wanted).test(text);
    default:
      return ordered(Number(text), operator, Number(wanted));
  }
}

function ordered(found: number, operator: string, wanted: number): boolean {
  if (Number.isNaN(wanted)) throw unreadable("a value does not fit its field");
  switch (operator) {
    case "=":
      return found === wanted;
    case ">":
      return found > wanted;
    case ">=":
      return found >= wanted;
    case "<":
      return found < wanted;
    case "<=":
      return found <= wanted;
    default:
      throw unreadable(`'${operator}' does not fit that field`);
  }
}

function fieldOf(entry: LogEntry, path: string): unknown {
  const [first = "", ...rest] = path.split(".");
  const name = rest.join(".");
  switch (first) {
    case "resource":
      return name === "type" ? entry.resource.type : entry.resource.labels[name.replace(/^labels\./, "")];
    case "labels":
      return entry.labels[name];
    case "timestamp":
      return entry.at;
    case "receiveTimestamp":
      return entry.receivedAt;
    case "insertId":
      return entry.insertId;
    case "logName":
      return entry.logName;
    case "severity":
      return "DEFAULT";
    case "textPayload":
      return "text" in entry.payload ? entry.payload.text : undefined;
    case "jsonPayload":
      return "json" in entry.payload ? entry.payload.json[name] : undefined;
    default:
      throw unreadable(`the field '${path}' is not known`);
  }
}

function unreadable(because: string): RpcError {
  return new RpcError(grpc.status.INVALID_ARGUMENT, `Unparseable filter: ${because}`);
}
