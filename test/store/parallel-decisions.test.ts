// Many people, many clicks, two processes' worth of connections: each decision has one effect.
import { expect, onTestFinished, test } from "vitest";
import { type Database, openDatabase } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createGuards } from "../../src/store/guards.ts";
import { createTestDatabase } from "../postgres.ts";
import { rowsOf } from "./rows.ts";
import { ASKED, approvalBy, clickOf, KIM, LEE, pendingExposure, SAM, storeOn } from "./sample-exposure.ts";

/** Two pools on one database, as two replicas of the bot have them. */
async function twoReplicas(): Promise<{ databases: Database[]; stores: ExposureStore[] }> {
  const { url, drop } = await createTestDatabase();
  const databases = [await openDatabase({ url, dataDir: "" }), await openDatabase({ url, dataDir: "" })];
  onTestFinished(async () => {
    for (const database of databases) await database.close();
    await drop();
  });
  return { databases, stores: databases.map((database) => storeOn(database)) };
}

/** On a slow machine a click can run into the store's time limit; then the same click comes again, as it does from Slack. */
async function pressed<T>(click: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await click();
    } catch (error) {
      if (attempt === 20) throw error;
    }
}

const LEADS = [LEE, KIM, SAM];

for (const [needed, phase] of [
  [1, "approved"],
  [2, "approved"],
  [3, "approved"],
  [4, "pending"],
] as const)
  test(`50 clicks of 3 people where ${needed} have to agree: ${phase}, one vote each, one quorum`, async () => {
    const { databases, stores } = await twoReplicas();
    const asked = pendingExposure({ approvalsNeeded: needed });
    await stores[0]!.submit(asked, ASKED);

    const verdicts = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const lead = LEADS[index % LEADS.length]!;
        const click = clickOf(lead, `click ${index}`);
        return pressed(() => stores[index % 2]!.advance(asked.id, click, approvalBy(lead)));
      }),
    );

    const votes = Math.min(needed, LEADS.length);
    const stored = await stores[0]!.load(asked.id);
    expect(stored).toMatchObject({ phase, version: 1 + votes });
    expect(new Set(stored?.votes.map(({ person }) => person.email)).size).toBe(votes);
    const refusals = verdicts.flatMap((verdict) => (verdict.ok ? [] : [verdict.because]));
    for (const because of refusals) expect(["already-voted", "already-decided"]).toContain(because);
    expect(await rowsOf(databases[1]!, asked)).toMatchObject({
      votes,
      messages: phase === "approved" ? 1 : 0,
      // The submission, and each click once.
      audit: 51,
    });
  });

test("one click delivered 20 times at once is one vote and one audit row", async () => {
  const { databases, stores } = await twoReplicas();
  const asked = pendingExposure({ approvalsNeeded: 2 });
  await stores[0]!.submit(asked, ASKED);
  const verdicts = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      pressed(() => stores[index % 2]!.advance(asked.id, clickOf(LEE, "one click"), approvalBy(LEE))),
    ),
  );
  expect(verdicts.every(({ ok }) => ok)).toBe(true);
  expect(await rowsOf(databases[0]!, asked)).toMatchObject({ votes: 1, audit: 2 });
  expect(await stores[0]!.load(asked.id)).toMatchObject({ version: 2 });
});

test("of 20 requests for one hostname at once one is taken, and the others are told by whom", async () => {
  const { stores } = await twoReplicas();
  const hostname = "wanted.example.com";
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const asked = pendingExposure({ hostname });
      const act = { ...ASKED, key: asked.id };
      return pressed(() => stores[index % 2]!.submit(asked, act));
    }),
  );
  const winner = await stores[0]!.liveAt(hostname);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(new Set(answers.map((answer) => (answer.ok ? answer.exposure.id : answer.taken?.id)))).toEqual(
    new Set([winner?.id]),
  );
});

test("20 changes at once of other fields are all kept, and the version counts them", async () => {
  const { stores } = await twoReplicas();
  const asked = pendingExposure({ extendedMinutes: 0 });
  await stores[0]!.submit(asked, ASKED);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      pressed(() =>
        stores[index % 2]!.advance(asked.id, clickOf(LEE, `add ${index}`), (exposure) => ({
          ok: true,
          value: { ...exposure, extendedMinutes: exposure.extendedMinutes + 1 },
        })),
      ),
    ),
  );
  expect(await stores[0]!.load(asked.id)).toMatchObject({ extendedMinutes: 20, version: 21 });
});

test("a fence is given to one pass only, and the highest alone holds", async () => {
  const { databases } = await twoReplicas();
  const guards = databases.map(({ db }) => createGuards(db));
  const fences = await Promise.all(
    Array.from({ length: 40 }, (_, index) => guards[index % 2]!.raiseFence("tunnel-1")),
  );
  expect([...fences].sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 40 }, (_, index) => String(index + 1)),
  );
  const holding = [];
  for (const fence of fences)
    if (await guards[0]!.beginWrite("tunnel-1", fence, new Date())) holding.push(fence);
  expect(holding).toEqual(["40"]);
});
