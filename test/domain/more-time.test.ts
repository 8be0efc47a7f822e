// How much more time may be asked for at once, and how much of it takes no approver.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { freeMinutesOf, whyNotLonger } from "../../src/domain/policy.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { fileWith, RULE } from "../policy-sample.ts";
import { billing, openExposure } from "./exposure-sample.ts";

const policyFor = (services: string[]) =>
  parsePolicy(
    stringify(
      fileWith({ rules: [{ ...RULE, services, maxDuration: "1h", presets: ["1h"], freeExtension: "90m" }] }),
    ),
  );
const policy = policyFor(["*"]);
const without = policyFor(["reports"]);

test.each([
  [0, 60],
  [40, 50],
  [90, 0],
  // Of a policy that gave more.
  [100, 0],
])("after %i free minutes, %i are left, and never more than may be had at once", (extendedMinutes, left) => {
  expect(freeMinutesOf(policy, openExposure({ extendedMinutes }))).toBe(left);
  expect(freeMinutesOf(without, openExposure({ extendedMinutes }))).toBe(0);
});

test.each([
  [0, { because: "over-maximum", maxMinutes: 60 }],
  [1, null],
  [60, null],
  [61, { because: "over-maximum", maxMinutes: 60 }],
])("%i minutes more: %o", (minutes, refusal) => {
  expect(whyNotLonger(policy, billing, minutes)).toEqual(refusal);
  expect(whyNotLonger(without, billing, minutes)).toEqual({ because: "over-maximum", maxMinutes: 0 });
});
