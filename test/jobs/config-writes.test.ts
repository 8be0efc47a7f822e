// A worker that lost its tunnel to another writes nothing more, and what it had sent is known to its successor.
import { expect, test } from "vitest";
import { transition } from "../../src/domain/transition.ts";
import { startConfigWrites } from "../../src/jobs/config-writes.ts";
import { createGuards } from "../../src/store/guards.ts";
import { onBothEngines } from "../engines.ts";
import {
  ASHA,
  ASKED,
  approvalBy,
  clickOf,
  LEE,
  minutesPast,
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
    await writes.begin([closed.id, other.id]);
    await exposures.advance(closed.id, { ...clickOf(ASHA), action: "close" }, (exposure) =>
      transition(exposure, CLOSING),
    );
    await expect(writes.begin([closed.id, other.id])).rejects.toThrow(
      "One of the exposures to be routed was closed meanwhile.",
    );
    await expect(writes.begin([closed.id])).rejects.toMatchObject({ kind: "retry" });
    await writes.begin([other.id]);
    await writes.begin([]);
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
