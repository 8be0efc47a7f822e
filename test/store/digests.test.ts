// What people decide on has a digest: a plan that changes has another, and the audit says what each stood for.
import { beforeAll, expect, test } from "vitest";
import { type Event, transition } from "../../src/domain/transition.ts";
import { type AuditEntry, readAudit } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { createExposures } from "../../src/store/exposures.ts";
import { onBothEngines } from "../engines.ts";
import { ASKED, clickOf, KIM, LEADS, LEE, minutesPast, NOON, pendingExposure } from "./sample-exposure.ts";

onBothEngines("digests", (open) => {
  let database: Database;

  beforeAll(async () => {
    database = await open();
  });

  test("the audit says of each digest what it stands for, and by whom it may be decided", async () => {
    const policy = { digest: "one", deciders: LEADS };
    const tools = { db: database.db, wake: async () => undefined };
    const { digestOf, decidersOf } = { digestOf: () => policy.digest, decidersOf: () => policy.deciders };
    const changing = createExposures({ ...tools, digestOf, decidersOf });
    const [asked, adopted] = [pendingExposure(), pendingExposure()];
    await changing.submit(asked, ASKED);
    await changing.adopt(adopted, { ...ASKED, action: "adopt" });
    const note = (event: Event) =>
      changing.advance(asked.id, clickOf(LEE), (each) => transition(each, event));
    await note({ kind: "reminded" });
    Object.assign(policy, { digest: "two", deciders: { groups: [], people: [KIM.slackId] } });
    await note({ kind: "replan", approvalsNeeded: 2 });
    const rows: AuditEntry[] = [];
    for await (const row of readAudit(database.db, NOON)) rows.push(row);
    const of = (id: string) =>
      rows.filter(({ exposureId }) => exposureId === id).map(({ details }) => details);
    const origin = asked.service.url;
    const first = { origin, approvalsNeeded: 1, deciders: LEADS, digest: "one" };
    expect(of(adopted.id)).toMatchObject([first]);
    expect(of(asked.id)).toEqual([
      expect.objectContaining(first),
      { phase: "pending", round: 1 },
      { phase: "pending", round: 2, origin, approvalsNeeded: 2, ...policy },
    ]);
  });

  test("a change of the plan has its own digest: the buttons that were shown before are stale", async () => {
    const byRound = createExposures({
      db: database.db,
      wake: async () => undefined,
      digestOf: ({ round }) => `the plan of round ${round}`,
      decidersOf: () => LEADS,
    });
    const asked = pendingExposure();
    await byRound.submit(asked, ASKED);
    expect(await byRound.load(asked.id)).toMatchObject({ digest: "the plan of round 1" });
    const act = { actor: "policy", action: "replan", at: minutesPast(1) };
    const replanned = await byRound.advance(asked.id, act, (exposure) =>
      transition(exposure, { kind: "replan", approvalsNeeded: 2 }),
    );
    expect(replanned).toMatchObject({ value: { digest: "the plan of round 2" } });
    expect(await byRound.load(asked.id)).toMatchObject({ digest: "the plan of round 2" });
  });
});
