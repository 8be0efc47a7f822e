// Small things that outlive a process.
import { beforeAll, expect, test } from "vitest";
import { type AuditEntry, readAudit } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createGuards, type Guards } from "../../src/store/guards.ts";
import { onBothEngines } from "../engines.ts";
import {
  ASKED,
  approvalBy,
  clickOf,
  LEE,
  minutesPast,
  NOON,
  pendingExposure,
  storeOn,
} from "./sample-exposure.ts";

function entryOf(actor: string, at: Date): AuditEntry {
  return { at, actor, action: "freeze", exposureId: null, outcome: "ok", details: {} };
}

onBothEngines("guards", (open) => {
  let guards: Guards;
  let store: ExposureStore;
  let database: Database;

  beforeAll(async () => {
    database = await open();
    guards = createGuards(database.db);
    store = storeOn(database);
  });

  test("a switch is off until it is turned on, and can be turned off again", async () => {
    expect(await guards.isOn("openings-frozen")).toBe(false);
    await guards.turn({ "openings-frozen": "on" }, entryOf("U-LEE", NOON));
    expect(await guards.isOn("openings-frozen")).toBe(true);
    await guards.turn({ "openings-frozen": "on" }, entryOf("U-KIM", minutesPast(1)));
    expect(await guards.isOn("openings-frozen")).toBe(true);
    await guards.turn({ "openings-frozen": "off" }, entryOf("U-LEE", minutesPast(2)));
    expect(await guards.isOn("openings-frozen")).toBe(false);
  });

  test("who turned a switch last, and when, is known", async () => {
    expect(await guards.turned("everything-closed")).toBeNull();
    await guards.turn({ "everything-closed": "on" }, entryOf("U-LEE", NOON));
    await guards.turn({ "everything-closed": "on" }, entryOf("U-KIM", minutesPast(1)));
    expect(await guards.turned("everything-closed")).toEqual({ by: "U-KIM", at: minutesPast(1) });
  });

  test("switches are turned with the audit's entry, or not at all", async () => {
    const both = { "openings-frozen": "on", "everything-closed": "on" } as const;
    const entry = entryOf("U-MINA", minutesPast(3));
    await guards.turn(both, entry);
    const told: AuditEntry[] = [];
    for await (const row of readAudit(database.db, entry.at)) told.push(row);
    expect(told).toMatchObject([entry]);
    expect(await guards.turned("openings-frozen")).toEqual({ by: "U-MINA", at: minutesPast(3) });
    const unwritable = { ...entryOf("U-LEE", minutesPast(4)), outcome: "no text holds \0" };
    await expect(guards.turn({ "openings-frozen": "off" }, unwritable)).rejects.toThrow();
    expect(await guards.isOn("openings-frozen")).toBe(true);
  });

  test("each fence is higher than the last, and takes the right to write from it", async () => {
    const first = await guards.raiseFence("tunnel-1");
    expect(await guards.beginWrite("tunnel-1", first, NOON)).toBe(true);
    const second = await guards.raiseFence("tunnel-1");
    expect(Number(second)).toBeGreaterThan(Number(first));
    expect(await guards.beginWrite("tunnel-1", first, NOON)).toBe(false);
    expect(await guards.beginWrite("tunnel-1", second, NOON)).toBe(true);
  });

  test("a write under way is noted for whoever comes after, until it was answered", async () => {
    const first = await guards.raiseFence("tunnel-5");
    expect(await guards.writeUntil("tunnel-5")).toBeNull();
    await guards.beginWrite("tunnel-5", first, NOON);
    const second = await guards.raiseFence("tunnel-5");
    expect(await guards.writeUntil("tunnel-5")).toEqual(NOON);
    await guards.endWrite("tunnel-5", first, null);
    expect(await guards.writeUntil("tunnel-5")).toEqual(NOON);
    await guards.beginWrite("tunnel-5", second, minutesPast(1));
    await guards.endWrite("tunnel-5", second, NOON);
    expect(await guards.writeUntil("tunnel-5")).toEqual(NOON);
  });

  test("the fences of two tunnels are apart, and a tunnel without one is held by nobody", async () => {
    const one = await guards.raiseFence("tunnel-2");
    await guards.raiseFence("tunnel-3");
    expect(await guards.beginWrite("tunnel-2", one, NOON)).toBe(true);
    expect(await guards.beginWrite("tunnel-4", one, NOON)).toBe(false);
    expect(await guards.beginWrite("tunnel-4", "undefined", NOON)).toBe(false);
  });

  test("a click is remembered until its time is up, and others longer", async () => {
    const [old, young] = [pendingExposure({ approvalsNeeded: 9 }), pendingExposure({ approvalsNeeded: 9 })];
    const add = (exposure: typeof old) => ({
      ok: true as const,
      value: { ...exposure, extendedMinutes: exposure.extendedMinutes + 1 },
    });
    for (const asked of [old, young]) await store.submit(asked, ASKED);
    const click = (id: string, minutes: number) =>
      store.advance(id, { ...clickOf(LEE, `click ${id}`), at: minutesPast(minutes) }, add);
    await click(old.id, 1);
    await click(young.id, 10);
    await guards.forgetHandled(minutesPast(5));
    await click(old.id, 20);
    await click(young.id, 20);
    expect(await store.load(old.id)).toMatchObject({ extendedMinutes: 2 });
    expect(await store.load(young.id)).toMatchObject({ extendedMinutes: 1 });
  });

  test("a vote is kept apart from the clicks: forgetting a click does not allow a second vote", async () => {
    const asked = pendingExposure({ approvalsNeeded: 2 });
    await store.submit(asked, ASKED);
    await store.advance(asked.id, clickOf(LEE, "a click"), approvalBy(LEE));
    await guards.forgetHandled(minutesPast(1_000));
    const again = await store.advance(asked.id, clickOf(LEE, "a click"), approvalBy(LEE));
    expect(again).toEqual({ ok: false, because: "already-voted" });
  });
});
