// The forms that a log of cloudflared comes in, and what has none of them.
import { expect, test } from "vitest";
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import { createLogReader } from "../../src/services/connector-log.ts";
import {
  asExport,
  asJson,
  asText,
  BEGIN,
  boot,
  CONNECTOR,
  line,
  OTHER,
  plain,
  quicDial,
  readLog,
} from "../domain/diagnosis-scripts.ts";

const BLOCKED = [...boot(0, "quic"), ...[6, 14, 24, 40].map((at) => quicDial(at))];

function read(text: string, size = text.length) {
  const reader = createLogReader("a.log");
  const facts = [];
  for (let at = 0; at < text.length; at += size) facts.push(...reader.push(text.slice(at, at + size)));
  facts.push(...reader.end());
  return { facts, counts: reader.counts() };
}

/** As `journalctl -u cloudflared -o json` has it. */
function asJournal(lines: string, pid = "812", host = "edge-1"): string {
  const records = lines.trimEnd().split("\n");
  return records
    .map((message, at) => {
      const time = { __REALTIME_TIMESTAMP: `${(BEGIN + at * 1000) * 1000}`, __CURSOR: `s=${pid};i=${at}` };
      return `${JSON.stringify({ ...time, _HOSTNAME: host, _PID: pid, PRIORITY: "6", MESSAGE: message })}\n`;
    })
    .join("");
}

test.each([
  ["JSON", asJson(BLOCKED)],
  ["text", asText(BLOCKED)],
])("the journal's records, around %s", (_, log) => {
  const { facts, counts } = read(asJournal(log));
  expect(counts).toEqual({ read: BLOCKED.length, skipped: 0, repeated: 0 });
  const stream = "a.log edge-1 812";
  expect(facts).toEqual(readLog(log).map((fact) => ({ ...fact, stream })));
  expect(diagnose(facts)).toMatchObject([{ cause: "quic-blocked", connector: CONNECTOR }]);
});

test("the journal tells processes apart, and the time of a line that has none", () => {
  const second = [...boot(1, "http2", OTHER), line(9, "info", "Registered tunnel connection")];
  const mixed = asJournal(asJson(BLOCKED)) + asJournal(asJson(second), "944");
  expect(diagnose(read(mixed).facts)).toMatchObject([{ cause: "quic-blocked", connector: CONNECTOR }]);
  const [refused] = read(asJournal(asJson([plain(0, "Provided Tunnel token is not valid.")]))).facts;
  expect(refused).toMatchObject({ message: "Provided Tunnel token is not valid.", at: new Date(BEGIN) });
});

test("a line that another shipper put into its record", () => {
  for (const log of [asJson(BLOCKED), asText(BLOCKED)]) {
    const records = log.trimEnd().split("\n");
    const shipped = records.map((message) => JSON.stringify({ message, host: "edge-1" })).join("\n");
    expect(diagnose(read(shipped).facts)).toMatchObject([{ cause: "quic-blocked" }]);
  }
});

test("an answer of Cloud Logging, one page after the other, however it is written and cut", () => {
  const entries = asExport(BLOCKED).toReversed();
  const pages = [
    { entries: entries.slice(0, 4), nextPageToken: "EAA4-wY" },
    { nextPageToken: "EAA4-wZ", entries: entries.slice(4) },
  ];
  for (const spaces of [0, 2])
    for (const size of [7, 64, 100_000]) {
      const { facts, counts } = read(
        pages.map((page) => JSON.stringify(page, null, spaces)).join("\n"),
        size,
      );
      expect(counts).toEqual({ read: BLOCKED.length, skipped: 0, repeated: 0 });
      expect(diagnose(facts)).toMatchObject([{ cause: "quic-blocked", connector: CONNECTOR }]);
    }
});

test("an answer of Cloud Logging that is larger than any one entry may be, and one that is empty", () => {
  const log = Array.from({ length: 4_000 }, (_, at) => quicDial(at));
  const { counts } = read(JSON.stringify({ entries: asExport(log) }), 65_536);
  expect(counts).toEqual({ read: 4_000, skipped: 0, repeated: 0 });
  expect(read('{"entries": []}').counts.read).toBe(0);
});

test("an entry that is cut off is one of those read, so that what stood before it still counts", () => {
  const whole = JSON.stringify({ entries: asExport(BLOCKED.slice(0, 1)) });
  expect(read(`${whole.slice(0, -2)},{"insertId": "b"`).counts).toEqual({ read: 2, skipped: 1, repeated: 0 });
});

test.each([
  [{ foo: 1 }],
  [{ level: 30, time: 1_790_000_000_000, msg: "request completed" }],
  [{ message: "GET /", status: 200 }],
  [{ MESSAGE: "Started cloudflared.service - cloudflared.", _PID: "1", _HOSTNAME: "edge-1" }],
  [{ insertId: "a", timestamp: "2026-10-05T03:00:00Z", protoPayload: { methodName: "SetIamPolicy" } }],
  [{ insertId: "a", timestamp: "2026-10-05T03:00:00Z", jsonPayload: { severity: "INFO", message: "GET /" } }],
  [{ entries: [{ name: "a" }] }],
])("%j is counted as not understood", (record) => {
  expect(read(JSON.stringify(record)).counts).toEqual({ read: 1, skipped: 1, repeated: 0 });
});

test.each([
  [{ level: "info", time: "2026-10-05T03:00:00Z" }],
  [{ level: "debug", message: "GET https://billing.example.com/ HTTP/1.1", connIndex: 1 }],
  [{ message: "Failed to dial a quic connection", error: "timeout: no recent network activity" }],
  [{ error: "dial tcp 10.0.0.1:80: i/o timeout", originService: "https://a.run.app" }],
])("%j is a line of cloudflared", (record) => {
  expect(read(JSON.stringify(record)).counts).toEqual({ read: 1, skipped: 0, repeated: 0 });
});

test.each([
  { level: { toString: 0 }, message: "x" },
  { level: "constructor", message: "x" },
  { level: "info", message: "Registered tunnel connection", connIndex: { valueOf: 0, toString: 0 } },
  { level: "info", message: "precheck", hard_fail: { toString: 0 } },
  { textPayload: "x", resource: { labels: { project_id: { toString: 0 } } } },
  { MESSAGE: "x", __REALTIME_TIMESTAMP: { toString: 0 } },
])("a record that is none of cloudflared's stops nobody from reading on: %j", (record) => {
  const { facts } = read(`${JSON.stringify(record)}\n${asJson(BLOCKED)}`);
  const odd = facts.find(({ at }) => at === null);
  expect(odd).toMatchObject({ connIndex: null });
  expect([null, "info"]).toContain(odd?.level);
  expect(diagnose(facts)).toMatchObject([{ cause: "quic-blocked" }]);
});

test("of an error in which an origin's long answer is quoted both ends are kept, and its cause is found", () => {
  const quoted = `malformed HTTP response "lookup ${"a".repeat(400_000)}"`;
  const failed = { error: `Unable to reach the origin service: ${quoted}: EOF`, originService: "http://a:1" };
  const before = `host ${"cloudflared".repeat(40_000)}: no line of its own`;
  const { facts } = read(`${before}\n${asJson([line(1, "error", "", failed)])}`);
  expect(facts.map(({ message, error }) => message.length + (error?.length ?? 0))).toEqual([4_003, 4_003]);
  expect(facts[1]?.error).toMatch(/^Unable to reach the origin service: malformed .*: EOF$/);
  expect(diagnose(facts)).toMatchObject([{ cause: "origin-tls", services: ["http://a:1"] }]);
});
