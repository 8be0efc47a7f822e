// Two bots as processes of their own on one Postgres, one of which is killed in the middle: one effect for each decision,
// and nothing that was acked is lost. `npm run test:soak` does it with many more, and breaks Postgres as well.
import { afterAll, beforeAll, expect, test } from "vitest";
import { askAndApproveWhileOneIsKilled, createTwo, readiness, type Two } from "../two-processes.ts";

let two: Two;
beforeAll(async () => {
  two = await createTwo(2);
});
afterAll(() => two.world.close());

test("six requests, approved by two leads at once, while one of the two is killed", async () => {
  expect(await Promise.all(two.bots.map(readiness))).toEqual([
    expect.stringContaining('"store":"answers"'),
    expect.stringContaining('"store":"answers"'),
  ]);
  await askAndApproveWhileOneIsKilled(two, 2, 3);
}, 120_000);
