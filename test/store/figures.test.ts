// What the store tells whoever watches the bot.
import { expect, test } from "vitest";
import type { Incident, Member } from "../../src/domain/incident.ts";
import { createAnnouncements, MAX_ATTEMPTS } from "../../src/store/announcements.ts";
import { readFigures } from "../../src/store/figures.ts";
import { createIncidentMessages } from "../../src/store/incident-messages.ts";
import { createIncidents } from "../../src/store/incidents.ts";
import { onBothEngines } from "../engines.ts";
import { incident } from "../views/incident-samples.ts";
import { ASKED, approvalBy, clickOf, LEE, minutesPast, pendingExposure, storeOn } from "./sample-exposure.ts";

const over = (member: Member): Member => ({ ...member, endedAt: minutesPast(6) });

onBothEngines("figures", (open) => {
  test("a message waits until it is sent or given up: after that no alarm may sound for it any more", async () => {
    const database = await open();
    const announcements = createAnnouncements(database.db);
    const store = storeOn(database);
    const { id } = pendingExposure();
    await store.submit(pendingExposure({ id }), ASKED);
    await store.advance(id, clickOf(LEE), approvalBy(LEE));
    const [message] = await announcements.unsent(id);
    const waiting = async () => (await readFigures(database.db, minutesPast(11))).oldestDue.message;
    await announcements.attempted(message!.id, MAX_ATTEMPTS - 1);
    expect(await waiting()).toBe(600);
    await announcements.attempted(message!.id, MAX_ATTEMPTS);
    expect(await waiting()).toBe(0);
  });

  test("an incident that Slack does not take waits like a message, and so does what is to be said of it", async () => {
    const database = await open();
    const incidents = createIncidents({ db: database.db, wake: async () => {} });
    const messages = createIncidentMessages(database.db);
    const waiting = async () => (await readFigures(database.db, minutesPast(11))).oldestDue.message;
    const opened = incident({ openedAt: minutesPast(1), message: null });
    const look = (at: Date, after: Incident) =>
      incidents.look(at, new Date(0), () => ({ watches: [], incidents: [after] }));
    expect(await waiting()).toBe(0);
    await look(minutesPast(1), opened);
    expect(await waiting()).toBe(600);
    await messages.setMessage(opened.id, { channel: "C0ALERTS", ts: "1.1" });
    expect(await waiting()).toBe(0);
    const ended = { ...opened, version: 2, phase: "ended" as const, endedAt: minutesPast(6) };
    await look(minutesPast(6), { ...ended, members: ended.members.map(over) });
    expect(await waiting()).toBe(300);
    for (const { id } of await messages.unsent(opened.id)) await messages.attempted(id, MAX_ATTEMPTS);
    expect(await waiting()).toBe(0);
  });
});
