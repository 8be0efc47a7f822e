// What is left of exposures that ended is taken up one at a hostname at a time, and keeps the sweep from nothing.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import type { Observed } from "../../src/domain/observed.ts";
import { createSweep } from "../../src/jobs/sweep.ts";
import { targetOf } from "../../src/jobs/targets.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createHoleLog } from "../../src/store/guards.ts";
import { idealRecord } from "../domain/model-world.ts";
import { nothing } from "../domain/plan-scenes.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import { ASKED, minutesPast, pendingExposure, storeOn } from "../store/sample-exposure.ts";

const TUNNEL = nothing().tunnel.id;
const HOLE = { hostname: "bare.example.com", service: "https://status.example.net" };
const POLICY = { installation: "main", tunnels: [{ id: TUNNEL, zones: [], services: ["*"] }] };

function closedAt(hostname: string): Exposure {
  return pendingExposure({ hostname, tunnelId: TUNNEL, phase: "closed", endsAt: minutesPast(60) });
}

/** Somebody else's hole, and records that carry the marks of these. */
function standingOf(exposures: Exposure[]): Observed {
  const records = exposures.map((each) => idealRecord(targetOf(each), `record-${each.id}`));
  return { ...nothing([HOLE]), records };
}

function sweepOver(database: Database, exposures: ExposureStore, left: Exposure[]) {
  const told: string[] = [];
  const sweep = createSweep({
    exposures,
    holes: createHoleLog(database.db),
    edge: { observe: async () => standingOf(left) },
    callsAreShort: () => false,
    policy: POLICY,
    proofs: 3,
    visitTokenId: null,
    team: () => "lakeside",
    now: () => minutesPast(100),
    wake: async () => undefined,
    reportHole: async ({ hostname }: { hostname: string }) => void told.push(hostname),
    log: quiet,
  } as never);
  return { run: () => sweep.tunnel(TUNNEL), told };
}

onBothEngines("a sweep", (open) => {
  test("leaves what is left at a hostname until the other that lives there has ended, and goes on", async () => {
    const database = await open();
    const store = storeOn(database);
    const [taken, free, again] = [
      closedAt("a.example.com"),
      closedAt("b.example.com"),
      closedAt("b.example.com"),
    ];
    const other = pendingExposure({ hostname: "a.example.com", tunnelId: TUNNEL });
    const all = [taken, other, free, again];
    for (const each of all) expect(await store.submit(each, ASKED)).toMatchObject({ ok: true });
    const phases = async () =>
      (await Promise.all(all.map(({ id }) => store.load(id)))).map((each) => each?.phase);
    const end = (id: string, phase: Exposure["phase"]) =>
      store.advance(id, ASKED, (each) => ({ ok: true, value: { ...each, phase } }));
    const sweep = sweepOver(database, store, [taken, free, again]);

    await sweep.run();
    expect(await phases()).toEqual(["closed", "pending", "closed", "closing"]);
    expect(sweep.told).toEqual([HOLE.hostname]);

    await end(other.id, "withdrawn");
    await end(again.id, "closed");
    await sweepOver(database, store, [taken, free]).run();
    expect(await phases()).toEqual(["closing", "withdrawn", "closing", "closed"]);
  });

  test("tells of holes though what is left cannot be taken up", async () => {
    const database = await open();
    const left = closedAt("left.example.com");
    const store = storeOn(database);
    await store.submit(left, ASKED);
    const fault = new Error("the store is away");
    const sweep = sweepOver(database, { ...store, advance: () => Promise.reject(fault) }, [left]);
    await expect(sweep.run()).rejects.toBe(fault);
    expect(sweep.told).toEqual([HOLE.hostname]);
  });
});
