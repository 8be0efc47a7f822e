// What is left of exposures that ended is taken up one at a hostname at a time, and keeps the sweep from nothing. What is
// open is looked at to its end, whatever became of the policy meanwhile.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import type { Observed } from "../../src/domain/observed.ts";
import { targetOf } from "../../src/domain/target.ts";
import { createSweep, tunnelsToSweep } from "../../src/jobs/sweep.ts";
import { ServiceFailure } from "../../src/services/failure.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createReports } from "../../src/store/reports.ts";
import { idealRecord } from "../domain/model-world.ts";
import { everything, known, nothing, routeOf } from "../domain/plan-scenes.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import { ASKED, minutesPast, pendingExposure, storeOn } from "../store/sample-exposure.ts";

const TUNNEL = nothing().tunnel.id;
const HOLE = { hostname: "bare.example.com", service: "https://status.example.net" };
const POLICY = { installation: "main", tunnels: [{ id: TUNNEL, zones: ["shore.example"], services: ["*"] }] };

function closedAt(hostname: string): Exposure {
  return pendingExposure({ hostname, tunnelId: TUNNEL, phase: "closed", endsAt: minutesPast(60) });
}

/** Somebody else's hole, and records that carry the marks of these. */
function standingOf(exposures: Exposure[]): Observed {
  const records = exposures.map((each) => idealRecord(targetOf(each), `record-${each.id}`));
  return { ...nothing([HOLE]), records };
}

/** Open, with all that it needs standing, in a zone and maybe on a tunnel that the policy does not name. */
function openOn(tunnelId: string, zone: string): Exposure {
  const endsAt = minutesPast(200);
  const times = { decidedAt: minutesPast(1), openedAt: minutesPast(2), endsAt, until: endsAt };
  const hostname = `open.${zone}`;
  return known(pendingExposure({ hostname, zone, tunnelId, phase: "open", approvedMinutes: 198, ...times }));
}

/** What is answered of an open exposure: its record is seen by who reads its zone. */
function answerTo({ zone }: Exposure, whole: Observed, mayRead: boolean) {
  const asked: string[][] = [];
  const observe = async (_tunnelId: string, zones: string[]): Promise<Observed> => {
    asked.push(zones);
    if (!zones.includes(zone)) return { ...whole, records: [] };
    if (mayRead) return whole;
    const which = { vendor: "cloudflare", operation: "zones.list", message: "not seen" } as const;
    throw new ServiceFailure({ kind: "denied", ...which });
  };
  return { asked, observe };
}

function sweepOver(
  database: Database,
  exposures: ExposureStore,
  left: Exposure[],
  observe: (tunnelId: string, zones: string[]) => Promise<Observed> = async () => standingOf(left),
) {
  const told: string[] = [];
  const unknown: string[] = [];
  const reports = createReports(database.db);
  const woken: string[] = [];
  const sweep = createSweep({
    exposures,
    reports,
    edge: { observe },
    callsAreShort: () => false,
    policy: POLICY,
    proofs: 3,
    visitTokenId: null,
    team: () => "lakeside",
    now: () => minutesPast(100),
    wake: async (_job: string, key: string) => void woken.push(key),
    reportHole: async ({ hostname }: { hostname: string }) => void told.push(hostname),
    reportUnknown: async ({ hostname }: { hostname: string }, key: string) => {
      unknown.push(hostname);
      await reports.reported(key, { channel: "C-ALERTS", ts: "1893499200.000100" });
    },
    log: quiet,
  } as never);
  return { run: () => sweep.tunnel(TUNNEL), told, unknown, woken };
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

  test("takes down what stands for a request that waits, for all that a restored store knows, and whatever ended there before", async () => {
    const database = await open();
    const store = storeOn(database);
    const hostname = "restored.example.com";
    const [restored, before] = [pendingExposure({ hostname, tunnelId: TUNNEL }), closedAt(hostname)];
    for (const each of [restored, before])
      expect(await store.submit(each, ASKED)).toMatchObject({ ok: true });
    const waits = pendingExposure({ tunnelId: TUNNEL });
    await store.submit(waits, ASKED);
    await sweepOver(database, store, [restored, before]).run();
    expect(await store.load(restored.id)).toMatchObject({
      phase: "closing",
      closing: { because: "store-restored", at: minutesPast(100) },
    });
    expect(await store.dueTunnels(minutesPast(100))).toEqual([TUNNEL]);
    const untouched = await Promise.all([waits, before].map(({ id }) => store.load(id)));
    expect(untouched.map((each) => each?.phase)).toEqual(["pending", "closed"]);
  });

  test("tells once of what carries our mark and is in no store, and again when it is back; not of another installation's", async () => {
    const database = await open();
    const store = storeOn(database);
    const [lost, known] = [closedAt("lost.example.com"), openOn(TUNNEL, "shore.example")];
    await store.submit(known, ASKED);
    const whole = everything(known, [HOLE, routeOf(known)]);
    const [theirs] = standingOf([closedAt("theirs.example.com")]).records;
    const beside = { ...theirs!, mark: { ...theirs!.mark!, installation: "other" } };
    const withLost = async () => ({
      ...whole,
      records: [...whole.records, ...standingOf([lost]).records, beside],
    });
    let observe: () => Promise<Observed> = withLost;
    const sweep = sweepOver(database, store, [], () => observe());
    await sweep.run();
    await sweep.run();
    expect(sweep.unknown).toEqual(["lost.example.com"]);
    observe = async () => whole;
    await sweep.run();
    observe = withLost;
    await sweep.run();
    expect(sweep.unknown).toEqual(["lost.example.com", "lost.example.com"]);

    // Taken in by `adopt`, it is one like any other: closed, as its end is past.
    await store.submit(lost, ASKED);
    await sweep.run();
    expect(await store.load(lost.id)).toMatchObject({ phase: "closing" });
    expect(sweep.unknown).toHaveLength(2);
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

  test("looks at every tunnel of the policy, and at those that something is still open on", async () => {
    const exposures = storeOn(await open());
    const ways = async () => (await tunnelsToSweep({ policy: POLICY as never, exposures })).sort();
    expect(await ways()).toEqual([TUNNEL]);
    const [here, gone, other] = [
      openOn(TUNNEL, "shore.example"),
      openOn("tunnel-gone", "cove.example"),
      pendingExposure({ tunnelId: "tunnel-of-none" }),
    ];
    for (const each of [here, gone, other]) await exposures.submit(each, ASKED);
    expect(await ways()).toEqual([TUNNEL, "tunnel-gone"].sort());
    await exposures.advance(gone.id, ASKED, (each) => ({ ok: true, value: { ...each, phase: "closed" } }));
    expect(await ways()).toEqual([TUNNEL]);
  });

  test("reads the zones of what is open besides the policy's: what is right there has not drifted", async () => {
    const database = await open();
    const store = storeOn(database);
    const exposure = openOn(TUNNEL, "cove.example");
    await store.submit(exposure, ASKED);
    const { asked, observe } = answerTo(exposure, everything(exposure), true);
    const sweep = sweepOver(database, store, [], observe);
    await sweep.run();
    expect(asked).toEqual([["shore.example", "cove.example"]]);
    expect(sweep.woken).toEqual([]);
    expect(await store.dueTunnels(minutesPast(100))).toEqual([]);
  });

  test("a zone that the token sees no more keeps it from nothing: only the record there is taken for right", async () => {
    const database = await open();
    const store = storeOn(database);
    const exposure = openOn(TUNNEL, "cove.example");
    await store.submit(exposure, ASKED);
    const whole = everything(exposure, [HOLE, routeOf(exposure)]);
    const { asked, observe } = answerTo(exposure, whole, false);
    const sweep = sweepOver(database, store, [], observe);
    await sweep.run();
    expect(asked).toEqual([["shore.example", "cove.example"], ["shore.example"]]);
    expect([sweep.told, sweep.woken]).toEqual([[HOLE.hostname], []]);

    const bare = answerTo(exposure, { ...whole, applications: [] }, false);
    const again = sweepOver(database, store, [], bare.observe);
    await again.run();
    expect(again.woken).toEqual([TUNNEL]);
    expect(await store.dueTunnels(minutesPast(100))).toEqual([TUNNEL]);
  });
});
