// What a pass takes up: all that is due where it may open; what is to be closed alone where it may not, as in the reaper, or
// where openings are frozen.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { freshProgress } from "../../src/domain/progress.ts";
import { takeDue } from "../../src/jobs/taking-up.ts";
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
  const taken = async (mayOpen: boolean) =>
    (await takeDue(tools, TUNNEL, mayOpen)).map(({ id, phase }) => `${names.get(id)}: ${phase}`).sort();
  const phaseOf = async (name: string) => {
    const [id] = [...names].find(([, each]) => each === name)!;
    return (await exposures.load(id))?.phase;
  };
  return { guards, taken, phaseOf };
}

const ENDING = ["closing: closing", "over: closing"];
const STANDING = ["mended: opening", "open: open", "routed: opening"];

test("all that is due, and what was approved is begun", async () => {
  const { taken } = await oneOfEach();
  expect(await taken(true)).toEqual([...ENDING, ...STANDING, "approved: opening", "opening: opening"].sort());
});

test("by who may not open: what is to be closed alone, and nothing is begun", async () => {
  const { taken, phaseOf } = await oneOfEach();
  expect(await taken(false)).toEqual(ENDING);
  expect(await phaseOf("approved")).toBe("approved");
});

test("while openings are frozen: nothing that has no route yet, and what has is mended and closed as ever", async () => {
  const { guards, taken, phaseOf } = await oneOfEach();
  const entry = { at: NOON, actor: "U-MINA", action: "freeze", exposureId: null, outcome: "ok", details: {} };
  await guards.turn({ "openings-frozen": "on" }, entry);
  expect(await taken(true)).toEqual([...ENDING, ...STANDING].sort());
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
    await takeDue({ exposures, guards, whyForbidden: () => null, now }, TUNNEL, true);
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
