// Every emulated RPC is documented by the vendor and called by a test, and nothing else is claimed.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createClock } from "../../sandbox/clock.ts";
import { createFaults } from "../../sandbox/faults.ts";
import { googleCoverage } from "../../sandbox/google/coverage.ts";
import { emulatedRpcs } from "../../sandbox/google/index.ts";
import { createJournal } from "../../sandbox/journal.ts";

const shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };

test("the list of covered RPCs is the list of emulated ones", () => {
  expect(googleCoverage.map(({ endpoint }) => endpoint).sort()).toEqual(emulatedRpcs(shared).sort());
});

test.each(googleCoverage)("$endpoint is called in $test", ({ endpoint, documentation, test: file }) => {
  const [service = "", rpc = ""] = endpoint.split("/");
  const method = `${rpc.charAt(0).toLowerCase()}${rpc.slice(1)}`;
  expect(documentation).toMatch(/^https:\/\/cloud\.google\.com\//);
  expect(documentation.endsWith(`#${service}.${rpc}`)).toBe(true);
  expect(readFileSync(file, "utf8")).toMatch(new RegExp(`\\.${method}(Async)?\\(`));
});
