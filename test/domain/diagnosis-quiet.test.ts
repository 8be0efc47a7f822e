// What must not alarm: planned stops, rolling restarts, short blips, noise, gaps and clocks that differ.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import {
  allUp,
  asExport,
  asJson,
  asText,
  BEGIN,
  boot,
  CONNECTOR,
  causesOf,
  diagnosisOf,
  edgeIp,
  h2Lost,
  type Line,
  line,
  OTHER,
  originFault,
  quicDial,
  quicLost,
  readLog,
  retry,
  stop,
  tcpDial,
  up,
} from "./diagnosis-scripts.ts";

type Provided = { id: string; example: string; severity: string };

const PROVIDED = JSON.parse(
  readFileSync(new URL("../data/cloudflared-log-lines.json", import.meta.url), "utf8"),
) as Provided[];

const HEALTHY = [...boot(0), ...allUp(2)];

function lines(...parts: (Line | Line[])[]): Line[] {
  return parts.flat();
}

const UDP_FAILS = line(5, "info", "precheck", {
  component: "UDP Connectivity",
  status: "fail",
  target: "region2.v2.argotunnel.com",
});
const REJECTED = line(4, "error", "Register tunnel error from server side", {
  connIndex: 0,
  ip: edgeIp(0),
  error: "Unauthorized: Tunnel not found",
});

test.each<[string, Line[]]>([
  ["a healthy start", HEALTHY],
  ["the check of UDP with HTTP/2 pinned", lines(boot(0), UDP_FAILS, allUp(7))],
  [
    "the check of UDP though QUIC works",
    lines(boot(0, "quic", CONNECTOR, "auto"), UDP_FAILS, allUp(7, "quic")),
  ],
  ["a planned stop", lines(HEALTHY, stop(900))],
  [
    "faults during a stop",
    lines(
      HEALTHY,
      stop(900),
      tcpDial(901),
      h2Lost(902, 1, "error"),
      originFault(902, "dial tcp 10.0.0.1:80: i/o timeout"),
    ),
  ],
  ["a stop whose first line is missing", lines(HEALTHY, stop(900).slice(1))],
  ["a stop before it was ready", lines(boot(0), tcpDial(16).slice(2), stop(20, []))],
  ["one connection moved by the edge", lines(HEALTHY, h2Lost(500, 2), up(512, 2))],
  [
    "all connections moved by the edge at once",
    lines(
      HEALTHY,
      [0, 1, 2, 3].flatMap((at) => h2Lost(500 + at, at)),
      [0, 1, 2, 3].map((at) => up(512 + at, at)),
    ),
  ],
  [
    "a blip of QUIC",
    lines(
      boot(0, "quic"),
      allUp(2, "quic"),
      [0, 1, 2, 3].flatMap((at) => quicLost(500, at, "error")),
      quicDial(509),
      [0, 1, 2, 3].map((at) => up(512 + at, at, "quic")),
    ),
  ],
  ["two slow dials, then all is up", lines(boot(0), tcpDial(15), tcpDial(32), allUp(40))],
  [
    "a new tunnel whose token is not known everywhere yet",
    lines(boot(0), REJECTED, retry(5, 0, "4s"), allUp(20)),
  ],
  [
    "drops hours apart",
    lines(
      HEALTHY,
      [3600, 9000, 15000, 22000].flatMap((at) => [...h2Lost(at, 1), up(at + 12, 1)]),
    ),
  ],
  [
    "two connections on one metal",
    lines(
      HEALTHY,
      line(9, "warn", "Unable to establish connection.", {
        connIndex: 3,
        ip: edgeIp(3),
        error: "already connected to this server, trying another address",
      }),
    ),
  ],
  [
    "a visitor who went away",
    lines(
      HEALTHY,
      originFault(30, "context canceled"),
      line(31, "error", "", {
        error: "Incoming request ended abruptly: context canceled",
        originService: "https://a.run.app",
        connIndex: 1,
      }),
    ),
  ],
  [
    "a request that the second lock refused",
    lines(
      HEALTHY,
      line(30, "error", "", {
        error:
          "request filtered by middleware handler (AccessJWTValidator) due to: no access token in request",
        originService: "https://a.run.app",
        connIndex: 1,
      }),
    ),
  ],
])("%s: nothing", (_, log) => {
  expect(causesOf(log)).toEqual([]);
  expect(diagnosisOf(asText(log))).toEqual([]);
  expect(diagnosisOf(JSON.stringify(asExport(log)))).toEqual([]);
});

const SECOND = allUp(0).map((_, at) => up(304 + at, at, "http2", "nrt05", `192.0.2.${at + 1}`));
const HANDOVER = lines(HEALTHY, boot(300, "http2", OTHER), SECOND, stop(312));

test("a rolling restart, in one file and by instance", () => {
  expect(causesOf(HANDOVER)).toEqual([]);
  const old = asExport([...HEALTHY, ...stop(312)], "00aaaa");
  const fresh = asExport([...boot(300, "http2", OTHER), ...SECOND], "00bbbb");
  expect(diagnosisOf(JSON.stringify([...old, ...fresh]))).toEqual([]);
});

test("three revisions within ten minutes are no restart loop", () => {
  const revision = (at: number, id: string) => [...boot(at, "http2", id), ...allUp(at + 2)];
  const log = lines(
    revision(0, CONNECTOR),
    stop(200),
    revision(201, OTHER),
    stop(400),
    revision(401, CONNECTOR),
  );
  expect(causesOf(log)).toEqual([]);
});

test("a fault that the next revision mended", () => {
  expect(
    causesOf([...boot(0), ...tcpDial(16), ...tcpDial(40), ...stop(80, []), ...boot(90), ...allUp(95)]),
  ).toEqual([]);
  const pinned = [...boot(300), ...allUp(302)];
  expect(
    causesOf([...boot(0, "quic", OTHER, "auto"), quicDial(6), quicDial(30), ...stop(80, []), ...pinned]),
  ).toEqual([]);
});

test("ten thousand lines of noise, alone and around a fault", () => {
  const noise = PROVIDED.filter(({ severity }) => severity === "noise").map(({ example }) => example);
  const flood = Array.from({ length: 10_000 }, (_, at) =>
    (noise[at % noise.length] ?? "").replaceAll(
      "06:15:53",
      `0${6 + (at % 4)}:${String(10 + (at % 50))}:${String(10 + (at % 47))}`,
    ),
  );
  expect(diagnosisOf(flood.join("\n"))).toEqual([]);
  const fault = `${asJson([...boot(0), ...tcpDial(16), ...tcpDial(40)])}`;
  expect(diagnosisOf(`${fault}${flood.join("\n")}`)).toMatchObject([{ cause: "tcp-7844-blocked" }]);
  expect(diagnosisOf(`${flood.join("\n")}\n${fault}`)).toMatchObject([{ cause: "tcp-7844-blocked" }]);
});

test("a gap that swallowed the line of a connection that came back", () => {
  const back = [
    originFault(400, "context canceled", "https://a.run.app", 2),
    originFault(700, "ended abruptly", "https://a.run.app", 2),
  ];
  expect(causesOf([...HEALTHY, ...h2Lost(200, 2), ...back])).toEqual([]);
});

test("a log that begins in the middle", () => {
  expect(causesOf([...h2Lost(0, 1), up(12, 1)])).toEqual([]);
  expect(causesOf([...h2Lost(0, 1), up(12, 1), ...h2Lost(90, 1), ...h2Lost(200, 1), up(220, 1)])).toEqual([
    "h2-flap",
  ]);
});

test("a connector whose clock is ahead harms neither itself nor the other", () => {
  const ahead = asExport([...boot(4000, "http2", OTHER), ...allUp(4002)], "00ahead");
  const log = asExport([...HEALTHY, ...h2Lost(30, 2)], "00right");
  expect(diagnose(readLog(JSON.stringify([...log, ...ahead]))).map(({ cause }) => cause)).toEqual([]);
});

test("with a moment to judge at, a loss has to last", () => {
  const lost = lines(
    HEALTHY,
    [0, 1, 2, 3].flatMap((at) => h2Lost(100, at, "error")),
  );
  const after = (seconds: number) => ({ now: new Date(Date.parse("2026-10-05T03:01:41Z") + seconds * 1000) });
  expect(causesOf(lost, after(20))).toEqual([]);
  expect(causesOf(lost, after(90))).toEqual(["outage"]);
  expect(causesOf([...HEALTHY, ...h2Lost(100, 3)], after(200))).toEqual([]);
  expect(causesOf([...HEALTHY, ...h2Lost(100, 3)], after(400))).toEqual(["degraded"]);
});

test("QUIC that is lost for a moment is nothing, also where a dial fails meanwhile", () => {
  const lost = lines(
    boot(0, "quic"),
    allUp(2, "quic"),
    [0, 1, 2, 3].flatMap((at) => quicLost(100, at, at === 3 ? "error" : "warn")),
    quicDial(107),
  );
  const at = (seconds: number) => ({ now: new Date(BEGIN + seconds * 1000) });
  for (const seconds of [101, 110, 159]) expect(causesOf(lost, at(seconds))).toEqual([]);
  expect(causesOf(lost, at(160))).toEqual(["quic-flap"]);
  const back = [0, 1, 2, 3].map((index) => up(120, index, "quic"));
  expect(causesOf([...lost, ...back], at(160))).toEqual([]);
});
