// What each fault looks like from its first line on, in every form that a log comes in.
import { expect, test } from "vitest";
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import { EDGE_CASES } from "./diagnosis-edge-cases.ts";
import { OTHER_CASES } from "./diagnosis-other-cases.ts";
import {
  allUp,
  asExport,
  asJson,
  asText,
  boot,
  diagnosisOf,
  originFault,
  readLog,
} from "./diagnosis-scripts.ts";

const CASES = [...EDGE_CASES, ...OTHER_CASES];

test.each(CASES)("%s, as JSON", (_, lines, cause, severity) => {
  expect(diagnosisOf(asJson(lines))).toMatchObject([{ cause, severity }]);
});

test.each(CASES)("%s, as text", (_, lines, cause, severity) => {
  expect(diagnosisOf(asText(lines))).toMatchObject([{ cause, severity }]);
});

test.each(CASES)("%s, as an export of Cloud Logging", (_, lines, cause, severity) => {
  const entries = asExport(lines);
  expect(diagnosisOf(JSON.stringify(entries.toReversed(), null, 2))).toMatchObject([{ cause, severity }]);
  expect(diagnosisOf(entries.map((entry) => JSON.stringify(entry)).join("\n"))).toMatchObject([
    { cause, severity },
  ]);
});

test.each(CASES)("%s, with every line twice", (_, lines, cause, severity) => {
  const twice = lines.flatMap((each) => [each, each]);
  expect(diagnosisOf(asJson(twice))).toMatchObject([{ cause, severity }]);
  expect(diagnosisOf(asJson([...lines, ...lines]))).toMatchObject([{ cause, severity }]);
});

test.each(CASES)("%s, with a healthy connector in between", (_, lines, cause, severity) => {
  const healthy = asExport(
    [...boot(0, "http2", "99999999-0000-4000-8000-000000000001"), ...allUp(1)],
    "00healthy",
  );
  const mixed = [...healthy, ...asExport(lines)].toSorted((a, b) =>
    String(a.timestamp).localeCompare(String(b.timestamp)),
  );
  const found = diagnose(readLog(JSON.stringify(mixed)));
  expect(found.map((each) => each.cause)).toEqual([cause]);
  expect(found[0]?.connector).not.toBe("99999999-0000-4000-8000-000000000001");
  expect(found[0]?.severity).toBe(severity);
});

test.each(CASES)("%s: the remedy names a setting and its page", (_, lines, cause) => {
  const [found] = diagnosisOf(asJson(lines));
  expect(found?.remedy).toMatch(new RegExp(`docs/runbook/${cause}\\.md$`));
  expect(found?.evidence.length).toBeGreaterThan(0);
  expect(found?.evidence.length).toBeLessThanOrEqual(5);
});

test.each([1, 2, 3, 8])(
  "of a fault of an origin, %i lines are counted, and five at most are kept",
  (count) => {
    const refused = "dial tcp 10.8.0.4:443: connect: connection refused";
    const faults = Array.from({ length: count }, (_, index) => originFault(100 + index, refused));
    const [found] = diagnosisOf(asJson([...boot(0), ...allUp(2), ...faults]));
    expect(found).toMatchObject({ cause: "origin-refused", seen: count });
    expect(found?.evidence).toHaveLength(Math.min(count, 5));
  },
);
