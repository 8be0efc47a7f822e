// The section `health` of the policy file.
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { DEFAULT_LIMITS } from "../src/domain/incident.ts";
import { parsePolicy } from "../src/policy-file.ts";
import { fileWith, wrong } from "./policy-sample.ts";

it("may be left out, or say one thing", () => {
  expect(parsePolicy(stringify(fileWith())).health).toEqual({
    limits: DEFAULT_LIMITS,
    onCall: null,
    runbookUrl: null,
  });
  const { health } = parsePolicy(stringify(fileWith({ health: { outageAfter: "0s" } })));
  expect(health.limits).toEqual({ ...DEFAULT_LIMITS, outageMs: 0 });
});

it("may say all of it", () => {
  const health = {
    outageAfter: "90s",
    degradedAfter: "10m",
    recoveredAfter: "2m",
    flapping: { drops: 5, within: "1h" },
    restartLoop: { starts: 4, within: "20m" },
    onCall: "S0ONCALL",
    runbook: "https://wiki.lakeside.example/drawbridge/runbook",
  };
  expect(parsePolicy(stringify(fileWith({ health }))).health).toEqual({
    limits: {
      outageMs: 90_000,
      degradedMs: 600_000,
      recoveredMs: 120_000,
      flapping: { drops: 5, withinMs: 3_600_000 },
      restartLoop: { starts: 4, withinMs: 1_200_000 },
    },
    onCall: "S0ONCALL",
    runbookUrl: "https://wiki.lakeside.example/drawbridge/runbook",
  });
});

it.each([
  [{ outageAfter: "soon" }, "outageAfter is not a time such as 30s, 5m or 1h"],
  [{ outageAfter: 60 }, "outageAfter is not a time such as 30s, 5m or 1h"],
  [{ flapping: { drops: 1 } }, "flapping.drops "],
  [{ onCall: "oncall" }, "onCall is not a Slack user group id (S…)"],
  [{ runbook: "javascript:alert(1)" }, "runbook is not a web address"],
  [{ pager: true }, ""],
])("refuses %j", (health, problem) => {
  const problems = wrong({ health });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`policy: health${problem ? `.${problem}` : ""}`);
});
