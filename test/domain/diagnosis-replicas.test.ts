// Connectors of one tunnel that do or do not belong together, as their logs show them.
import { expect, test } from "vitest";
import { createDiagnostician } from "../../src/domain/diagnosis/diagnose.ts";
import { createLogReader } from "../../src/services/connector-log.ts";
import {
  allUp,
  asExport,
  asJson,
  BEGIN,
  boot,
  diagnosisOf,
  line,
  OTHER,
  retry,
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

test("an instance that was killed without a word is not behind the ones that took its place", () => {
  const killed = asExport([...boot(0), ...allUp(2), config(8, 4)], "00aaaa");
  const next = asExport([...boot(40, "http2", OTHER), ...allUp(42), config(48, 4), config(90, 5)], "00bbbb");
  const later = { now: new Date(BEGIN + 300_000) };
  expect(diagnosisOf(JSON.stringify([...killed, ...next]), later)).toEqual([]);
});
