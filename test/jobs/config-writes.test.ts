// A worker that lost its tunnel to another writes nothing more, and what it had sent is known to its successor.
import { expect, test } from "vitest";
import { startConfigWrites } from "../../src/jobs/config-writes.ts";
import { createGuards } from "../../src/store/guards.ts";
import { onBothEngines } from "../engines.ts";
import { minutesPast, storeOn } from "../store/sample-exposure.ts";

const TUNNEL = "3d539f97-cd3a-4d8e-833b-65e9099c7a8d";

onBothEngines("writes of a tunnel's configuration", (open) => {
  test("whoever was overtaken may not begin one, and the next waits for the one under way", async () => {
    const database = await open();
    const guards = createGuards(database.db);
    const tools = { exposures: storeOn(database), guards, now: () => minutesPast(1) };
    const pass = async () => startConfigWrites(tools, TUNNEL, await guards.raiseFence(TUNNEL));

    const slow = await pass();
    await slow.begin([]);
    const next = await pass();
    expect(next.lateUntil).toEqual(new Date(minutesPast(1).getTime() + 30_000));
    await expect(slow.begin([])).rejects.toMatchObject({ kind: "retry" });
    await expect(slow.begin([])).rejects.toThrow("Another worker has taken over this tunnel.");
    await next.begin([]);
    await next.answered();
    // The answer to its own write says nothing of the one before.
    expect((await pass()).lateUntil).toEqual(next.lateUntil);
  });

  test("a write that was answered keeps nobody waiting", async () => {
    const database = await open();
    const guards = createGuards(database.db);
    const tools = { exposures: storeOn(database), guards, now: () => minutesPast(1) };
    const first = await startConfigWrites(tools, TUNNEL, await guards.raiseFence(TUNNEL));
    await first.begin([]);
    await first.answered();
    const next = await startConfigWrites(tools, TUNNEL, await guards.raiseFence(TUNNEL));
    expect(next.lateUntil).toBeNull();
  });
});
