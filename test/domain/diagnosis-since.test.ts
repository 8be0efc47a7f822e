// Since when a fault has been, and what is told as evidence of it: nothing that was good again in between.
import { expect, test } from "vitest";
import type { Diagnosis } from "../../src/domain/diagnosis/facts.ts";
import {
  allUp,
  asJson,
  BEGIN,
  boot,
  diagnosisOf,
  h2Lost,
  type Line,
  line,
  quicDial,
  quicLost,
  retry,
  stampOf,
  tcpDial,
  up,
} from "./diagnosis-scripts.ts";

const INDEXES = [0, 1, 2, 3];
/** One connection is moved by the edge, and back in six seconds. */
const MOVED = [...h2Lost(60, 1), up(66, 1)];
const ALL_LOST = INDEXES.flatMap((index) => h2Lost(840 + index, index, index === 3 ? "error" : "warn"));

function theOne(lines: Line[], seconds?: number): Diagnosis {
  const now = seconds === undefined ? {} : { now: new Date(BEGIN + seconds * 1000) };
  const [found, ...others] = diagnosisOf(asJson(lines), now);
  expect(others).toEqual([]);
  return found!;
}

function secondsOf({ since }: Diagnosis): number {
  return (since!.getTime() - BEGIN) / 1000;
}

/** The first second that the evidence tells of. */
function evidenceFrom({ evidence }: Diagnosis): string | undefined {
  return evidence.map((line) => line.slice(0, 20)).toSorted()[0];
}

function stamp(seconds: number): string {
  return stampOf({ seconds, fields: {} });
}

test("an outage is since its last connection was lost, not since one that came back", () => {
  const found = theOne([...boot(0), ...allUp(1), ...MOVED, ...ALL_LOST], 920);
  expect(found).toMatchObject({ cause: "outage", severity: "critical" });
  expect(secondsOf(found)).toBe(843);
  expect(evidenceFrom(found)).toBe(stamp(840));
  expect(found.seen).toBe(theOne([...boot(0), ...allUp(1), ...ALL_LOST], 920).seen);
});

test("of connections that were lost one by one, an outage is since the last and shows them all", () => {
  const one = INDEXES.flatMap((index) => h2Lost(840 + index * 700, index, index === 3 ? "error" : "warn"));
  const found = theOne([...boot(0), ...allUp(1), ...one]);
  expect(found.cause).toBe("outage");
  expect(secondsOf(found)).toBe(840 + 3 * 700);
  expect(evidenceFrom(found)).toBe(stamp(840));
});

test("a missing connection is since its own loss", () => {
  const lost = [
    ...h2Lost(840, 2),
    ...[860, 930, 1000, 1150].flatMap((at) => tcpDial(at, 2, undefined, "warn")),
  ];
  const found = theOne([...boot(0), ...allUp(1), ...MOVED, ...lost], 1300);
  expect(found.cause).toBe("degraded");
  expect(secondsOf(found)).toBe(840);
  expect(found.evidence.every((line) => line.includes("connIndex=2"))).toBe(true);
});

test("a missing connection that came back and went again is since the second time", () => {
  const tries = [80, 150].flatMap((at) => tcpDial(at, 2, undefined, "warn"));
  const log = [...boot(0), ...allUp(1), ...h2Lost(60, 2), ...tries, up(500, 2), ...h2Lost(3000, 2)];
  const found = theOne([...log, retry(3060, 2, "32s"), retry(3400, 2, "1m4s")]);
  expect(secondsOf(found)).toBe(3000);
  expect(evidenceFrom(found)).toBe(stamp(3000));
});

test("QUIC that works no more is since the losses that stand", () => {
  const blip = [...quicLost(60, 1), ...[65, 75, 85, 95, 105].map((at) => quicDial(at, 1, undefined, "warn"))];
  const log = [...boot(0, "quic"), ...allUp(1, "quic"), ...blip, up(110, 1, "quic")];
  const lost = INDEXES.flatMap((index) => quicLost(9000 + index, index, index === 3 ? "error" : "warn"));
  const gone = theOne([...log, ...lost]);
  expect(gone.cause).toBe("quic-flap");
  expect(secondsOf(gone)).toBe(9003);
  expect(evidenceFrom(gone)).toBe(stamp(9000));
  const dials = [9010, 9020, 9040, 9070, 9100].map((at) => quicDial(at, 0));
  const blocked = theOne([...log, ...lost, ...dials]);
  expect(blocked.cause).toBe("quic-blocked");
  expect(secondsOf(blocked)).toBe(9000);
  expect(evidenceFrom(blocked)! >= stamp(9000)).toBe(true);
});

test("flapping is since the first loss of those that came too often", () => {
  const drops = (...times: number[]) => times.flatMap((at) => [...h2Lost(at, 2), up(at + 9, 2)]);
  const found = theOne([...boot(0), ...allUp(1), ...drops(60, 9000, 9100, 9250, 30_000)]);
  expect(found).toMatchObject({ cause: "h2-flap", seen: 3 });
  expect(secondsOf(found)).toBe(9000);
  expect(evidenceFrom(found)).toBe(stamp(9000));
});

test("the port is not called blocked by a dial that fails after it worked, but by one of each connection", () => {
  const log = [...boot(0), ...allUp(1), ...ALL_LOST];
  const after = (lines: Line[]) => theOne([...log, ...lines], 905);
  expect(after(tcpDial(870)).cause).toBe("outage");
  expect(after([870, 880, 890, 900].flatMap((at) => tcpDial(at, 2))).cause).toBe("outage");
  const blocked = after(INDEXES.flatMap((index) => tcpDial(870 + index, index)));
  expect(blocked).toMatchObject({ cause: "tcp-7844-blocked", severity: "critical" });
  const ipv6 = "DialContext error: dial tcp [2606:4700:a8::7]:7844: i/o timeout";
  expect(after(tcpDial(870, 0, ipv6)).cause).toBe("outage");
  expect(after(INDEXES.flatMap((index) => tcpDial(870 + index, index, ipv6))).cause).toBe("edge-ipv6");
  expect(blocked.remedy).toMatch(/worked until then.*cloudflarestatus\.com first/);
});

test("nor by the checks at the start of a process that connected all the same", () => {
  const check = { component: "TCP Connectivity", status: "fail", target: "region1.v2.argotunnel.com" };
  const log = [...boot(0), line(5, "info", "precheck", check), ...allUp(8), ...ALL_LOST];
  expect(theOne(log, 905).cause).toBe("outage");
});

test("a port that is blocked is since its first line, but not since dials that got through in the end", () => {
  const retries = [860, 900, 960, 1400].flatMap((at) =>
    INDEXES.flatMap((index) => tcpDial(at + index, index)),
  );
  const slow = [...boot(0), ...tcpDial(16), ...tcpDial(35), ...allUp(50)];
  const found = theOne([...slow, ...ALL_LOST, ...retries]);
  expect(found.cause).toBe("tcp-7844-blocked");
  expect(secondsOf(found)).toBe(860);
  expect(evidenceFrom(found)).toBe(stamp(860));
  expect(secondsOf(theOne([...boot(0), ...[16, 60, 120, 1800].flatMap((at) => tcpDial(at))]))).toBe(16);
});
