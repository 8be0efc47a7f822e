// What Slack has still to be told.
import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { type Announcements, createAnnouncements, MAX_ATTEMPTS } from "../../src/store/announcements.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { onBothEngines } from "../engines.ts";
import {
  ASHA,
  ASKED,
  approvalBy,
  clickOf,
  fullExposure,
  LEE,
  minutesPast,
  pendingExposure,
  storeOn,
} from "./sample-exposure.ts";

const CARD = { channel: "C-APPROVALS", ts: "1893499200.000200" };

onBothEngines("announcements", (open) => {
  let announcements: Announcements;
  let store: ExposureStore;
  let database: Database;

  beforeAll(async () => {
    database = await open();
    announcements = createAnnouncements(database.db);
    store = storeOn(database);
  });

  async function submitted(exposure = pendingExposure()) {
    await store.submit(exposure, ASKED);
    return exposure;
  }

  test("a card is behind until it shows the stored version", async () => {
    const { id } = await submitted();
    expect(await announcements.behind()).toContain(id);
    await announcements.setAnnounced(id, 1);
    expect(await announcements.behind()).not.toContain(id);
    expect(await announcements.announcedVersion(id)).toBe(1);
    await store.advance(id, clickOf(LEE), approvalBy(LEE));
    expect(await announcements.behind()).toContain(id);
  });

  test("an older drawing that comes late does not count back", async () => {
    const { id } = await submitted();
    await store.advance(id, clickOf(LEE), approvalBy(LEE));
    await announcements.setAnnounced(id, 2);
    await announcements.setAnnounced(id, 1);
    expect(await announcements.announcedVersion(id)).toBe(2);
  });

  test("an exposure with a message to send is behind, once, even where its card is not", async () => {
    const { id } = await submitted();
    await store.advance(id, clickOf(LEE), approvalBy(LEE));
    expect((await announcements.behind()).filter((each) => each === id)).toHaveLength(1);
    await announcements.setAnnounced(id, 2);
    expect(await announcements.behind()).toContain(id);
    const [message] = await announcements.unsent(id);
    await announcements.sent(message!.id, minutesPast(3), CARD);
    expect(await announcements.behind()).not.toContain(id);
    expect(await announcements.unsent(id)).toEqual([]);
  });

  test("a message carries what is needed to send it", async () => {
    const { id } = await submitted();
    await store.advance(id, clickOf(LEE), approvalBy(LEE));
    expect(await announcements.unsent(id)).toEqual([
      {
        id: expect.any(String),
        kind: "approved",
        recipient: ASHA.slackId,
        attempts: 0,
        createdAt: minutesPast(1),
        details: { notice: null },
      },
    ]);
  });

  test("a message that failed is tried again, and given up in the end", async () => {
    const { id } = await submitted();
    await store.advance(id, clickOf(LEE), approvalBy(LEE));
    await announcements.setAnnounced(id, 2);
    const [message] = await announcements.unsent(id);
    await announcements.attempted(message!.id, MAX_ATTEMPTS - 1);
    expect(await announcements.unsent(id)).toMatchObject([{ attempts: MAX_ATTEMPTS - 1 }]);
    await announcements.attempted(message!.id, MAX_ATTEMPTS);
    expect(await announcements.unsent(id)).toEqual([]);
    expect(await announcements.behind()).not.toContain(id);
  });

  test("noting the card changes nothing else: no field is lost, the version stays", async () => {
    const exposure = await submitted(fullExposure());
    await announcements.setCard(exposure.id, CARD);
    expect(await store.load(exposure.id)).toEqual({ ...exposure, card: CARD });
  });

  test("a new card shows no version yet, however much the one before it showed", async () => {
    const { id } = await submitted();
    await announcements.setCard(id, CARD);
    await announcements.setAnnounced(id, 1);
    await announcements.setCard(id, { ...CARD, ts: "1893499260.000300" });
    expect(await announcements.announcedVersion(id)).toBe(0);
    expect(await announcements.behind()).toContain(id);
  });

  test("the card that is noted while decisions are taken is kept, and so are they", async () => {
    const { id } = await submitted(pendingExposure({ approvalsNeeded: 9 }));
    const add = (exposure: Parameters<ReturnType<typeof approvalBy>>[0]) => ({
      ok: true as const,
      value: { ...exposure, extendedMinutes: exposure.extendedMinutes + 1 },
    });
    await Promise.all([
      store.advance(id, clickOf(LEE), add),
      announcements.setCard(id, CARD),
      store.advance(id, clickOf(LEE), add),
    ]);
    expect(await store.load(id)).toMatchObject({ card: CARD, extendedMinutes: 2, version: 3 });
  });

  test("a card shows the log-ins that it was drawn with, until it is outdated; only one that is up to date can be", async () => {
    const { id } = await submitted(fullExposure());
    const first = [{ applicationId: "app-1", email: "kim@example.com", at: minutesPast(3.01) }];
    const second = [{ applicationId: "app-2", email: "lee@example.com", at: minutesPast(5) }, ...first];
    const shownBy = async () => (await announcements.openCards()).find((each) => each.exposureId === id);
    expect(await shownBy()).toBeUndefined();
    const { version, progress } = (await store.load(id))!;
    await announcements.setAnnounced(id, version, first);
    expect(await shownBy()).toEqual({
      exposureId: id,
      applicationIds: progress.applicationIds,
      shown: first,
    });

    await announcements.outdate(id);
    expect(await announcements.behind()).toContain(id);
    expect(await shownBy()).toBeUndefined();
    await announcements.setAnnounced(id, version, second);
    expect(await shownBy()).toMatchObject({ shown: second });
  });

  test("what a card has shown of log-ins stays known while others are drawn, until it is told to forget", async () => {
    const { id } = await submitted();
    const logins = [{ applicationId: "app-1", email: "kim@example.com", at: minutesPast(3.01) }];
    expect(await announcements.loginsShown(id)).toBeNull();
    await announcements.setAnnounced(id, 1, logins);
    await announcements.setAnnounced(id, 2);
    await announcements.outdate(id);
    await announcements.setCard(id, CARD);
    expect(await announcements.loginsShown(id)).toEqual(logins);
    await announcements.setAnnounced(id, 3, null);
    expect(await announcements.loginsShown(id)).toBeNull();
    expect(await announcements.loginsShown("nothing")).toBeNull();
  });

  test("log-ins noted before they were noted with names count as not read", async () => {
    const { id } = await submitted();
    for (const logins_shown of ["2030-01-01T12:02:00.000Z 2030-01-01T12:01:00.000Z", ""]) {
      await database.db.updateTable("exposures").set({ logins_shown }).where("id", "=", id).execute();
      expect(await announcements.loginsShown(id)).toBeNull();
    }
  });

  test("a card from before all applications, and what drifted, were kept has the last one alone, and nothing", async () => {
    const exposure = await submitted(fullExposure());
    const { applicationIds: _, drifted: __, ...before } = exposure.progress;
    await database.db
      .updateTable("exposures")
      .set({ body: sql`jsonb_set(body, '{progress}', ${JSON.stringify(before)}::jsonb)` as never })
      .where("id", "=", exposure.id)
      .execute();
    const stored = await store.load(exposure.id);
    expect(stored?.progress).toEqual({ ...exposure.progress, applicationIds: ["app-2"], drifted: [] });
    await announcements.setAnnounced(exposure.id, stored!.version, []);
    const cards = await announcements.openCards();
    expect(cards.find((each) => each.exposureId === exposure.id)?.applicationIds).toEqual(["app-2"]);
  });

  test("outdating a card that lacks a change does not count it as shown", async () => {
    const { id } = await submitted();
    await store.advance(id, clickOf(LEE), approvalBy(LEE));
    await announcements.outdate(id);
    expect(await announcements.announcedVersion(id)).toBe(0);
  });

  test("what does not exist is not announced", async () => {
    expect(await announcements.announcedVersion("nothing")).toBe(0);
    await announcements.setCard("nothing", CARD);
    expect(await announcements.unsent("nothing")).toEqual([]);
  });
});
