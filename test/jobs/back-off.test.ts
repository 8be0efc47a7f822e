// How soon what was waited for in vain, or met a fault, is looked at again.
import { expect, test } from "vitest";
import { type Exposure, tookTooLong } from "../../src/domain/exposure.ts";
import { targetOf } from "../../src/domain/target.ts";
import { patience } from "../../src/jobs/back-off.ts";
import { at, NOON, sampleExposure } from "../domain/exposure-sample.ts";
import { onPostgres } from "../engines.ts";
import { ASHA, ASKED, pendingExposure, storeOn } from "../store/sample-exposure.ts";
import { settlingOn } from "./settling-on.ts";

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

async function settlingOf(change: Partial<Exposure>) {
  const database = await onPostgres();
  const exposures = storeOn(database);
  const exposure = pendingExposure(change);
  await exposures.submit(exposure, ASKED);
  const settling = settlingOn(database, exposures, NOON);
  return {
    fault: () => settling.faultAlone(exposure, "observe", new Error("fetch failed")),
    done: () =>
      settling.record(targetOf(exposure), { exposureId: exposure.id, kind: "done", step: "record" }),
    found: async () => (await exposures.load(exposure.id)) as Exposure,
    schedule: async () => (await exposures.schedulesOf(exposure.tunnelId))[0],
  };
}

test("what meets fault after fault is tried ever less often, at last once a minute", async () => {
  const closing = { because: "requester", by: ASHA.slackId, detail: null, at: NOON } as const;
  const { fault, schedule } = await settlingOf({ phase: "closing", closing });
  const waits: number[] = [];
  for (let count = 0; count < 9; count++) {
    await fault();
    waits.push(((await schedule())?.next?.getTime() ?? 0) - NOON.getTime());
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test("where a tunnel cannot be read, all that waits for it comes back together, with the most patient", async () => {
  const database = await onPostgres();
  const exposures = storeOn(database);
  const opening = { phase: "opening", tunnelId: "tunnel-1" } as const;
  const both = [pendingExposure(opening), pendingExposure(opening)] as const;
  for (const each of both) await exposures.submit(each, ASKED);
  const settling = settlingOn(database, exposures, NOON);
  for (let count = 0; count < 3; count++)
    await settling.faultAlone(both[0], "observe", new Error("fetch failed"));
  await settling.fault([...both], new Error("fetch failed"));
  const schedules = await exposures.schedulesOf(opening.tunnelId);
  const next = new Date(NOON.getTime() + 4_000);
  expect(schedules.map((each) => [each.attempts, each.next])).toEqual([
    [4, next],
    [4, next],
  ]);
});

test("an opening that meets six faults in a row is given up; a step that gets done counts them anew", async () => {
  const { fault, done, found } = await settlingOf({ phase: "opening" });
  for (let count = 0; count < 5; count++) await fault();
  await done();
  for (let count = 0; count < 5; count++) await fault();
  expect((await found()).phase).toBe("opening");
  await fault();
  expect(await found()).toMatchObject({ phase: "closing", closing: { because: "cannot-open" } });
});
