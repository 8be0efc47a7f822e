// When short lives in a row are a loop of a probe, and when that is over.
import { expect, test } from "vitest";
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import {
  allUp,
  asExport,
  BEGIN,
  boot,
  causesOf,
  diagnosisOf,
  edgeIp,
  h2Lost,
  type Line,
  line,
  OTHER,
  plain,
  quicDial,
  readLog,
  stop,
  tcpDial,
} from "./diagnosis-scripts.ts";

test("starts whose token was refused and that a new revision replaced are no loop once the token is right", () => {
  const life = (at: number) => [
    ...boot(at),
    line(at + 2, "error", "Register tunnel error from server side", {
      connIndex: 0,
      event: 0,
      ip: edgeIp(0),
      error: "Unauthorized: Invalid tunnel secret",
    }),
    line(at + 10, "info", "Initiating graceful shutdown due to signal terminated ..."),
  ];
  expect(causesOf([...life(0), ...life(20)])).toEqual(["token-rejected"]);
  expect(causesOf([...life(0), ...life(20), ...boot(40), ...allUp(41)])).toEqual([]);
});

test("flags that were right from the second of the last usage error on are over: JSON lines tell whole seconds", () => {
  const wrong = (at: number) => plain(at, "Incorrect Usage: flag provided but not defined: -metrics");
  const loop = [wrong(0.1), wrong(1.2), wrong(3.5)];
  const right = asExport([...boot(3), ...allUp(3)], "11b2c3d4e5");
  const found = (lines: Line[]) =>
    diagnose(readLog(JSON.stringify([...asExport(lines), ...right]))).map(({ cause }) => cause);
  expect(found(loop)).toEqual([]);
  expect(found([...loop, wrong(6)])).toEqual(["bad-flags"]);
});

test("a loop is told though an older start had failed for another reason", () => {
  const life = (at: number) => [
    ...boot(at, "quic", undefined, "auto"),
    quicDial(at + 6),
    line(at + 30, "info", "Initiating graceful shutdown due to signal terminated ..."),
  ];
  const refused = line(2, "error", "Register tunnel error from server side", {
    connIndex: 0,
    event: 0,
    ip: edgeIp(0),
    error: "Unauthorized: Invalid tunnel secret",
  });
  const other = [
    ...boot(0),
    refused,
    line(10, "info", "Initiating graceful shutdown due to signal terminated ..."),
  ];
  expect(causesOf([...other, ...life(20), ...life(52), ...life(84)])).toContain("liveness-loop");
});

test("a loop is over when a process outlives its lives, though a healthy one prints nothing more", () => {
  const life = (at: number) => [
    ...boot(at, "quic", undefined, "auto"),
    quicDial(at + 6),
    line(at + 30, "info", "Initiating graceful shutdown due to signal terminated ..."),
  ];
  const log = [...life(0), ...life(32), ...life(64), ...boot(96), ...allUp(97)];
  const after = (seconds: number) => ({ now: new Date(BEGIN + seconds * 1000) });
  expect(causesOf(log, after(110))).toEqual(["liveness-loop"]);
  expect(causesOf(log, after(100 + 61))).toEqual([]);
});

test.each([
  ["Failed to deserialize new configuration", "error", "bad-config"],
  ["Updated to new configuration", "info", "origin-host"],
])("%s of a process that was replaced says nothing of the tunnel any more", (message, level, cause) => {
  const service = "https://a-x.a.run.app";
  const config = JSON.stringify({ ingress: [{ hostname: "a.example.com", service }] });
  const pushed = (seconds: number) => line(seconds, level, message, { version: 9, config });
  const old = [...boot(0), ...allUp(2), pushed(10)];
  const next = boot(50, "http2", OTHER);
  expect(causesOf(old)).toEqual([cause]);
  expect(causesOf([...old, ...stop(60)])).toEqual([cause]);
  expect(causesOf([...old, ...stop(45), ...next])).toEqual([cause]);
  expect(causesOf([...old, ...stop(45), ...next, ...allUp(52)])).toEqual([]);
  expect(causesOf([...old, ...stop(45), ...next, ...allUp(52), pushed(57)])).toEqual([cause]);
  const side = (stopped: boolean) => [
    ...asExport([...old, ...(stopped ? stop(60) : [])], "00a1"),
    ...asExport([...next, ...allUp(52)], "00b2"),
  ];
  expect(diagnosisOf(JSON.stringify(side(true)))).toEqual([]);
  expect(diagnosisOf(JSON.stringify(side(false)))).toMatchObject([{ cause }]);
});

test("QUIC that a revision with HTTP/2 mended is not blamed when that one is cut off for another reason", () => {
  const mended = [
    ...boot(0, "quic"),
    quicDial(6),
    quicDial(12),
    line(20, "info", "Initiating graceful shutdown due to signal terminated ..."),
    ...boot(21),
    ...allUp(22),
  ];
  const cut = [0, 1, 2, 3].flatMap((index) => [...h2Lost(60, index, "error"), ...tcpDial(70 + index, index)]);
  const byRevision = [
    ...asExport(mended.slice(0, 8), "00a1"),
    ...asExport([...mended.slice(8), ...cut], "00b2"),
  ];
  expect(causesOf(mended)).toEqual([]);
  expect(causesOf([...mended, ...cut])).toEqual(["tcp-7844-blocked"]);
  expect(diagnosisOf(JSON.stringify(byRevision)).map(({ cause }) => cause)).toEqual(["tcp-7844-blocked"]);
});

test("one connection that does not come back, in a log that begins after the start: the port is not blocked", () => {
  const failing = (index: number, level = "warn") => [
    ...h2Lost(100, index, level),
    ...[110, 160, 260, 420, 470].flatMap((at) => tcpDial(at, index)),
  ];
  expect(causesOf(failing(0))).toEqual(["degraded"]);
  expect(causesOf([0, 1, 2, 3].flatMap((index) => failing(index)))).toEqual(["tcp-7844-blocked"]);
  // Only the last connection of a process is lost as an error: the others had gone before the log begins.
  expect(causesOf(failing(0, "error"))).toEqual(["tcp-7844-blocked"]);
});
