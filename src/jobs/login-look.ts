// A log-in at Access changes no exposure, and is yet to be seen on its card: looked for at each sweep, all of them by one call.
import { outdatedByLogins } from "../domain/logins.ts";
import type { Access } from "../services/access.ts";
import type { Announcements } from "../store/announcements.ts";

type Tools = {
  access: Pick<Access, "recentLogins">;
  announcements: Pick<Announcements, "openCards" | "outdate">;
  callsAreShort: () => boolean;
  wake: (job: "announce", key: string) => Promise<void>;
};

/** Slack lets some 50 messages a minute be changed, and cards that people decide on are among them. */
const MOST_AT_ONCE = 20;

export function createLoginLook(tools: Tools) {
  return async (): Promise<void> => {
    const cards = await tools.announcements.openCards();
    if (cards.length === 0 || tools.callsAreShort()) return;
    const log = await tools.access.recentLogins();
    if (log === null) return;
    for (const id of outdatedByLogins(cards, log.logins).slice(0, MOST_AT_ONCE)) {
      await tools.announcements.outdate(id);
      await tools.wake("announce", id);
    }
  };
}
