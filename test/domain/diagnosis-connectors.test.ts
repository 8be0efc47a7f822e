// Several connectors, what the API and a visit from outside add, loops, and secrets in evidence.
import { expect, test } from "vitest";
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import { CAUSES, type ConnectorFact, type ProbeFact } from "../../src/domain/diagnosis/facts.ts";
import {
  allUp,
  asExport,
  asJson,
  asText,
  boot,
  CONNECTOR,
  diagnosisOf,
  edgeIp,
  h2Lost,
  line,
  OTHER,
  originFault,
  quicDial,
  readLog,
  stop,
  TUNNEL,
  tcpDial,
  up,
} from "./diagnosis-scripts.ts";

const NOON = new Date("2026-10-05T12:00:00Z");

function connector(fact: Partial<ConnectorFact>): ConnectorFact {
  const known = { connector: CONNECTOR, tunnelId: TUNNEL, ours: true, version: "2026.9.1" };
  const config = { configVersion: 7, configReadAt: NOON };
  return { kind: "connector", at: NOON, connections: 4, expected: 4, ...known, ...config, ...fact };
}

function probe(answer: ProbeFact["answer"], hostname = "billing.example.com"): ProbeFact {
  return { kind: "probe", at: NOON, hostname, answer };
}

function minutesLater(minutes: number): Date {
  return new Date(NOON.getTime() + minutes * 60_000);
}

test("two connectors, each with its own fault, in one export", () => {
  const refused = { connIndex: 0, ip: edgeIp(0), error: "Unauthorized: Invalid tunnel secret" };
  const first = asExport(
    [...boot(0), line(2, "error", "Register tunnel error from server side", refused)],
    "00aaaa",
  );
  const second = asExport([...boot(1, "http2", OTHER), ...tcpDial(17), ...tcpDial(40)], "00bbbb");
  const mixed = [...first, ...second].toSorted((a, b) =>
    String(a.timestamp) < String(b.timestamp) ? -1 : 1,
  );
  const found = diagnosisOf(mixed.map((entry) => JSON.stringify(entry)).join("\n"));
  expect(found.map(({ cause, connector: id }) => [cause, id]).toSorted()).toEqual([
    ["tcp-7844-blocked", OTHER],
    ["token-rejected", CONNECTOR],
  ]);
});

test("the same fault in two connectors of a tunnel is one incident", () => {
  const first = asExport([...boot(0), ...tcpDial(16)], "00aaaa");
  const second = asExport([...boot(1, "http2", OTHER), ...tcpDial(17)], "00bbbb");
  expect(diagnosisOf(JSON.stringify([...first, ...second]))).toMatchObject([{ cause: "tcp-7844-blocked" }]);
});

test("two connectors in one file without labels are told apart by the edge's addresses", () => {
  const late = [0, 1, 2, 3].map((at) => up(20 + at, at, "http2", "nrt05", `192.0.2.${at}`));
  const log = [...boot(0), ...allUp(2), ...boot(10, "http2", OTHER), ...late];
  const drop = { connIndex: 1, ip: edgeIp(1), error: "connection with edge closed" };
  const lost = [60, 200, 300].flatMap((at) => [line(at, "warn", "Serve tunnel error", drop), up(at + 9, 1)]);
  expect(diagnosisOf(asJson([...log, ...lost]))).toMatchObject([{ cause: "h2-flap", connector: CONNECTOR }]);
});

test("a restart loop that ends by itself is the fault of what ends it", () => {
  const dns = {
    error: "Could not lookup srv records on _v2-origintunneld._tcp.argotunnel.com: no such host",
  };
  const lives = [0, 60, 120, 180].flatMap((at) => [
    ...boot(at),
    line(at + 20, "error", "Initiating shutdown", dns),
  ]);
  expect(diagnosisOf(asJson(lives))).toMatchObject([{ cause: "edge-dns" }]);
});

test("a loop of killed instances, and one whose QUIC is pinned", () => {
  const lives = [0, 100, 200, 300].map((at) =>
    asExport([...boot(at, "quic", CONNECTOR, "auto"), quicDial(at + 6), quicDial(at + 60)], `00${at}`),
  );
  expect(diagnosisOf(JSON.stringify(lives.flat()))).toMatchObject([{ cause: "liveness-loop" }]);
  const pinned = [0, 100, 200, 300].flatMap((at) => [
    ...boot(at, "quic"),
    quicDial(at + 6),
    ...stop(at + 70, []),
  ]);
  expect(diagnosisOf(asJson(pinned))).toMatchObject([{ cause: "quic-blocked" }]);
  const blocked = [0, 100, 200, 300].flatMap((at) => [
    ...boot(at),
    ...tcpDial(at + 16),
    ...stop(at + 70, []),
  ]);
  expect(diagnosisOf(asJson(blocked))).toMatchObject([{ cause: "tcp-7844-blocked" }]);
});

test("what the API shows", () => {
  expect(diagnose([connector({}), connector({ connector: OTHER })])).toEqual([]);
  expect(diagnose([connector({}), connector({ connector: OTHER, ours: false })])).toMatchObject([
    { cause: "replica-mismatch", connector: OTHER },
  ]);
  expect(diagnose([connector({ connections: 1 })], { now: minutesLater(6) })).toMatchObject([
    { cause: "degraded" },
  ]);
  expect(diagnose([connector({ connections: 0 })], { now: minutesLater(2) })).toMatchObject([
    { cause: "outage" },
  ]);
  expect(
    diagnose([connector({ connections: 0 }), connector({ at: minutesLater(1) })], { now: minutesLater(2) }),
  ).toEqual([]);
  const late = connector({ configVersion: 6, configReadAt: minutesLater(2) });
  expect(diagnose([late, connector({ connector: OTHER })], { now: minutesLater(3) })).toMatchObject([
    { cause: "replica-mismatch", connector: CONNECTOR },
  ]);
  expect(diagnose([connector({ version: "2024.2.1" })])).toMatchObject([
    { cause: "old-version", severity: "low" },
  ]);
});

test("a connector is behind only by a version that was read after the newest had time to reach it", () => {
  const newest = connector({ connector: OTHER });
  const readAt = (configReadAt: Date | null) =>
    diagnose([connector({ configVersion: 6, configReadAt }), newest], { now: minutesLater(4) });
  for (const stale of [null, minutesLater(-2), NOON, minutesLater(0.9)]) expect(readAt(stale)).toEqual([]);
  expect(readAt(minutesLater(1))).toMatchObject([{ cause: "replica-mismatch", connector: CONNECTOR }]);
});

test("a push has reached whoever told of it first, whichever of those with it is looked at", () => {
  const late = connector({ configReadAt: minutesLater(3) });
  const first = connector({ connector: OTHER, configReadAt: NOON });
  const behind = connector({ connector: "third", configVersion: 6, configReadAt: minutesLater(3) });
  const waiting = connector({ connector: "fourth", configVersion: 6, configReadAt: NOON });
  expect(diagnose([waiting, late, first, behind], { now: minutesLater(3) })).toMatchObject([
    { cause: "replica-mismatch", connector: "third" },
  ]);
});

test("the log knows why, the API only that", () => {
  const facts = [...readLog(asJson([...boot(0), ...tcpDial(16)])), connector({ connections: 0 })];
  expect(diagnose(facts, { now: minutesLater(5) }).map(({ cause }) => cause)).toEqual(["tcp-7844-blocked"]);
});

test("too few addresses say why connections are missing, and not why none is up", () => {
  const few = line(0, "info", "You requested 4 HA connections but I can give you at most 2.");
  const log = readLog(asJson([...boot(0), few, up(1, 0), up(2, 1)]));
  const causesWith = (connections: number) =>
    diagnose([...log, connector({ connections })], { now: minutesLater(6) }).map(({ cause }) => cause);
  expect(causesWith(2)).toEqual(["few-addresses"]);
  expect(causesWith(0)).toEqual(["outage", "few-addresses"]);
});

test("Google's own pages, until the visit goes through", () => {
  const [notFound] = diagnose([probe("google-not-found")]);
  expect(notFound).toMatchObject({ cause: "origin-not-found", severity: "high" });
  expect(notFound?.remedy).toMatch(
    /internal ingress.*private zone run\.app\..*billing\.example\.com.*docs\/runbook\/origin-not-found\.md$/s,
  );
  expect(diagnose([probe("google-forbidden")])[0]?.remedy).toMatch(
    /invoker.*billing\.example\.com.*docs\/runbook\/origin-iam\.md$/s,
  );
  expect(diagnose([probe("google-not-found"), probe("fine")])).toEqual([]);
  expect(diagnose([probe("other")])).toEqual([]);
});

test("Google's 404 is told once where the log shows that the route lacks its Host header", () => {
  const ingress = [{ hostname: "billing.example.com", service: "https://billing-x.a.run.app" }];
  const config = { version: 3, config: JSON.stringify({ ingress }) };
  const lines = [...boot(0), ...allUp(2), line(8, "info", "Updated to new configuration", config)];
  const facts = [...readLog(asJson(lines)), probe("google-not-found")];
  expect(diagnose(facts).map(({ cause }) => cause)).toEqual(["origin-host"]);
});

test("one city is worth a word only to those who ask", () => {
  const log = asJson([...boot(0), ...[0, 1, 2, 3].map((at) => up(2 + at, at, "http2", "nrt08"))]);
  expect(diagnosisOf(log)).toEqual([]);
  expect(diagnosisOf(log, { informational: true })).toMatchObject([{ cause: "same-colo", severity: "info" }]);
});

test("an old version is mentioned only while nothing is wrong", () => {
  const old = boot(0).map((each) =>
    String(each.fields.message).startsWith("Version")
      ? line(0, "info", "Version 2024.8.3 (Checksum 00)")
      : each,
  );
  expect(diagnosisOf(asJson([...old, ...allUp(2)]))).toMatchObject([
    { cause: "old-version", severity: "low" },
  ]);
  expect(diagnosisOf(asJson([...old, ...tcpDial(16)]))).toMatchObject([{ cause: "tcp-7844-blocked" }]);
});

test("the seed's two errors get the seed's two remedies", () => {
  const [quic] = diagnosisOf(asText([quicDial(0)]));
  expect(quic?.remedy).toContain("--protocol http2");
  const [tcp] = diagnosisOf(asText(tcpDial(0)));
  expect(tcp?.remedy).toMatch(/private-ranges-only.*Cloud NAT/s);
});

test("evidence keeps addresses and loses secrets", () => {
  const token = `eyJ${Buffer.from('"a":"0123456789abcdef","t":"x","s":"y"}').toString("base64")}`;
  const error = `dial tcp 10.0.0.7:443: i/o timeout token=${token} https://a.example.com/x?key=letmein99 \u001b[31m`;
  const [found] = diagnosisOf(
    asJson([...boot(0), ...allUp(2), originFault(20, error, "https://a.run.app?secret=letmein99")]),
  );
  expect(found?.evidence[0]).toContain("10.0.0.7:443: i/o timeout");
  expect(JSON.stringify(found)).not.toMatch(/eyJ|letmein99|\\u001b/);
});

test("evidence is five lines however long it lasts, and the loss of time costs nothing", () => {
  const long = Array.from({ length: 3_000 }, (_, at) => [
    ...h2Lost(at * 40, at % 4),
    up(at * 40 + 9, at % 4),
  ]).flat();
  const [found] = diagnosisOf(asJson([...boot(0), ...allUp(0), ...long]));
  expect(found?.cause).toBe("h2-flap");
  expect(found?.evidence).toHaveLength(5);
  expect(CAUSES).toContain(found?.cause);
});

test("a second connector that cannot dial does not blame the first, in one file without labels", () => {
  const log = [...boot(0), ...allUp(2), ...boot(60, "http2", OTHER), ...tcpDial(76), ...tcpDial(100)];
  expect(diagnosisOf(asJson(log))).toMatchObject([{ cause: "tcp-7844-blocked", connector: OTHER }]);
});

test("a probe that ends it again and again though it serves", () => {
  const lives = [0, 90, 180, 270, 360].flatMap((at) => [...boot(at), ...allUp(at + 2), ...stop(at + 70)]);
  expect(diagnosisOf(asJson([...lives, ...boot(450), ...allUp(452)]))).toMatchObject([
    { cause: "liveness-loop" },
  ]);
});
