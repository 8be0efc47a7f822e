// What a pass takes up: all that is due where it may open; what is to be closed alone where it may not, as in the reaper, or
// where openings are frozen.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { freshProgress } from "../../src/domain/progress.ts";
import { type MayOpen, takeDue } from "../../src/jobs/taking-up.ts";
import { createGuards } from "../../src/store/guards.ts";
import { onPostgres } from "../engines.ts";
import { ASHA, ASKED, minutesPast, NOON, pendingExposure, storeOn } from "../store/sample-exposure.ts";

const TUNNEL = "tunnel-1";

/** One of each kind, all due a minute after noon. */
async function oneOfEach() {
  const database = await onPostgres();
  const exposures = storeOn(database);
  const guards = createGuards(database.db);
  const endsAt = minutesPast(180);
  const times = { approvedMinutes: 120, decidedAt: NOON, endsAt, until: endsAt, tunnelId: TUNNEL };
  const opened = { openedAt: NOON, progress: { ...freshProgress(), routedVersion: 3 } };
  const all: Record<string, Partial<Exposure>> = {
    approved: { phase: "approved" },
    opening: { phase: "opening" },
    routed: { phase: "opening", progress: opened.progress },
    mended: { phase: "opening", openedAt: NOON },
    open: { phase: "open", ...opened },
    over: { phase: "open", ...opened, endsAt: minutesPast(1), until: minutesPast(1) },
    closing: {
      phase: "closing",
      ...opened,
      closing: { because: "requester", by: ASHA.slackId, detail: null, at: NOON },
    },
  };
  const names = new Map<string, string>();
  for (const [name, change] of Object.entries(all)) {
    const exposure = pendingExposure({ ...times, ...change });
    names.set(exposure.id, name);
    await exposures.submit(exposure, ASKED);
    await exposures.schedule(exposure.id, exposure.version, minutesPast(1), 0);
  }
  const tools = { exposures, guards, whyForbidden: () => null, now: () => minutesPast(1) };
  const taken = async (may: MayOpen) =>
    (await takeDue(tools, TUNNEL, may)).map(({ id, phase }) => `${names.get(id)}: ${phase}`).sort();
  const found = async (name: string) => {
    const [id] = [...names].find(([, each]) => each === name)!;
    return (await exposures.load(id))!;
  };
  const phaseOf = async (name: string) => (await found(name)).phase;
  const waitingOf = async (name: string) => (await found(name)).progress.waiting;
  return { guards, taken, phaseOf, waitingOf };
}

const ENDING = ["closing: closing", "over: closing"];
const STANDING = ["mended: opening", "open: open", "routed: opening"];

test("all that is due, and what was approved is begun", async () => {
  const { taken } = await oneOfEach();
  expect(await taken("yes")).toEqual(
    [...ENDING, ...STANDING, "approved: opening", "opening: opening"].sort(),
  );
});

test("by who may not open: what is to be closed alone, and nothing is begun", async () => {
  const { taken, phaseOf, waitingOf } = await oneOfEach();
  expect(await taken("never")).toEqual(ENDING);
  expect([await phaseOf("approved"), await waitingOf("approved")]).toEqual(["approved", null]);
});

test("before the Access team's name is known: the same, and what is held says what for", async () => {
  const { taken, phaseOf, waitingOf } = await oneOfEach();
  expect(await taken("not-yet")).toEqual(ENDING);
  expect(await phaseOf("approved")).toBe("approved");
  for (const held of ["approved", "opening"])
    expect(await waitingOf(held)).toContain("has not yet told the name of the Access team");
  expect([await waitingOf("routed"), await waitingOf("open")]).toEqual([null, null]);
});

test("while openings are frozen: nothing that has no route yet, and what has is mended and closed as ever", async () => {
  const { guards, taken, phaseOf } = await oneOfEach();
  const entry = { at: NOON, actor: "U-MINA", action: "freeze", exposureId: null, outcome: "ok", details: {} };
  await guards.turn({ "openings-frozen": "on" }, entry);
  expect(await taken("yes")).toEqual([...ENDING, ...STANDING].sort());
  expect(await phaseOf("approved")).toBe("approved");
});

test("what was proved is worth nothing once it was held, or nobody was there", async () => {
  const database = await onPostgres();
  const [exposures, guards] = [storeOn(database), createGuards(database.db)];
  const endsAt = minutesPast(180);
  const ready = { approvedMinutes: 120, decidedAt: NOON, endsAt, until: endsAt, tunnelId: TUNNEL };
  const progress = { ...freshProgress(), since: NOON, gateProofs: 3 };
  const exposure = pendingExposure({ ...ready, phase: "opening", progress });
  const proofsAfter = async (seconds: number) => {
    const now = () => new Date(NOON.getTime() + seconds * 1000);
    const { version } = (await exposures.load(exposure.id)) ?? exposure;
    await exposures.schedule(exposure.id, version, NOON, 0);
    await takeDue({ exposures, guards, whyForbidden: () => null, now }, TUNNEL, "yes");
    return (await exposures.load(exposure.id))?.progress.gateProofs;
  };
  await exposures.submit(exposure, ASKED);
  expect(await proofsAfter(2)).toBe(3);
  expect(await proofsAfter(61)).toBe(0);

  const proved = { ok: true, value: { ...exposure, progress } } as const;
  await exposures.advance(exposure.id, ASKED, () => proved);
  const entry = { ...ASKED, action: "freeze", exposureId: null, outcome: "ok", details: {} };
  await guards.turn({ "openings-frozen": "on" }, entry);
  expect(await proofsAfter(2)).toBe(0);
});
