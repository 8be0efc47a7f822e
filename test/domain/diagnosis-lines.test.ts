// Every line that is known of cloudflared is a sign of something, and its relatives are signs of the same.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { edgeError, originError } from "../../src/domain/diagnosis/error-kinds.ts";
import { signOf } from "../../src/domain/diagnosis/line-kinds.ts";
import { asJson, asText, diagnosisOf, line, readLog } from "./diagnosis-scripts.ts";

type Provided = { id: string; example: string; format: "json" | "text" };

const PROVIDED = JSON.parse(
  readFileSync(new URL("../data/cloudflared-log-lines.json", import.meta.url), "utf8"),
) as Provided[];

/** What each line alone shows: a sign, and a cause where one line is enough. */
const EXPECTED: Record<string, [sign: object, cause?: string]> = {
  start: [{ sign: "start" }],
  version: [{ sign: "version", version: "2026.8.2" }],
  "connector-id": [{ sign: "connector-id", id: "1b8c4f5e-6f0a-4a52-9f0e-0d1f6a2c9b77" }],
  settings: [{ sign: "settings", protocol: "http2" }],
  "initial-protocol": [{ sign: "initial-protocol", protocol: "quic" }],
  "precheck-row-udp-fail": [{ sign: "precheck" }],
  "precheck-complete": [{ sign: "precheck" }],
  "precheck-table": [{ sign: "noise" }],
  registered: [{ sign: "registered" }],
  "config-updated": [{ sign: "config" }],
  "config-undecodable": [{ sign: "bad-config" }, "bad-config"],
  "quic-dial": [{ sign: "edge", error: "quic-blocked" }, "quic-blocked"],
  "quic-dial-hs": [{ sign: "edge", error: "quic-blocked" }, "quic-blocked"],
  "quic-dial-perm": [{ sign: "edge", error: "quic-blocked" }, "quic-blocked"],
  "quic-hint": [{ sign: "quic-hint" }, "quic-blocked"],
  fallback: [{ sign: "fallback" }, "quic-blocked"],
  "change-proto": [{ sign: "noise" }],
  "quic-control": [{ sign: "edge", error: "token" }, "token-rejected"],
  "quic-datagram": [{ sign: "noise" }],
  "quic-serve": [{ sign: "edge", error: "quic-drop", weight: "echo" }],
  "h2-dial": [{ sign: "edge", error: "tcp-blocked" }, "tcp-7844-blocked"],
  "h2-dial-refused": [{ sign: "edge", error: "edge-ipv6" }, "edge-ipv6"],
  "h2-lost": [{ sign: "edge", error: "h2-drop", weight: "cause" }],
  "h2-serve-req": [{ sign: "noise" }],
  "h2-register": [{ sign: "edge", error: "token" }, "token-rejected"],
  dup: [{ sign: "edge", error: "harmless" }],
  terminated: [{ sign: "edge", error: "h2-drop", weight: "terminated" }],
  retrying: [{ sign: "retrying", neverUp: true }],
  unregistered: [{ sign: "unregistered" }],
  "ha-limited": [{ sign: "few-addresses", available: 2 }, "few-addresses"],
  "metrics-port": [{ sign: "bad-flags" }, "bad-flags"],
  sigterm: [{ sign: "sigterm" }],
  "no-more": [{ sign: "orderly-end" }],
  "server-stopped": [{ sign: "stopped" }],
  "edge-dns": [{ sign: "edge", error: "edge-dns" }, "edge-dns"],
  features: [{ sign: "dns-hint" }],
  percentage: [{ sign: "noise" }],
  "origin-dns": [{ sign: "origin", error: "dns" }, "origin-dns"],
  "origin-timeout": [{ sign: "origin", error: "unreachable" }, "origin-unreachable"],
  "origin-quic-echo": [{ sign: "noise" }],
  "flow-limit": [{ sign: "noise" }],
  "icmp-gid": [{ sign: "noise" }],
  "icmp-off": [{ sign: "noise" }],
  "update-check": [{ sign: "noise" }],
  outdated: [{ sign: "outdated" }, "old-version"],
  "udp-buffer": [{ sign: "noise" }],
  "bad-token": [{ sign: "token-malformed" }, "token-malformed"],
  "token-file": [{ sign: "token-malformed" }, "token-malformed"],
  "no-token": [{ sign: "token-malformed" }, "token-malformed"],
  "bad-flag-pos": [{ sign: "bad-flags" }, "bad-flags"],
};

test("the list of lines and what is expected of them are the same", () => {
  expect(PROVIDED.map(({ id }) => id).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
});

test.each(PROVIDED)("$id", ({ id, example }) => {
  const [sign, cause] = EXPECTED[id]!;
  const [first] = readLog(example);
  expect(signOf(first!)).toMatchObject(sign);
  expect(diagnosisOf(example).map((each) => each.cause)).toEqual(cause ? [cause] : []);
});

test.each(PROVIDED.filter(({ format }) => format === "json"))("$id, as text", ({ example }) => {
  const { level, message = "", time, ...fields } = JSON.parse(example) as Record<string, string>;
  const [first] = readLog(asText([line(0, level!, message.split("\n")[0]!, fields)]));
  expect(time).toBeDefined();
  expect(signOf(first!)).toEqual(signOf(readLog(example)[0]!));
});

test.each([
  ["failed to dial to edge with quic: timeout: handshake did not complete in time", "quic-blocked"],
  [
    "failed to dial to edge with quic: write udp 0.0.0.0:5->198.41.1.1:7844: sendto: network is unreachable",
    "quic-blocked",
  ],
  [
    "failed to dial to edge with quic: write udp [::]:5->[2606:4700:a1::4]:7844: sendto: network is unreachable",
    "edge-ipv6",
  ],
  ["failed to dial to edge with quic: CRYPTO_ERROR 0x12a (local): tls: bad certificate", "quic-rejected"],
  ["DialContext error: dial tcp 203.0.113.4:7844: connect: connection refused", "tcp-blocked"],
  ["DialContext error: dial tcp 203.0.113.4:7844: connect: no route to host", "tcp-blocked"],
  ["DialContext error: dial tcp 203.0.113.4:7844: socket: too many open files", "fd"],
  ["DialContext error: dial tcp [2606:4700:a9::2]:7844: i/o timeout", "edge-ipv6"],
  ["TLS handshake with edge error: EOF", "tcp-blocked"],
  ["TLS handshake with edge error: x509: certificate signed by unknown authority", "tcp-blocked"],
  ["Unauthorized: Account doesn't have tunnel", "token"],
  ["Could not lookup srv records on _us-v2-origintunneld._tcp.argotunnel.com: lookup: timed out", "edge-dns"],
  ["Couldn't resolve SRV record &{region1.v2.argotunnel.com. 7844 1 1}: lookup failed", "edge-dns"],
  ["failed to accept QUIC stream: Application error 0x0 (remote)", "quic-drop"],
  ["timeout: no recent network activity", "quic-drop"],
  ["connection with edge closed", "h2-drop"],
  ["already connected to this server, trying another address", "harmless"],
  ["context canceled", "harmless"],
  ["something that nobody has seen yet", "unknown"],
])("of the edge: %s", (error, kind) => {
  expect(edgeError(error)).toBe(kind);
});

test.each([
  ["dial tcp: lookup a.run.app on 10.0.0.2:53: no such host", "dns"],
  ["dial tcp: lookup a.run.app: Temporary failure in name resolution", "dns"],
  ["dial tcp: lookup a.run.app on 10.0.0.2:53: read udp 10.0.0.3:9->10.0.0.2:53: i/o timeout", "dns"],
  ["dial tcp 10.0.0.9:80: i/o timeout", "unreachable"],
  ["dial tcp 10.0.0.9:80: connect: no route to host", "unreachable"],
  ["net/http: TLS handshake timeout", "unreachable"],
  ["EOF", "unreachable"],
  ["dial tcp 127.0.0.1:8080: connect: connection refused", "refused"],
  ["remote error: tls: handshake failure", "tls"],
  ["x509: certificate has expired or is not yet valid", "tls"],
  ["Incoming request ended abruptly: context canceled", "harmless"],
  ["dial tcp 10.0.0.9:80: socket: too many open files", "fd"],
])("of an origin: %s", (error, kind) => {
  expect(originError(`Unable to reach the origin service. The service may be down: ${error}`)).toBe(kind);
});

test("older wordings of the same messages", () => {
  const error = "failed to dial to edge with quic: timeout: no recent network activity";
  const dial = line(0, "warn", "Failed to create new quic connection", {
    connIndex: 0,
    ip: "198.41.1.1",
    error,
  });
  expect(diagnosisOf(asJson([dial]))).toMatchObject([{ cause: "quic-blocked" }]);
  const id = "Connection c0a8d328-a652-461d-bfc8-535d9c91e56d registered";
  expect(signOf(readLog(asText([line(0, "info", id, { connIndex: 0, location: "SEA" })]))[0]!)).toEqual({
    sign: "registered",
  });
});
