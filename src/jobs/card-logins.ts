// What the card of an open exposure is to say of log-ins: by Access's log, and by what it has shown.
import type { Exposure } from "../domain/exposure.ts";
import { type LoginsToShow, loginsToShow } from "../domain/logins.ts";
import type { Access } from "../services/access.ts";
import { orNothing } from "../services/failure.ts";
import type { Announcements } from "../store/announcements.ts";

type Tools = {
  access: Pick<Access, "recentLogins">;
  announcements: Pick<Announcements, "loginsShown">;
};

/** Cards that are drawn one after the other need no reading each. */
const AGE_MS = 5_000;

export function createCardLogins({ access, announcements }: Tools) {
  return async ({ id, openedAt, progress }: Exposure): Promise<LoginsToShow | null> => {
    const [log, shown] = await Promise.all([
      orNothing(access.recentLogins({ maxAgeMs: AGE_MS })),
      announcements.loginsShown(id),
    ]);
    return loginsToShow(log, { applicationIds: progress.applicationIds, shown }, openedAt);
  };
}
