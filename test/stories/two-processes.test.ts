// Two bots as processes of their own on one Postgres, one of which is killed in the middle: one effect for each decision,
// and nothing that was acked is lost. `npm run test:soak` does it with many more, and breaks Postgres as well.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  approveAll,
  askForAll,
  createTwo,
  doubledCards,
  expectOneEffectEach,
  readiness,
  type Two,
} from "../two-processes.ts";

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
  const hosts = await askForAll(two, 2);
  const killed: Promise<void>[] = [];
  await approveAll(two, hosts, (done) => {
    if (done === 3) killed.push(two.bots[0]!.stop("SIGKILL"));
  });
  await Promise.all(killed);
  await expectOneEffectEach(two, hosts);
  // A card that Slack took in the moment of the kill is posted again.
  expect(doubledCards(two, hosts).length).toBeLessThanOrEqual(1);
}, 120_000);
