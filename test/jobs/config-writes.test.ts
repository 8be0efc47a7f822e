// A worker that lost its tunnel to another writes nothing more, and what it had sent is known to its successor.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { transition } from "../../src/domain/transition.ts";
import { startConfigWrites } from "../../src/jobs/config-writes.ts";
import { createConverge } from "../../src/jobs/converge.ts";
import { createEdge } from "../../src/services/edge.ts";
import { ServiceFailure } from "../../src/services/failure.ts";
import { type AuditEntry, readAudit } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createGuards, type Guards } from "../../src/store/guards.ts";
import { billing } from "../domain/exposure-sample.ts";
import { exposuresOf, vendorsOf } from "../domain/model-bot.ts";
import { begin } from "../domain/model-jobs.ts";
import { isRouted } from "../domain/model-laws.ts";
import { sceneOf } from "../domain/model-states.ts";
import { TEAM } from "../domain/model-world.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import {
  ASHA,
  ASKED,
  approvalBy,
  clickOf,
  LEE,
  minutesPast,
  NOON,
  pendingExposure,
  storeOn,
} from "../store/sample-exposure.ts";

const TUNNEL = "3d539f97-cd3a-4d8e-833b-65e9099c7a8d";

const CLOSING = {
  kind: "close",
  because: "requester",
  by: ASHA,
  at: minutesPast(2),
  right: null,
  detail: null,
} as const;

const FREEZING: AuditEntry = {
  at: NOON,
  actor: "U-MINA",
  action: "freeze",
  exposureId: null,
  outcome: "ok",
  details: {},
};

/** Each begins a pass, which overtakes the one before. */
function passesOn(database: Database) {
  const guards = createGuards(database.db);
  const tools = { exposures: storeOn(database), guards, now: () => minutesPast(1) };
  return async () => startConfigWrites(tools, TUNNEL, await guards.raiseFence(TUNNEL));
}

onBothEngines("writes of a tunnel's configuration", (open) => {
  test("whoever was overtaken may not begin one, and the next waits for the one under way", async () => {
    const pass = passesOn(await open());
    const slow = await pass();
    expect(await slow.begin([])).toBeNull();
    const next = await pass();
    expect(next.lateUntil).toEqual(new Date(minutesPast(1).getTime() + 30_000));
    expect(await slow.begin([])).toBe("overtaken");
    expect(await next.begin([])).toBeNull();
    await next.answered();
    // The answer to its own write says nothing of the one before.
    expect((await pass()).lateUntil).toEqual(next.lateUntil);
  });

  test("what was closed after it was looked at gets no route, and does not hold up the others", async () => {
    const database = await open();
    const guards = createGuards(database.db);
    const exposures = storeOn(database);
    const tools = { exposures, guards, now: () => minutesPast(2) };
    const [closed, other] = [pendingExposure({ tunnelId: TUNNEL }), pendingExposure({ tunnelId: TUNNEL })];
    for (const each of [closed, other]) {
      await exposures.submit(each, ASKED);
      await exposures.advance(each.id, clickOf(LEE), approvalBy(LEE));
    }
    const writes = await startConfigWrites(tools, TUNNEL, await guards.raiseFence(TUNNEL));
    expect(await writes.begin([closed.id, other.id])).toBeNull();
    await exposures.advance(closed.id, { ...clickOf(ASHA), action: "close" }, (exposure) =>
      transition(exposure, CLOSING),
    );
    expect(await writes.begin([closed.id, other.id])).toBe("unwanted-meanwhile");
    expect(await writes.begin([closed.id])).toBe("unwanted-meanwhile");
    expect(await writes.begin([other.id])).toBeNull();
    expect(await writes.begin([])).toBeNull();
  });

  test("what openings were frozen for after it was looked at gets no route; what is mended does", async () => {
    const database = await open();
    const guards = createGuards(database.db);
    const exposures = storeOn(database);
    const tools = { exposures, guards, now: () => minutesPast(2) };
    const held = pendingExposure({ tunnelId: TUNNEL });
    await exposures.submit(held, ASKED);
    await exposures.advance(held.id, clickOf(LEE), approvalBy(LEE));
    const mended = pendingExposure({ tunnelId: TUNNEL, phase: "opening", openedAt: minutesPast(1) });
    await exposures.submit(mended, ASKED);
    const writes = await startConfigWrites(tools, TUNNEL, await guards.raiseFence(TUNNEL));
    expect(await writes.begin([held.id, mended.id])).toBeNull();
    await guards.turn({ "openings-frozen": "on" }, FREEZING);
    expect(await writes.begin([held.id, mended.id])).toBe("unwanted-meanwhile");
    expect(await writes.begin([mended.id])).toBeNull();
    await guards.turn({ "openings-frozen": "off" }, FREEZING);
    expect(await writes.begin([held.id])).toBeNull();
  });

  test("a write that was answered keeps nobody waiting", async () => {
    const pass = passesOn(await open());
    const first = await pass();
    await first.begin([]);
    await first.answered();
    const next = await pass();
    expect(next.lateUntil).toBeNull();
  });

  test("nor does the answer to one say anything of another that was lost in the same pass", async () => {
    const pass = passesOn(await open());
    const first = await pass();
    await first.begin([]);
    await first.begin([]);
    await first.answered();
    const next = await pass();
    expect(next.lateUntil).toEqual(new Date(minutesPast(1).getTime() + 30_000));
  });

  /** Two openings that are ready for their routes; `meanwhile` happens right before the first write that holds both. */
  async function routed(
    meanwhile: (one: Exposure, exposures: ExposureStore, guards: Guards) => Promise<unknown>,
  ) {
    const database = await open();
    const guards = createGuards(database.db);
    const exposures = storeOn(database);
    const ready = { proofs: 3, noted: true };
    const bot = begin(sceneOf(ready, ready));
    const [one, other] = exposuresOf(bot) as [Exposure, Exposure];
    for (const each of [one, other]) {
      await exposures.submit(each, ASKED);
      await exposures.schedule(each.id, each.version, bot.now, 0);
    }
    const vendors = vendorsOf(bot);
    const { putRoutes } = vendors.tunnels;
    let shared = 0;
    vendors.tunnels.putRoutes = async (id, change) => {
      if (shared === 0) {
        shared = change.add.length;
        await meanwhile(one, exposures, guards);
      }
      return await putRoutes(id, change);
    };
    const converge = createConverge({
      exposures,
      guards,
      edge: createEdge(vendors),
      describe: async (ref) => ({ ...billing, ...ref }),
      zonesOf: () => ["lakeside.example"],
      whyForbidden: () => null,
      proofs: 3,
      visitTokenId: null,
      team: () => TEAM,
      now: () => bot.now,
      log: quiet,
    });
    await converge(TUNNEL);
    expect(shared).toBe(2);
    const audit: AuditEntry[] = [];
    for await (const row of readAudit(database.db, new Date(0))) audit.push(row);
    return { bot, guards, exposures, one, other, again: () => converge(TUNNEL), audit };
  }

  test("whoever closes one of two that share a write is nobody's fault, and the other goes on at once", async () => {
    const closes = (one: Exposure, exposures: ExposureStore) =>
      exposures.advance(one.id, { ...clickOf(ASHA), action: "close" }, (each) => transition(each, CLOSING));
    const { bot, exposures, one, other, audit } = await routed(closes);
    expect(audit.map(({ action }) => action)).toContain("close");
    expect(
      audit.filter((row) => /error|fault/.test(row.action) || JSON.stringify(row).includes("cloudflare")),
    ).toEqual([]);
    expect(isRouted(bot.world, one)).toBe(false);
    expect(isRouted(bot.world, other)).toBe(true);
    expect((await exposures.load(one.id))?.phase).not.toBe("opening");
    expect((await exposures.load(other.id))?.progress.faults).toBe(0);
  });

  test("openings that are frozen right before their write are held, and go on after that", async () => {
    const { bot, guards, exposures, one, other, audit, again } = await routed((_one, _exposures, switches) =>
      switches.turn({ "openings-frozen": "on" }, FREEZING),
    );
    expect(audit.filter(({ action }) => /error|fault/.test(action))).toEqual([]);
    for (const each of [one, other]) {
      expect(isRouted(bot.world, each)).toBe(false);
      expect((await exposures.load(each.id))?.progress.waiting).toContain("New openings are frozen.");
    }
    await guards.turn({ "openings-frozen": "off" }, FREEZING);
    bot.now = new Date(bot.now.getTime() + 60_000);
    await again();
    for (const each of [one, other]) expect(isRouted(bot.world, each)).toBe(true);
  });

  test("a pass that was overtaken writes nothing, and counts no fault", async () => {
    const { bot, exposures, one, other, audit, again } = await routed((_one, _exposures, guards) =>
      guards.raiseFence(TUNNEL),
    );
    expect(audit.filter(({ action }) => /error|fault/.test(action))).toEqual([]);
    for (const each of [one, other]) {
      expect(isRouted(bot.world, each)).toBe(false);
      expect((await exposures.load(each.id))?.progress.faults).toBe(0);
    }
    bot.now = new Date(bot.now.getTime() + 1_000);
    await again();
    for (const each of [one, other]) expect(isRouted(bot.world, each)).toBe(true);
  });

  test.each([
    ["a fault of our own", new TypeError("x is undefined"), "unexpected fault"],
    [
      "a vendor's",
      new ServiceFailure({ kind: "retry", vendor: "cloudflare", operation: "put", message: "No." }),
      "vendor error",
    ],
  ])("the audit calls %s what it is", async (_, fault, action) => {
    const { one, other, audit } = await routed(() => Promise.reject(fault));
    const named = audit.filter((row) => /error|fault/.test(row.action));
    expect(named.map((row) => row.action)).toEqual([action, action]);
    expect(named.map((row) => row.exposureId).sort()).toEqual([one.id, other.id].sort());
  });
});
