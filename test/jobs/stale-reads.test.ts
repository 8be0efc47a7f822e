// What was called for by an exposure as it was read, and is not any more once it was extended in between, does not happen.
import { expect, test } from "vitest";
import { type Exposure, minutesAfter } from "../../src/domain/exposure.ts";
import { transition } from "../../src/domain/transition.ts";
import { createDue } from "../../src/jobs/due.ts";
import { createSettling } from "../../src/jobs/settling.ts";
import { createAnnouncements } from "../../src/store/announcements.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createGuards } from "../../src/store/guards.ts";
import { createIncidentMessages } from "../../src/store/incident-messages.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import { rowsOf } from "../store/rows.ts";
import { ASHA, ASKED, minutesPast, NOON, PLAN, pendingExposure, storeOn } from "../store/sample-exposure.ts";

function openExposure(): Exposure {
  const endsAt = minutesPast(120);
  const times = { decidedAt: NOON, openedAt: NOON, endsAt, until: endsAt };
  return pendingExposure({ phase: "open", approvedMinutes: 120, noticed: ["1h"], ...times });
}

/** The store, with somebody who gets an hour more right after these were read. */
function extendedAfter(read: "live" | "onTunnel", store: ExposureStore, { id }: Exposure): ExposureStore {
  let extended = false;
  async function extend(): Promise<void> {
    if (extended) return;
    extended = true;
    const more = { kind: "extend", minutes: 60, free: true, reason: "more", by: ASHA, right: null } as const;
    const at = minutesPast(110);
    await store.advance(id, { ...ASKED, action: "extend" }, (each) =>
      transition(each, { ...more, at, lapsesAt: minutesAfter(at, 60) }),
    );
  }
  return {
    ...store,
    [read]: async (...args: [never]) => {
      const stale = await store[read](...args);
      await extend();
      return stale;
    },
  };
}

onBothEngines("what is due", (open) => {
  async function submitted(database: Database): Promise<{ store: ExposureStore; exposure: Exposure }> {
    const store = storeOn(database);
    const exposure = openExposure();
    await store.submit(exposure, ASKED);
    return { store, exposure };
  }

  test("an end that was put off meanwhile closes nothing, and leaves no trace", async () => {
    const database = await open();
    const { store, exposure } = await submitted(database);
    const exposures = extendedAfter("onTunnel", store, exposure);
    const now = () => minutesPast(121);
    const settling = createSettling({ exposures, guards: createGuards(database.db), now, log: quiet });
    await settling.takeDue(exposure.tunnelId, true);
    expect(await store.load(exposure.id)).toMatchObject({ phase: "open", endsAt: minutesPast(180) });
    // Asked for, and extended.
    expect(await rowsOf(database, exposure)).toMatchObject({ audit: 2, messages: 1 });
    await createSettling({
      exposures,
      guards: createGuards(database.db),
      now: () => minutesPast(180),
      log: quiet,
    }).takeDue(exposure.tunnelId, true);
    expect(await store.load(exposure.id)).toMatchObject({ phase: "closing", closing: { because: "ended" } });
  });

  test("a notice before an end that was put off meanwhile waits for the new one", async () => {
    const database = await open();
    const { store, exposure } = await submitted(database);
    let minute = 111;
    const due = createDue({
      exposures: extendedAfter("live", store, exposure),
      announcements: createAnnouncements(database.db),
      incidentMessages: createIncidentMessages(database.db),
      guards: createGuards(database.db),
      policy: { rules: [] } as never,
      digestOf: () => PLAN,
      now: () => minutesPast(minute),
      wake: async () => undefined,
    });
    const noticed = async () => (await store.load(exposure.id))?.noticed;
    await due();
    expect(await noticed()).toEqual([]);
    expect(await rowsOf(database, exposure)).toMatchObject({ audit: 2, messages: 1 });
    minute = 171;
    await due();
    expect(await noticed()).toEqual(["10m"]);
  });
});
