// Connectors of one tunnel that do or do not belong together, as their logs show them.
import { expect, test } from "vitest";
import { createDiagnostician, diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import type { ConnectorFact } from "../../src/domain/diagnosis/facts.ts";
import { createLogReader } from "../../src/services/connector-log.ts";
import {
  allUp,
  asExport,
  asJson,
  BEGIN,
  boot,
  CONNECTOR,
  diagnosisOf,
  line,
  OTHER,
  readLog,
  retry,
  TUNNEL,
} from "./diagnosis-scripts.ts";

const first = [...boot(0), ...allUp(2), retry(300, 0)];
const second = [...boot(5, "http2", OTHER), ...allUp(9), retry(300, 0)];
const config = (at: number, version: number) =>
  line(at, "info", "Updated to new configuration", { version, config: "{}" });

test("one token at work in two places", () => {
  const forgotten = asExport(second, "00bbbb", "forgotten-pool");
  expect(diagnosisOf(JSON.stringify([...asExport(first, "00aaaa"), ...forgotten]))).toMatchObject([
    { cause: "replica-mismatch" },
  ]);
});

test("a tunnel with connectors in two regions of a project is meant to be so", () => {
  const away = asExport(second, "00bbbb", "cloudflared", "europe-west1");
  expect(diagnosisOf(JSON.stringify([...asExport(first, "00aaaa"), ...away]))).toEqual([]);
});

test("files of two replicas side by side are of connectors that belong together", () => {
  const diagnostician = createDiagnostician();
  for (const [name, lines] of Object.entries({ "a.log": first, "b.log": second })) {
    const reader = createLogReader(name);
    for (const fact of [...reader.push(asJson(lines)), ...reader.end()]) diagnostician.take(fact);
  }
  expect(diagnostician.conclude()).toEqual([]);
});

test("replicas with different configurations", () => {
  const one = asExport([...boot(0), ...allUp(2), config(8, 4), config(60, 5)], "00aaaa");
  const other = asExport(
    [
      ...boot(1, "http2", OTHER),
      ...allUp(3),
      config(8, 4),
      line(400, "error", "update check failed", { error: "x" }),
    ],
    "00bbbb",
  );
  expect(diagnosisOf(JSON.stringify([...one, ...other]))).toMatchObject([
    { cause: "replica-mismatch", connector: OTHER },
  ]);
});

test("one that cannot read the newest configuration is no foreign connector, whoever tells of its version", () => {
  const unread = line(60, "error", "Failed to deserialize new configuration", { version: 5, error: "json" });
  const one = [...boot(0), ...allUp(2), config(8, 4), config(60, 5), retry(400, 0)];
  const other = [...boot(1, "http2", OTHER), ...allUp(3), config(8, 4), unread, retry(400, 0)];
  const log = JSON.stringify([...asExport(one, "00aaaa"), ...asExport(other, "00bbbb")]);
  const later = { now: new Date(BEGIN + 410_000) };
  expect(diagnosisOf(log, later)).toMatchObject([{ cause: "bad-config", connector: OTHER }]);
  const seen = (connector: string, configVersion: number): ConnectorFact => {
    const at = new Date(BEGIN + (connector === OTHER ? 400_000 : 70_000));
    const whole = { ours: true, version: "2026.9.1", connections: 4, expected: 4 };
    return { kind: "connector", at, connector, tunnelId: TUNNEL, configVersion, configReadAt: at, ...whole };
  };
  const answers = [seen(CONNECTOR, 5), seen(OTHER, 4)];
  expect(diagnose(answers, later)).toMatchObject([{ cause: "replica-mismatch", connector: OTHER }]);
  expect(diagnose([...readLog(log), ...answers], later).map(({ cause }) => cause)).toEqual(["bad-config"]);
});

test("an instance that was killed without a word is not behind the ones that took its place", () => {
  const killed = asExport([...boot(0), ...allUp(2), config(8, 4)], "00aaaa");
  const next = asExport([...boot(40, "http2", OTHER), ...allUp(42), config(48, 4), config(90, 5)], "00bbbb");
  const later = { now: new Date(BEGIN + 300_000) };
  expect(diagnosisOf(JSON.stringify([...killed, ...next]), later)).toEqual([]);
});
