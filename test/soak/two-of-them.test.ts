// Two processes on one Postgres under load: one of them is killed in the middle, Postgres crashes, Postgres stands still.
import { expect, test } from "vitest";
import { type OwnPostgres, startOwnPostgres } from "../own-postgres.ts";
import {
  approveAll,
  askAndApproveWhileOneIsKilled,
  askForAll,
  createTwo,
  doubledCards,
  expectOneEffectEach,
  readiness,
  type Two,
} from "../two-processes.ts";

/** Three people ask for each. Slack lets one card a second be posted: what is many takes its time. */
const MANY = 67;
const FEW = 4;

async function withTwo(services: number, run: (two: Two) => Promise<void>, url?: string): Promise<void> {
  const two = await createTwo(services, url);
  await run(two).finally(() => two.world.close());
}

test("201 requests and 402 approvals over two processes, one of which is killed in the middle", () =>
  withTwo(MANY, (two) => askAndApproveWhileOneIsKilled(two, MANY, 100)));

test("Postgres crashes in the middle, and then stands still for a while", async () => {
  const postgres = await startOwnPostgres();
  try {
    await withTwo(FEW, (two) => disturbed(two, postgres), postgres.url);
  } finally {
    await postgres.stop();
  }
});

async function disturbed(two: Two, postgres: OwnPostgres): Promise<void> {
  const { world, bots } = two;
  const hosts = await askForAll(two, FEW);
  const all = async (words: string[]) => {
    const said = await Promise.all(bots.map(readiness));
    return said.every((each) => words.every((word) => each.includes(word)));
  };
  let paused = false;
  const approving = approveAll(two, hosts, (done) => {
    if (done === 3) postgres.crash();
    if (done !== 6) return;
    postgres.pause();
    paused = true;
  });
  const silent = () => all(["503", '"store":"does not answer"']);
  // After its crash it is silent for a moment too.
  await world.until("Postgres stands still", () => paused, 120);
  await world.until("both say that the store does not answer", silent, 60);
  postgres.goOn();
  await world.until("both are ready again", () => all(["200", '"store":"answers"']), 60);
  await approving;
  await expectOneEffectEach(two, hosts);
  expect(doubledCards(two, hosts)).toEqual([]);
}
