// A change of an exposure is one transaction: the row, its votes, the audit, the messages and the jobs, or none of them.
import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { transition } from "../../src/domain/transition.ts";
import { createQueue, type Queue, wakerFor } from "../../src/jobs/queue.ts";
import { createAnnouncements } from "../../src/store/announcements.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import { rowsOf } from "./rows.ts";
import {
  ASHA,
  ASKED,
  approvalBy,
  clickOf,
  fullExposure,
  KIM,
  LEE,
  minutesPast,
  NOON,
  pendingExposure,
  storeOn,
} from "./sample-exposure.ts";

onBothEngines("exposures", (open) => {
  let database: Database;
  let queue: Queue;
  let store: ExposureStore;

  beforeAll(async () => {
    database = await open();
    queue = createQueue({ ...database, log: quiet });
    await queue.start();
    store = storeOn(database, wakerFor(queue));
    return () => queue.stop(1_000);
  });

  /** A store whose jobs are asked for, and whose transaction then fails. */
  function failingStore(): ExposureStore {
    return storeOn(database, async (trx, wakes) => {
      await wakerFor(queue)(trx, wakes);
      throw new Error("the queue is gone");
    });
  }

  test("a request is stored with its audit row and one job, and reads back as it was", async () => {
    const asked = fullExposure();
    expect(await store.submit(asked, ASKED)).toEqual({ ok: true, exposure: asked });
    expect(await store.load(asked.id)).toEqual(asked);
    expect(await rowsOf(database, asked)).toEqual({ exposures: 1, votes: 0, audit: 1, messages: 0, jobs: 1 });
  });

  test("what was stored before it was kept who gave more time does not tell", async () => {
    const asked = fullExposure();
    await store.submit(asked, ASKED);
    const body = sql`body - 'lengthenedInRound'` as never;
    await database.db.updateTable("exposures").set({ body }).where("id", "=", asked.id).execute();
    expect(await store.load(asked.id)).toEqual({ ...asked, lengthenedInRound: null });
  });

  test("what is empty stays empty: null is not turned into a date", async () => {
    const asked = pendingExposure({ remindAt: null });
    await store.submit(asked, ASKED);
    expect(await store.load(asked.id)).toEqual(asked);
  });

  test("dates read back as dates, to the millisecond, in votes as well", async () => {
    const asked = pendingExposure({ approvalsNeeded: 2 });
    await store.submit(asked, ASKED);
    await store.advance(asked.id, clickOf(LEE), approvalBy(LEE, new Date("2030-01-01T12:34:56.789Z")));
    const stored = await store.load(asked.id);
    expect(stored?.votes).toEqual([
      {
        round: 1,
        person: LEE,
        decision: "approve",
        minutes: null,
        at: new Date("2030-01-01T12:34:56.789Z"),
      },
    ]);
    expect(stored?.requestedAt).toEqual(NOON);
  });

  test("a request whose transaction fails leaves nothing, and can be made again", async () => {
    const asked = pendingExposure();
    const act = { ...ASKED, key: `view ${asked.id}` };
    await expect(failingStore().submit(asked, act)).rejects.toThrow("the queue is gone");
    expect(await rowsOf(database, asked)).toEqual({ exposures: 0, votes: 0, audit: 0, messages: 0, jobs: 0 });
    expect(await store.submit(asked, act)).toMatchObject({ ok: true });
  });

  test("a decision whose transaction fails leaves nothing, and the same click can decide again", async () => {
    const asked = pendingExposure();
    await store.submit(asked, ASKED);
    const before = await rowsOf(database, asked);
    const click = clickOf(LEE, `click ${asked.id}`);
    await expect(failingStore().advance(asked.id, click, approvalBy(LEE))).rejects.toThrow(
      "the queue is gone",
    );
    expect(await rowsOf(database, asked)).toEqual(before);
    expect(await store.load(asked.id)).toEqual(asked);
    expect(await store.advance(asked.id, click, approvalBy(LEE))).toMatchObject({
      ok: true,
      value: { phase: "approved", version: 2 },
    });
  });

  test("a decision is stored with its vote, audit row, message and jobs", async () => {
    const asked = pendingExposure();
    await store.submit(asked, ASKED);
    const verdict = await store.advance(asked.id, clickOf(LEE), approvalBy(LEE));
    expect(verdict).toEqual({ ok: true, value: await store.load(asked.id) });
    // One job redraws the card (it waited already), one opens the way.
    expect(await rowsOf(database, asked)).toEqual({ exposures: 1, votes: 1, audit: 2, messages: 1, jobs: 2 });
  });

  test("one person has one vote in a round, in whatever letters their email comes and whatever was judged of it", async () => {
    const asked = pendingExposure({ approvalsNeeded: 9 });
    await store.submit(asked, ASKED);
    await store.advance(asked.id, clickOf(LEE), approvalBy(LEE));
    const again = (round: number) =>
      store.advance(asked.id, clickOf(LEE), (exposure) => {
        const [vote] = exposure.votes;
        const person = { slackId: "U-LEE-2", email: LEE.email.toUpperCase() };
        return { ok: true, value: { ...exposure, votes: [...exposure.votes, { ...vote!, person, round }] } };
      });
    await expect(again(1)).rejects.toThrow();
    expect(await rowsOf(database, asked)).toMatchObject({ votes: 1, audit: 2 });
    expect(await again(2)).toMatchObject({ ok: true });
  });

  test("the version grows by one with each change, and not with a refusal", async () => {
    const asked = pendingExposure({ approvalsNeeded: 2 });
    await store.submit(asked, ASKED);
    const versions = [];
    for (const person of [LEE, ASHA, LEE, KIM]) {
      await store.advance(asked.id, clickOf(person), approvalBy(person));
      versions.push((await store.load(asked.id))?.version);
    }
    expect(versions).toEqual([2, 2, 2, 3]);
  });

  test("a refusal changes nothing and is told in the audit", async () => {
    const asked = pendingExposure();
    await store.submit(asked, ASKED);
    const verdict = await store.advance(asked.id, clickOf(ASHA), approvalBy(ASHA));
    expect(verdict).toEqual({ ok: false, because: "own-request" });
    expect(await store.load(asked.id)).toEqual(asked);
    expect(await rowsOf(database, asked)).toMatchObject({ votes: 0, audit: 2, messages: 0 });
  });

  test("what does not exist is refused", async () => {
    expect(await store.advance("nothing", clickOf(LEE), approvalBy(LEE))).toEqual({
      ok: false,
      because: "not-found",
    });
    expect(await store.load("nothing")).toBeNull();
  });

  test("the same submission twice is one request", async () => {
    const asked = pendingExposure();
    const act = { ...ASKED, key: `view ${asked.id}` };
    const first = await store.submit(asked, act);
    expect(await store.submit(asked, act)).toEqual(first);
    expect(await rowsOf(database, asked)).toMatchObject({ exposures: 1, audit: 1, jobs: 1 });
  });

  test("the same click twice is one decision, and is answered as done", async () => {
    const asked = pendingExposure({ approvalsNeeded: 2 });
    await store.submit(asked, ASKED);
    const click = clickOf(LEE, `click ${asked.id}`);
    const first = await store.advance(asked.id, click, approvalBy(LEE));
    expect(await store.advance(asked.id, click, approvalBy(LEE))).toEqual(first);
    expect(await rowsOf(database, asked)).toMatchObject({ votes: 1, audit: 2 });
  });

  test("a hostname belongs to one living exposure; a withdrawn one gives it back", async () => {
    const first = pendingExposure();
    const second = pendingExposure({ hostname: first.hostname });
    await store.submit(first, ASKED);
    expect(await store.submit(second, ASKED)).toEqual({ ok: false, taken: first });
    expect(await rowsOf(database, second)).toEqual({
      exposures: 0,
      votes: 0,
      audit: 0,
      messages: 0,
      jobs: 0,
    });
    await store.advance(first.id, { ...clickOf(ASHA), action: "withdraw" }, (exposure) =>
      transition(exposure, { kind: "withdraw", by: ASHA, at: minutesPast(2) }),
    );
    expect(await store.submit(second, ASKED)).toMatchObject({ ok: true });
    expect(await store.liveAt(first.hostname)).toMatchObject({ id: second.id });
  });

  test("a message is called for once, however often the change comes back", async () => {
    const asked = pendingExposure();
    await store.submit(asked, ASKED);
    await store.advance(asked.id, clickOf(LEE), approvalBy(LEE));
    const act = { actor: "converge", action: "settle", at: minutesPast(2) };
    await store.advance(asked.id, act, (exposure) => ({
      ok: true,
      value: { ...exposure, phase: "pending" },
    }));
    await store.advance(asked.id, act, (exposure) => ({
      ok: true,
      value: { ...exposure, phase: "approved" },
    }));
    const unsent = await createAnnouncements(database.db).unsent(asked.id);
    expect(unsent.map(({ kind, recipient }) => [kind, recipient])).toEqual([["approved", ASHA.slackId]]);
  });

  test("of a person's requests all that live are found, and the newest of the rest; a living one for the same service is too", async () => {
    const mine = { slackId: "U-NEW", email: "new@example.com" };
    const phases = ["open", "pending", "closed", "denied", "lapsed"] as const;
    const asked = phases.map((phase, index) =>
      pendingExposure({ phase, requester: mine, requestedAt: minutesPast(index) }),
    );
    for (const each of [...asked, fullExposure()]) await store.submit(each, ASKED);
    const found = async (most: number) =>
      (await store.ofRequester(mine.slackId, most)).map(({ phase }) => phase).sort();
    expect(await found(5)).toEqual([...phases].sort());
    expect(await found(2)).toEqual(["denied", "lapsed", "open", "pending"]);
    expect(await found(0)).toEqual(["open", "pending"]);
    expect(await store.sameRequest(mine.slackId, "shop/europe-west1/billing")).not.toBeNull();
    expect(await store.sameRequest(mine.slackId, "shop/europe-west1/other")).toBeNull();
  });
});
