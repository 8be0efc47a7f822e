// What is read in a log whose first lines are gone, as in the bot's window of a quarter of an hour.
import { expect, test } from "vitest";
import {
  allUp,
  asJson,
  boot,
  causesOf,
  diagnosisOf,
  type Line,
  line,
  quicDial,
  retry,
  tcpDial,
} from "./diagnosis-scripts.ts";

const TIMES = Array.from({ length: 13 }, (_, at) => at * 70);

type Retry = (seconds: number, index: number, level: string) => Line[];

const TCP: Retry = (seconds, index, level) => tcpDial(seconds, index, undefined, level);
const QUIC: Retry = (seconds, index, level) => [
  quicDial(seconds, index, undefined, level),
  retry(seconds, index, "1m4s"),
];
const REJECTED: Retry = (seconds, index, level) => [
  quicDial(seconds, index, "CRYPTO_ERROR 0x178 (remote): tls: no application protocol", level),
];

const RETRIES: [name: string, retrying: Retry, cause: string][] = [
  ["TCP timeouts", TCP, "tcp-7844-blocked"],
  ["QUIC timeouts", QUIC, "quic-blocked"],
  ["QUIC refusals", REJECTED, "quic-rejected"],
];

test.each(RETRIES)(
  "%s of one connection, as warnings: cloudflared says that others are up",
  (_, retrying) => {
    const log = TIMES.flatMap((at) => retrying(at, 2, "warn"));
    const [found, ...more] = diagnosisOf(asJson(log));
    expect(found).toMatchObject({ cause: "degraded", severity: "medium" });
    expect(found?.evidence).toHaveLength(5);
    expect(found?.evidence[0]).toContain("connIndex=2");
    expect(more).toEqual([]);
  },
);

test.each(RETRIES)("%s of one connection, as errors: nothing is up", (_, retrying, cause) => {
  const log = TIMES.flatMap((at) => retrying(at, 0, "error"));
  expect(diagnosisOf(asJson(log))).toMatchObject([{ cause, severity: "critical" }]);
});

test.each(RETRIES)("%s: the newest of them says whether anything is up", (_, retrying, cause) => {
  const some = (level: string, from: number, to: number) =>
    TIMES.slice(from, to).flatMap((at) => retrying(at, 2, level));
  expect(causesOf([...some("warn", 0, 9), ...some("error", 9, 13)])).toEqual([cause]);
  expect(causesOf([...some("error", 0, 5), ...some("warn", 5, 13)])).toEqual(["degraded"]);
});

test("a connection that the edge refuses while others are up does not take the tunnel down", () => {
  const refused = (level: string) =>
    TIMES.map((at) =>
      line(at, level, "Register tunnel error from server side", {
        connIndex: 2,
        event: 0,
        error: "Unauthorized: Invalid tunnel secret",
      }),
    );
  expect(diagnosisOf(asJson(refused("warn")))).toMatchObject([{ cause: "token-rejected", severity: "high" }]);
  expect(diagnosisOf(asJson(refused("error")))).toMatchObject([
    { cause: "token-rejected", severity: "critical" },
  ]);
});

test("a fall back to HTTP/2 in the log is told, whatever came before its first line", () => {
  const dials = [0, 16, 32].map((at) => quicDial(at));
  const fallback = line(33, "info", "Switching to fallback protocol http2", { connIndex: 0, event: 0 });
  expect(diagnosisOf(asJson([...dials, fallback, ...allUp(35)]))).toMatchObject([
    { cause: "quic-blocked", severity: "medium" },
  ]);
});

test("warnings of one connection in a whole log are of a process whose others are known", () => {
  const lost = TIMES.flatMap((at) => TCP(at + 10, 2, "warn"));
  const up = allUp(1).filter(({ fields }) => fields.connIndex !== 2);
  expect(causesOf([...boot(0), ...up, ...lost])).toEqual(["degraded"]);
});
