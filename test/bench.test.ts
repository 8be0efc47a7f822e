// The bench runs: a figure small enough for every run is taken from the real bot, and its table and JSON can be read. What
// it counts is held here too; what it times never is.
import { afterAll, beforeAll, expect, test } from "vitest";
import { answers } from "../bench/answers.ts";
import { burst } from "../bench/burst.ts";
import { longestChain } from "../bench/calls.ts";
import { type Measure, quantile } from "../bench/figure.ts";
import { opening } from "../bench/opening.ts";
import { type Bench, createBench } from "../bench/stage.ts";
import { sweep } from "../bench/sweep.ts";
import { tableOf } from "../bench/table.ts";
import { madeOnce } from "./made-once.ts";

let bench: Bench;
beforeAll(async () => {
  // In less of a hurry than most tests: a pass has to take a while for the approvals of a second to meet in it.
  bench = await createBench(await madeOnce("bundle"), { PROOF_INTERVAL_MS: "400" });
});
afterAll(() => bench.close());

function measured(measures: Measure[], what: string): number {
  const found = measures.find((each) => each.what.includes(what));
  if (!found)
    throw new Error(`nothing was measured of "${what}": ${measures.map((each) => each.what).join(", ")}`);
  return found.value;
}

test("a sweep asks for pages, not for each exposure, and writes nothing", async () => {
  const measures = await sweep([1, 30], 1).run(bench);
  const calls = measured(measures, "over 1 unchanged: calls");
  expect(calls).toBeGreaterThan(0);
  expect(calls).toBeLessThanOrEqual(10);
  expect(measured(measures, "over 30 unchanged: calls")).toBe(calls);
  expect(measured(measures, "over 30 unchanged: rows written to our tables")).toBe(0);
});

test("approvals of one moment share the writes of their tunnel's configuration", async () => {
  const measures = await burst(12).run(bench);
  const writes = measured(measures, "writes of the tunnel's configuration");
  expect(writes).toBeGreaterThan(0);
  expect(writes).toBeLessThanOrEqual(5);
  expect(measured(measures, "holes at any moment")).toBe(0);
});

test("a click changes its card, the bot's and bare Bolt's", async () => {
  const measures = await answers(2, 0).run(bench);
  expect(measured(measures, "click to card updated")).toBeGreaterThan(0);
  expect(measured(measures, "click to ack")).toBeGreaterThan(0);
  expect(
    measures.filter(({ what }) => what.includes("bare Bolt, p50")).map(({ value }) => value > 0),
  ).toEqual([true, true]);
});

test("few calls of an opening wait for one another", async () => {
  const measures = await opening(1).run(bench);
  const chain = measured(measures, "calls that wait for one another");
  expect(chain).toBeGreaterThan(0);
  expect(chain).toBeLessThanOrEqual(7);
  const machine = {
    cpu: "a CPU",
    cores: 2,
    memoryGiB: 4,
    system: "Linux",
    node: "v24",
    postgres: "18",
    date: "2026-11-24",
  };
  expect(tableOf(machine, [{ figure: "opening", measures }])).toMatch(/opening +approve to open.+ ms/);
});

test("calls side by side count once, calls after one another each", () => {
  const call = (beganAt: number, endedAt: number) => ({
    kind: "call" as const,
    name: "GET",
    beganAt,
    endedAt,
  });
  expect(
    longestChain([call(0, 100), call(0, 90), call(100, 200), call(110, 190), call(200, 300)]),
  ).toHaveLength(3);
  expect(longestChain([])).toEqual([]);
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
});
