// When converge is to look at what.
import { beforeAll, expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import type { ExposureStore, Wake } from "../../src/store/exposures.ts";
import { onBothEngines } from "../engines.ts";
import { ASKED, approvalBy, clickOf, LEE, minutesPast, pendingExposure, storeOn } from "./sample-exposure.ts";

const PASS = { actor: "converge", action: "settle", at: minutesPast(5) };

onBothEngines("schedules", (open) => {
  let store: ExposureStore;
  let wakes: Wake[] = [];

  beforeAll(async () => {
    store = storeOn(await open(), async (_trx, asked) => {
      wakes.push(...asked);
    });
  });

  async function approved(with_: Partial<Exposure> = {}): Promise<Exposure> {
    const asked = pendingExposure(with_);
    await store.submit(asked, ASKED);
    const verdict = await store.advance(asked.id, clickOf(LEE), approvalBy(LEE));
    if (!verdict.ok) throw new Error(verdict.because);
    wakes = [];
    return verdict.value;
  }

  const change = (id: string, fields: Partial<Exposure>) =>
    store.advance(id, PASS, (exposure) => ({ ok: true, value: { ...exposure, ...fields } }));

  test("a request that nobody decided is on no road and due nowhere", async () => {
    const asked = pendingExposure();
    await store.submit(asked, ASKED);
    expect(await store.onTheRoad([asked.id])).toEqual([]);
    expect(await store.schedulesOf(asked.tunnelId)).toEqual([]);
    expect(await store.onTunnel(asked.tunnelId)).toEqual([]);
    expect((await store.live()).map(({ id }) => id)).toContain(asked.id);
  });

  test("an approval is due at once", async () => {
    const { id, tunnelId, version } = await approved();
    expect(await store.schedulesOf(tunnelId)).toEqual([{ id, version, attempts: 0, next: minutesPast(1) }]);
    expect(await store.dueTunnels(minutesPast(0))).not.toContain(tunnelId);
    expect(await store.dueTunnels(minutesPast(1))).toContain(tunnelId);
    expect(await store.onTheRoad([id, "nothing"])).toEqual([id]);
    expect(await store.onTheRoad([])).toEqual([]);
    expect((await store.onTunnel(tunnelId)).map((each) => each.id)).toEqual([id]);
  });

  test("a tunnel with several due exposures is told once", async () => {
    const { tunnelId } = await approved();
    await approved({ tunnelId });
    expect((await store.dueTunnels(minutesPast(1))).filter((each) => each === tunnelId)).toHaveLength(1);
    expect(await store.schedulesOf(tunnelId)).toHaveLength(2);
  });

  test("the pass that saw the stored version says when it looks again", async () => {
    const { id, tunnelId, version } = await approved();
    await store.schedule(id, version, minutesPast(30), 3);
    expect(await store.schedulesOf(tunnelId)).toEqual([{ id, version, attempts: 3, next: minutesPast(30) }]);
    expect([await store.attemptsOf(id), await store.attemptsOf("nothing")]).toEqual([3, 0]);
    expect(await store.dueTunnels(minutesPast(29))).not.toContain(tunnelId);
    await store.schedule(id, version, null, 0);
    expect(await store.schedulesOf(tunnelId)).toEqual([{ id, version, attempts: 0, next: null }]);
    expect(await store.dueTunnels(minutesPast(10_000))).not.toContain(tunnelId);
  });

  test("what comes due soon is known by its last moment", async () => {
    const late = minutesPast(100_000);
    const soon = await approved();
    const last = await approved();
    await store.schedule(soon.id, soon.version, new Date(late.getTime() + 100), 0);
    await store.schedule(last.id, last.version, new Date(late.getTime() + 300), 0);
    const within = (ms: number) => store.lastDueWithin(late, ms);
    expect(await within(50)).toBeNull();
    expect(await within(200)).toEqual(new Date(late.getTime() + 100));
    expect(await within(500)).toEqual(new Date(late.getTime() + 300));
    // What is due already is no wait that ends.
    expect(await store.lastDueWithin(new Date(late.getTime() + 300), 60_000)).toBeNull();
  });

  test("a pass that saw an older version puts nothing off: the change since is due at once", async () => {
    const { id, tunnelId, version } = await approved();
    await change(id, { phase: "closing" });
    await store.schedule(id, version, minutesPast(600), 7);
    await store.schedule(id, version, null, 0);
    expect(await store.schedulesOf(tunnelId)).toEqual([
      { id, version: version + 1, attempts: 0, next: PASS.at },
    ]);
  });

  test("a new phase or a new end is due at once and wakes converge; other changes leave the schedule", async () => {
    const { id, tunnelId, version, endsAt } = await approved();
    await store.schedule(id, version, minutesPast(30), 3);
    await change(id, { reason: "told differently", endsAt });
    expect(await store.schedulesOf(tunnelId)).toEqual([
      { id, version: version + 1, attempts: 3, next: minutesPast(30) },
    ]);
    expect(wakes).toEqual([{ job: "announce", exposureId: id, clicked: false }]);

    await change(id, { endsAt: minutesPast(500) });
    expect(await store.schedulesOf(tunnelId)).toEqual([
      { id, version: version + 2, attempts: 0, next: PASS.at },
    ]);
    expect(wakes.slice(1)).toEqual([
      { job: "announce", exposureId: id, clicked: false },
      { job: "converge", tunnelId },
    ]);

    await store.schedule(id, version + 2, null, 0);
    await change(id, { phase: "opening" });
    expect(await store.schedulesOf(tunnelId)).toEqual([
      { id, version: version + 3, attempts: 0, next: PASS.at },
    ]);
  });

  test("what somebody clicked on is told apart from what was asked for and from what the bot does", async () => {
    const { id } = pendingExposure();
    wakes = [];
    await store.submit(pendingExposure({ id }), ASKED);
    await store.advance(id, clickOf(LEE, `click-${id}`), approvalBy(LEE));
    await change(id, { phase: "opening" });
    const clicked = wakes.flatMap((wake) => (wake.job === "announce" ? wake.clicked : []));
    expect(clicked).toEqual([false, true, false]);
  });

  test("what is closed is due no more and wakes nobody but its card", async () => {
    const { id, tunnelId } = await approved();
    await change(id, { phase: "closed", closedAt: minutesPast(5) });
    expect(await store.onTheRoad([id])).toEqual([]);
    expect(await store.dueTunnels(minutesPast(10_000))).not.toContain(tunnelId);
    expect(await store.onTunnel(tunnelId)).toEqual([]);
    expect(wakes).toEqual([{ job: "announce", exposureId: id, clicked: false }]);
  });
});
