// What the store tells whoever watches the bot.
import { expect, test } from "vitest";
import { createAnnouncements, MAX_ATTEMPTS } from "../../src/store/announcements.ts";
import { readFigures } from "../../src/store/figures.ts";
import { onBothEngines } from "../engines.ts";
import { ASKED, approvalBy, clickOf, LEE, minutesPast, pendingExposure, storeOn } from "./sample-exposure.ts";

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
});
