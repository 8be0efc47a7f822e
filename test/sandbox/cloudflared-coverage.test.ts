// What the stand-in prints and serves stands in its table, and each line has the form of the real one: level, keys, words.
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { cloudflaredCoverage } from "../../sandbox/cloudflared/coverage.ts";
import { BOOT_LINES, EDGE_LINES, ORIGIN_LINES, originError } from "../../sandbox/cloudflared/lines.ts";
import { createLog, type Line } from "../../sandbox/cloudflared/log.ts";
import { METRICS_PATHS } from "../../sandbox/cloudflared/metrics-server.ts";
import lines from "../data/cloudflared-log-lines.json" with { type: "json" };

const AT = { index: 0, ip: "198.41.192.77" };
const DROP = "accept stream listener encountered a failure while serving";

test("the table names every line and every path, and nothing else", () => {
  const made = [BOOT_LINES, EDGE_LINES, ORIGIN_LINES, METRICS_PATHS].flatMap((each) => Object.keys(each));
  expect(cloudflaredCoverage.map(({ what }) => what).sort()).toEqual(made.sort());
});

test("each names a test that meets it", () => {
  for (const { what, test: file } of cloudflaredCoverage)
    expect([what, existsSync(new URL(`../../${file}`, import.meta.url))]).toEqual([what, true]);
});

/** The stand-in's line beside the real one of the same id. */
const MADE: [id: string, made: Line][] = [
  ["start", BOOT_LINES.start("3d539f97-cd3a-4d8e-833b-65e9099c7a8d")],
  [
    "version",
    BOOT_LINES.version("2026.8.2", "809407c3d6e78787e2b14863ea6a1d4f00000000000000000000000000000000"),
  ],
  ["connector-id", BOOT_LINES["connector-id"]("1b8c4f5e-6f0a-4a52-9f0e-0d1f6a2c9b77")],
  [
    "settings",
    BOOT_LINES.settings({
      token: "*****",
      metrics: "0.0.0.0:2000",
      "no-autoupdate": "true",
      output: "json",
      p: "http2",
      protocol: "http2",
    }),
  ],
  ["initial-protocol", BOOT_LINES["initial-protocol"]("quic")],
  [
    "precheck-row-udp-fail",
    BOOT_LINES.precheck({
      component: "UDP Connectivity",
      details: "QUIC connection failed",
      run_id: "6f1c4e5e-2a8e-4d0b-9f51-2f8b2f2a1c11",
      status: "fail",
      target: "region1.v2.argotunnel.com",
    }),
  ],
  [
    "precheck-complete",
    BOOT_LINES["precheck-complete"]({
      hard_fail: false,
      run_id: "6f1c4e5e-2a8e-4d0b-9f51-2f8b2f2a1c11",
      suggested_protocol: "http2",
    }),
  ],
  ["registered", EDGE_LINES.registered(AT, "2c3a5c0e-41c3-4c57-a9f5-8a8f0b0f9f10", "nrt08", "http2")],
  ["quic-dial", EDGE_LINES["quic-dial"](AT, 0)],
  ["quic-hint", EDGE_LINES["quic-hint"](AT)],
  ["fallback", EDGE_LINES.fallback(AT)],
  ["quic-control", EDGE_LINES["quic-control"](AT, "Unauthorized: Invalid tunnel secret")],
  ["quic-datagram", EDGE_LINES["quic-datagram"]({ ...AT, index: 1 })],
  ["quic-serve", EDGE_LINES["quic-serve"]({ index: 2, ip: "198.41.200.23" }, 3, DROP)],
  ["h2-dial", EDGE_LINES["h2-dial"]({ index: 0, ip: "198.41.200.33" }, 0)],
  ["h2-lost", EDGE_LINES["h2-lost"]({ ...AT, index: 1 })],
  ["h2-serve-req", EDGE_LINES["h2-serve-req"]("Error shutting down control stream: client disconnected")],
  ["h2-register", EDGE_LINES["h2-register"](AT, 0, "Unauthorized: Invalid tunnel secret")],
  ["terminated", EDGE_LINES.terminated({ ...AT, index: 1 }, 2, "connection with edge closed")],
  ["retrying", EDGE_LINES.retrying(AT, "1m4s")],
  ["unregistered", EDGE_LINES.unregistered(AT)],
  ["metrics-port", BOOT_LINES["metrics-port"]("0.0.0.0:2000")],
  ["sigterm", EDGE_LINES.sigterm()],
  ["no-more", EDGE_LINES["no-more"]()],
  ["server-stopped", EDGE_LINES["server-stopped"]()],
  ["edge-dns", BOOT_LINES["edge-dns"]()],
  ["features", BOOT_LINES.features()],
  ["percentage", BOOT_LINES.percentage()],
  ["icmp-gid", BOOT_LINES["icmp-gid"]()],
  ["icmp-off", BOOT_LINES["icmp-off"]()],
  ["origin-dns", originLine("dns")],
  ["origin-timeout", originLine("timeout")],
  [
    "origin-quic-echo",
    ORIGIN_LINES["origin-quic-echo"](
      AT,
      "https://admin.example.com/api?x=1",
      originError("timeout", serviceAddress()),
    ),
  ],
  ["udp-buffer", BOOT_LINES["udp-buffer"](new Date("2026-11-23T06:15:53Z"))],
  ["bad-token", BOOT_LINES["bad-token"]()],
  ["token-file", BOOT_LINES["token-file"]("open /secrets/token: permission denied")],
  ["no-token", BOOT_LINES["no-token"]()],
  ["bad-flag-pos", BOOT_LINES["bad-flag-pos"]("metrics")],
];

test.each(MADE)("%s is the real line, to the letter", (id, made) => {
  const real = lines.find((each) => each.id === id)?.example;
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const now = () => new Date("2026-11-23T06:15:53Z");
  createLog({ format: "json", now, stderr: print }, print)(made);
  expect(printed.join("").trimEnd()).toBe(real);
});

test("a configuration is a string in its line, as the real one has it", () => {
  const real = JSON.parse(lines.find(({ id }) => id === "config-updated")?.example ?? "{}");
  const made = EDGE_LINES["config-updated"](12, JSON.parse(real.config));
  expect(made).toMatchObject({ level: real.level, message: real.message });
  expect(Object.keys(made).length > 0 && made).toMatchObject({
    fields: { version: 12, config: real.config },
  });
});

test("text puts the error first, quotes what has spaces, and prints JSON's escapes as they are", () => {
  const printed: string[] = [];
  const now = () => new Date("2026-11-23T06:15:53.400Z");
  const log = createLog(
    { format: "default", now, stderr: (text) => void printed.push(text) },
    () => undefined,
  );
  log(EDGE_LINES.serve({ index: 1, ip: "198.41.192.77" }, 0, "a <b> & c"));
  expect(printed).toEqual([
    '2026-11-23T06:15:53Z ERR Serve tunnel error error="a <b> & c" connIndex=1 event=0 ip=198.41.192.77\n',
  ]);
});

function serviceAddress(): string {
  return "https://admin-abc123-an.a.run.app";
}

function originLine(fault: "dns" | "timeout"): Line {
  return ORIGIN_LINES.origin(0, 0, serviceAddress(), originError(fault, serviceAddress()));
}
