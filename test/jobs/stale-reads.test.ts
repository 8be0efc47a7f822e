// What was called for by an exposure as it was read, and is not any more once it was extended in between, does not happen;
// and what was decided in between is carried out at once.
import { expect, test } from "vitest";
import { type Exposure, minutesAfter } from "../../src/domain/exposure.ts";
import { targetOf } from "../../src/domain/target.ts";
import { transition } from "../../src/domain/transition.ts";
import { createDue } from "../../src/jobs/due.ts";
import { comeBackTogether } from "../../src/jobs/settling.ts";
import { createAnnouncements } from "../../src/store/announcements.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createGuards } from "../../src/store/guards.ts";
import { createIncidentMessages } from "../../src/store/incident-messages.ts";
import { onBothEngines } from "../engines.ts";
import { rowsOf } from "../store/rows.ts";
import { ASHA, ASKED, minutesPast, NOON, PLAN, pendingExposure, storeOn } from "../store/sample-exposure.ts";
import { settlingOn } from "./settling-on.ts";

function openExposure(with_: Partial<Exposure> = {}): Exposure {
  const endsAt = minutesPast(120);
  const times = { decidedAt: NOON, openedAt: NOON, endsAt, until: endsAt };
  return pendingExposure({ phase: "open", approvedMinutes: 120, noticed: ["1h"], ...times, ...with_ });
}

/** The store, with somebody who acts right after these were read for the first time. */
function actedAfter(
  read: "live" | "onTunnel" | "schedulesOf",
  store: ExposureStore,
  act: () => Promise<unknown>,
): ExposureStore {
  let acted = false;
  return {
    ...store,
    [read]: async (...args: [never]) => {
      const stale = await store[read](...args);
      if (!acted) {
        acted = true;
        await act();
      }
      return stale;
    },
  };
}

/** An hour more. */
async function extend(store: ExposureStore, { id }: Exposure): Promise<void> {
  const hour = { minutes: 60, free: true, approvalsNeeded: 1, reason: "more" } as const;
  const more = { kind: "extend", ...hour, by: ASHA, right: null } as const;
  const at = minutesPast(110);
  await store.advance(id, { ...ASKED, action: "extend", at }, (each) =>
    transition(each, { ...more, at, lapsesAt: minutesAfter(at, 60) }),
  );
}

async function close(store: ExposureStore, { id }: Exposure): Promise<void> {
  const by = { kind: "close", because: "requester", by: ASHA, right: null, detail: null } as const;
  const at = minutesPast(10);
  await store.advance(id, { ...ASKED, action: "close", at }, (each) => transition(each, { ...by, at }));
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
    const exposures = actedAfter("onTunnel", store, () => extend(store, exposure));
    await settlingOn(database, exposures, minutesPast(121)).takeDue(exposure.tunnelId, "yes");
    expect(await store.load(exposure.id)).toMatchObject({ phase: "open", endsAt: minutesPast(180) });
    // Asked for, and extended.
    expect(await rowsOf(database, exposure)).toMatchObject({ audit: 2, messages: 1 });
    await settlingOn(database, exposures, minutesPast(180)).takeDue(exposure.tunnelId, "yes");
    expect(await store.load(exposure.id)).toMatchObject({ phase: "closing", closing: { because: "ended" } });
  });

  test("a notice before an end that was put off meanwhile waits for the new one", async () => {
    const database = await open();
    const { store, exposure } = await submitted(database);
    let minute = 111;
    const due = createDue({
      exposures: actedAfter("live", store, () => extend(store, exposure)),
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

  test("what was closed while a tunnel's attempts are put off together is due at once all the same", async () => {
    const { store, exposure: closed } = await submitted(await open());
    const { tunnelId } = closed;
    const [beside, patient] = [openExposure({ tunnelId }), openExposure({ tunnelId })];
    for (const each of [beside, patient]) await store.submit(each, ASKED);
    await store.schedule(closed.id, closed.version, minutesPast(20), 1);
    await store.schedule(beside.id, beside.version, minutesPast(25), 2);
    await store.schedule(patient.id, patient.version, minutesPast(30), 3);
    await comeBackTogether(
      actedAfter("schedulesOf", store, () => close(store, closed)),
      tunnelId,
    );
    const schedules = await store.schedulesOf(tunnelId);
    const of = ({ id }: Exposure) => schedules.find((each) => each.id === id);
    expect(of(closed)).toMatchObject({ attempts: 0, next: minutesPast(10) });
    expect(of(beside)).toMatchObject({ attempts: 3, next: minutesPast(30) });
    expect(of(patient)).toMatchObject({ attempts: 3, next: minutesPast(30) });
  });

  test.each([
    ["waits", { kind: "wait", waiting: "A visit proves nothing yet.", afterMs: null }],
    ["meets a fault", { kind: "fault", error: new Error("fetch failed") }],
  ] as const)("what was closed during a pass that %s is due at once", async (_, outcome) => {
    const database = await open();
    const { store, exposure } = await submitted(database);
    const settling = settlingOn(database, store, minutesPast(10));
    await close(store, exposure);
    await settling.record(targetOf(exposure), { exposureId: exposure.id, ...outcome });
    const [schedule] = await store.schedulesOf(exposure.tunnelId);
    expect(schedule).toMatchObject({ attempts: 0, next: minutesPast(10) });
  });

  test("what was extended during a pass that found all right is due at once: its record names the older end", async () => {
    const database = await open();
    const { store, exposure } = await submitted(database);
    const settling = settlingOn(database, store, minutesPast(110));
    const next = async () => (await store.schedulesOf(exposure.tunnelId))[0]?.next;
    const planned = targetOf(exposure);
    await settling.finish([planned]);
    expect(await next()).toEqual(minutesPast(120));
    await extend(store, exposure);
    await settling.finish([planned]);
    expect(await next()).toEqual(minutesPast(110));
    await settling.finish([{ ...planned, until: minutesPast(180) }]);
    expect(await next()).toEqual(minutesPast(180));
  });

  test("what is found as it should be has no fault left, and waits for nothing", async () => {
    const database = await open();
    const store = storeOn(database);
    const fresh = openExposure();
    // A write whose answer was lost, and with it the look at what came of it.
    const exposure = {
      ...fresh,
      progress: { ...fresh.progress, faults: 5, waiting: "Cloudflare did not answer." },
    };
    await store.submit(exposure, ASKED);
    const now = () => minutesPast(10);
    const settling = settlingOn(database, store, now());
    await settling.finish([targetOf(exposure)]);
    expect((await store.load(exposure.id))?.progress).toMatchObject({ faults: 0, waiting: null });
    const { audit } = await rowsOf(database, exposure);
    await settling.finish([targetOf(exposure)]);
    expect(await rowsOf(database, exposure)).toMatchObject({ audit });
  });

  test.each(["opening", "open"] as const)(
    "what was closed while it was seen %s is not said to be closed: all of it still stands",
    async (phase) => {
      const database = await open();
      const store = storeOn(database);
      const exposure = openExposure({ phase });
      await store.submit(exposure, ASKED);
      const planned = targetOf(exposure);
      await close(store, exposure);
      const now = () => minutesPast(11);
      const settling = settlingOn(database, store, now());
      await settling.finish([planned]);
      expect(await store.load(exposure.id)).toMatchObject({ phase: "closing" });
      expect((await store.schedulesOf(exposure.tunnelId))[0]?.next).toEqual(minutesPast(10));
    },
  );

  test("what was first seen open later than its record says may live is due at once", async () => {
    const database = await open();
    const times = { openedAt: null, endsAt: minutesPast(180), until: minutesPast(180) };
    const exposure = openExposure({ phase: "opening", ...times });
    const store = storeOn(database);
    await store.submit(exposure, ASKED);
    const now = () => minutesPast(61);
    const settling = settlingOn(database, store, now());
    await settling.finish([targetOf(exposure)]);
    expect(await store.load(exposure.id)).toMatchObject({ phase: "open", until: minutesPast(181) });
    expect((await store.schedulesOf(exposure.tunnelId))[0]?.next).toEqual(now());
  });
});
