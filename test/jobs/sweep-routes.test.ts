// Routes that no pass put in or took out, for all that the store knows: somebody's own where one of ours was, one of ours that
// came late, and one that stands though openings are frozen.
import { expect, test } from "vitest";
import { transition } from "../../src/domain/transition.ts";
import { createGuards } from "../../src/store/guards.ts";
import { everything, LOCK, nothing, routeOf } from "../domain/plan-scenes.ts";
import { onBothEngines } from "../engines.ts";
import { ASKED, minutesPast, storeOn } from "../store/sample-exposure.ts";
import { openOn, sweepOver, TUNNEL } from "./sweeping.ts";

onBothEngines("a sweep", (open) => {
  test("leaves a route that somebody makes once all is closed, also to the same service, and takes a late one of ours", async () => {
    const database = await open();
    const store = storeOn(database);
    const exposure = openOn(TUNNEL, "shore.example");
    await store.submit(exposure, ASKED);
    const at = minutesPast(90);
    // All of it was taken away by hand: no pass took the route out.
    const steps = [
      { kind: "end", because: "all-gone", detail: null, at } as const,
      { kind: "closed", at } as const,
    ];
    for (const event of steps) await store.advance(exposure.id, ASKED, (each) => transition(each, event));
    const phaseWith = async (aud: string) => {
      const route = routeOf(exposure, { ...LOCK, audTag: [aud] });
      await sweepOver(database, store, [], async () => nothing([route])).run();
      return (await store.load(exposure.id))?.phase;
    };
    expect(await phaseWith("their-aud")).toBe("closed");
    expect(await phaseWith("aud-1")).toBe("closing");
  });

  test("takes up what is held by frozen openings and has its route in: a write that nobody noted put it there", async () => {
    const database = await open();
    const store = storeOn(database);
    const exposure = openOn(TUNNEL, "shore.example");
    const progress = { ...exposure.progress, routedVersion: null, waiting: "New openings are frozen." };
    await store.submit({ ...exposure, phase: "opening", openedAt: null, progress }, ASKED);
    const sweep = sweepOver(database, store, [], async () => everything(exposure));
    const read = async () => (await store.load(exposure.id))?.progress;
    await sweep.run();
    expect([await read(), sweep.woken]).toMatchObject([{ routedVersion: null }, []]);
    const entry = { ...ASKED, exposureId: null, outcome: "ok", details: {} };
    await createGuards(database.db).turn({ "openings-frozen": "on" }, entry);
    await sweep.run();
    expect([await read(), sweep.woken]).toMatchObject([{ routedVersion: 5, waiting: null }, [TUNNEL]]);
    expect(await store.dueTunnels(minutesPast(100))).toEqual([TUNNEL]);
  });
});
