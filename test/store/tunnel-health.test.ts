// What the store keeps of tunnels' health: the latest, and only changes of state.
import { beforeAll, expect, test } from "vitest";
import type { TunnelHealth, TunnelState } from "../../src/domain/tunnel-health.ts";
import type { Database } from "../../src/store/database.ts";
import { createTunnelHealth, type TunnelHealthStore } from "../../src/store/tunnel-health.ts";
import { onBothEngines } from "../engines.ts";

const NOON = new Date("2030-01-05T12:00:00Z");
const DAY = 24 * 60 * 60;
const after = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);

function seen(tunnelId: string, state: TunnelState, since = 0): TunnelHealth {
  return {
    tunnelId,
    name: `name of ${tunnelId}`,
    state,
    since: after(since),
    seenAt: after(since),
    connectors: [
      {
        id: "c0ffee",
        version: "2026.8.2",
        protocol: "http2",
        configVersion: 4,
        startedAt: after(-60),
        colos: ["nrt08", "kix01"],
        ours: null,
      },
    ],
  };
}

onBothEngines("the health of tunnels", (open) => {
  let database: Database;
  let store: TunnelHealthStore;

  beforeAll(async () => {
    database = await open();
    store = createTunnelHealth(database.db, 120_000);
  });

  const changesOf = async (tunnelId: string, since = after(-DAY)) =>
    (await store.history(since))
      .find((each) => each.tunnelId === tunnelId)
      ?.changes.map(({ state, at }) => `${(at.getTime() - NOON.getTime()) / 1000} ${state}`);

  test("nothing is known of a tunnel that nobody looked at", async () => {
    expect(await store.latest()).toEqual([]);
    expect(await store.history(NOON)).toEqual([]);
  });

  test("the latest look comes back as it was seen", async () => {
    await store.save([seen("t-latest", "up")], after(0));
    const later = { ...seen("t-latest", "degraded", 20), connectors: [] };
    await store.save([later], after(30));
    expect((await store.latest()).find((each) => each.tunnelId === "t-latest")).toEqual({
      ...later,
      lookedAt: after(30),
    });
    await store.save([seen("t-latest", "up", 40)], after(60));
    expect(await store.latest()).toContainEqual({ ...seen("t-latest", "up", 40), lookedAt: after(60) });
  });

  test("only changes are rows, at the moment since when it is so", async () => {
    for (const at of [0, 30, 60]) await store.save([seen("t-changes", "up")], after(at));
    await store.save([seen("t-changes", "down", 75)], after(90));
    await store.save([seen("t-changes", "down", 75)], after(120));
    await store.save([seen("t-changes", "up", 130)], after(150));
    expect(await changesOf("t-changes")).toEqual(["0 up", "75 down", "130 up"]);
  });

  test("time in which nobody looked is unknown, whatever it was before and after", async () => {
    await store.save([seen("t-gap", "up")], after(0));
    await store.save([seen("t-gap", "up")], after(60));
    await store.save([seen("t-gap", "up")], after(600));
    await store.save([seen("t-gap", "unknown", 610)], after(630));
    await store.save([seen("t-gap", "down", 2000)], after(3000));
    expect(await changesOf("t-gap")).toEqual(["0 up", "60 unknown", "600 up", "610 unknown", "3000 down"]);
  });

  test("a look that comes late changes nothing", async () => {
    await store.save([seen("t-late", "up")], after(60));
    await store.save([seen("t-late", "down")], after(30));
    expect(await changesOf("t-late")).toEqual(["60 up"]);
    expect((await store.latest()).find((each) => each.tunnelId === "t-late")?.state).toBe("up");
  });

  test("two who see the same change at once store it once", async () => {
    const tunnels = ["t-one", "t-two", "t-three"];
    await store.save(
      tunnels.map((id) => seen(id, "up")),
      after(0),
    );
    const down = tunnels.map((id) => seen(id, "down", 20));
    await Promise.all([down, [...down].reverse(), down].map((looks) => store.save(looks, after(30))));
    for (const id of tunnels) expect(await changesOf(id)).toEqual(["0 up", "20 down"]);
  });

  test("a history since some moment begins with the state of that moment", async () => {
    await store.save([seen("t-since", "up")], after(0));
    await store.save([seen("t-since", "down", 50)], after(60));
    await store.save([seen("t-since", "up", 100)], after(110));
    expect(await changesOf("t-since", after(70))).toEqual(["50 down", "100 up"]);
    expect(await changesOf("t-since", after(50))).toEqual(["50 down", "100 up"]);
    expect(await changesOf("t-since", after(500))).toEqual(["100 up"]);
  });

  test("after 30 days changes are forgotten, but not the state that still holds", async () => {
    await store.save([seen("t-old", "down"), seen("t-gone", "up")], after(0));
    await store.save([seen("t-old", "up", 50)], after(60));
    await store.save([seen("t-old", "up", 50)], after(90));
    const much = 30 * DAY + 100;
    await store.save([seen("t-old", "up", much)], after(much));
    expect(await changesOf("t-old")).toEqual(["90 unknown", `${much} up`]);
    expect(await changesOf("t-gone")).toBeUndefined();
  });
});
