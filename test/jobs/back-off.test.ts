// How soon what was waited for in vain is looked at again.
import { expect, test } from "vitest";
import { tookTooLong } from "../../src/domain/exposure.ts";
import { patience } from "../../src/jobs/back-off.ts";
import { at, NOON, sampleExposure } from "../domain/exposure-sample.ts";

test("a wait grows to ten seconds, and to a minute once an opening would have been given up", () => {
  expect(patience(0)).toBe(300);
  let [attempts, waitedMs] = [0, 0];
  while (patience(attempts) <= 10_000) {
    waitedMs += patience(attempts);
    attempts += 1;
  }
  const { progress } = sampleExposure();
  const opening = sampleExposure({ phase: "opening", progress: { ...progress, since: NOON } });
  expect(tookTooLong(opening, at(waitedMs / 60_000))).toBe(true);
  expect(tookTooLong(opening, at(waitedMs / 60_000 - 2))).toBe(false);
  expect(patience(attempts)).toBe(60_000);
  expect(patience(10_000)).toBe(60_000);
});
