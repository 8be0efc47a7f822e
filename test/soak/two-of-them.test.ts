// Two processes on one Postgres under load: one of them is killed in the middle, Postgres crashes, Postgres stands still.
import { expect, test } from "vitest";
import { startOwnPostgres } from "../own-postgres.ts";
import {
  approveAll,
  askForAll,
  createTwo,
  doubledCards,
  expectOneEffectEach,
  readiness,
  type Two,
} from "../two-processes.ts";

const SERVICES = 20;

async function withTwo(databaseUrl: string | undefined, run: (two: Two) => Promise<void>): Promise<void> {
  const two = await createTwo(SERVICES, databaseUrl);
  await run(two).finally(() => two.world.close());
}

test("60 requests and 120 approvals over two processes, one of which is killed in the middle", () =>
  withTwo(undefined, async (two) => {
    const asking = askForAll(two, SERVICES);
    const killed: Promise<void>[] = [];
    await approveAll(two, await asking, (done) => {
      if (done === 30) killed.push(two.bots[0]!.stop("SIGKILL"));
    });
    await Promise.all(killed);
    const hosts = await asking;
    await expectOneEffectEach(two, hosts);
    // A card that Slack took in the moment of the kill is posted again.
    expect(doubledCards(two, hosts).length).toBeLessThanOrEqual(1);
  }));

test("Postgres crashes in the middle, and then stands still for a while", async () => {
  const postgres = await startOwnPostgres();
  try {
    await withTwo(postgres.url, async (two) => {
      const asking = askForAll(two, SERVICES);
      const hosts = await asking;
      const approving = approveAll(two, hosts, (done) => {
        if (done === 15) postgres.crash();
        if (done === 30) postgres.pause();
      });
      const { world, bots } = two;
      await world.until(
        "both say that the store does not answer",
        async () => {
          const said = await Promise.all(bots.map(readiness));
          return said.every((each) => each.startsWith("503") && each.includes('"store":"does not answer"'));
        },
        200,
      );
      postgres.goOn();
      await world.until(
        "both are ready again",
        async () => {
          const said = await Promise.all(bots.map(readiness));
          return said.every((each) => each.startsWith("200"));
        },
        60,
      );
      await approving;
      await expectOneEffectEach(two, hosts);
      expect(doubledCards(two, hosts)).toEqual([]);
    });
  } finally {
    await postgres.stop();
  }
});
