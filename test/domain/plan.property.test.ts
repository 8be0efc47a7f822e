// The order of every plan, proved: from any state, with any call lost and any process dead at any call, the gate stands
// before the road, what is others' stays as it is, and the end is the desired one.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLive } from "../../src/domain/exposure.ts";
import type { Stage, Step } from "../../src/domain/plan.ts";
import { targetOf } from "../../src/domain/target.ts";
import { isServiceFailure } from "../../src/services/failure.ts";
import { type Bot, exposuresOf, PROOFS, perform, planOf } from "./model-bot.ts";
import { expectDone, expectLawful, mustOpen } from "./model-ends.ts";
import { EXAMPLES } from "./model-examples.ts";
import { begin, calmDown, type Job, job, later, run } from "./model-jobs.ts";
import { foreignIn, isRoutedInDocument } from "./model-laws.ts";
import { type Scene, scene } from "./model-states.ts";
import { HARMLESS, UNREADABLE } from "./model-vendors.ts";
import { gateStands, settleDown } from "./model-world.ts";

const RUNS = { numRuns: 250 };
const LIMIT_MS = 60_000;
/** Seeds that found something once, and a few for good measure. */
const SEEDS = [1, 7, 42, 20261123];

async function live(each: Scene, jobs: Job[]): Promise<void> {
  const bot = begin(each);
  const foreign = foreignIn(bot.world, exposuresOf(bot));
  for (const one of jobs) {
    await run(bot, one);
    expectLawful(bot);
  }
  await calmDown(bot);
  expectLawful(bot);
  // An older document may bring back what somebody took the lock off: that route is nobody's any more. And others make routes.
  const restored = jobs.some(({ hand }) => hand === "older-document" || hand === "their-routes");
  if (!restored) expect(foreignIn(bot.world, exposuresOf(bot))).toBe(foreign);
  await expectDone(bot);
  for (const [index, { id, phase }] of exposuresOf(bot).entries())
    if (!bot.emptied.has(id) && mustOpen(each, index, jobs))
      expect({ id, phase }).toEqual({ id, phase: "open" });
}

describe("from any state", { timeout: LIMIT_MS }, () => {
  it.each(SEEDS)(
    "the end is the desired one, whatever is lost or dies on the way (seed %i)",
    async (seed) => {
      const property = fc.asyncProperty(scene, fc.array(job, { maxLength: 4 }), live);
      await fc.assert(property, { ...RUNS, seed, examples: EXAMPLES });
    },
  );

  it("the end is the desired one, whatever is lost or dies on the way (a new seed each time)", async () => {
    await fc.assert(fc.asyncProperty(scene, fc.array(job, { maxLength: 4 }), live), RUNS);
  });

  it("in calm weather nothing is ever routed without its gate, and the end is the desired one", async () => {
    await fc.assert(
      fc.asyncProperty(scene, (each) => live(each, [])),
      RUNS,
    );
  });
});

it("whatever else cannot be read, an end takes the route out in the first pass, and what is open keeps its own", {
  timeout: LIMIT_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(scene, fc.constantFrom(...UNREADABLE), async (each, unreadable) => {
      const bot = begin(each);
      const foreign = foreignIn(bot.world, exposuresOf(bot));
      const ending = exposuresOf(bot).filter(({ phase }) => phase === "closing");
      const open = exposuresOf(bot).filter(
        (exposure) => exposure.phase === "open" && isRoutedInDocument(bot.world, exposure),
      );
      const gates = bot.world.applications.length;
      await later(bot, { ...HARMLESS, unreadable });
      expectLawful(bot);
      expect(ending.filter((exposure) => isRoutedInDocument(bot.world, exposure))).toEqual([]);
      expect(open.filter((exposure) => !isRoutedInDocument(bot.world, exposure))).toEqual([]);
      expect(foreignIn(bot.world, exposuresOf(bot))).toBe(foreign);
      expect(bot.world.applications).toHaveLength(gates);
    }),
    RUNS,
  );
});

it("while nobody knows the team's name, what is to be closed is closed, and nothing else is touched", {
  timeout: LIMIT_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (each) => {
      const bot = begin(each);
      const before = new Map(exposuresOf(bot).map((exposure) => [exposure.id, exposure.phase]));
      const ending = ({ id }: { id: string }) => /clos/.test(before.get(id) ?? "");
      await calmDown(bot, { ...HARMLESS, teamless: true });
      expectLawful(bot);
      await expectDone(bot, ending);
      const others = exposuresOf(bot).filter((exposure) => !ending(exposure));
      expect(others.map(({ phase }) => phase)).toEqual(others.map(({ id }) => before.get(id)));
      const written = bot.world.writes.filter((write) => others.some(({ id }) => write.endsWith(` ${id}`)));
      expect(written).toEqual([]);
    }),
    RUNS,
  );
});

const RANK: Partial<Record<Step["kind"], number>> = {
  "remove-routes": 0,
  "ensure-application": 1,
  "ensure-record": 2,
  "prove-gate": 3,
  "add-routes": 4,
  "await-connectors": 5,
  "prove-open": 6,
  "settle-open": 7,
};
const CLOSING: Step["kind"][] = [
  "remove-routes",
  "await-connectors",
  "remove-record",
  "await-clearance",
  "revoke-tokens",
  "remove-application",
  "prove-closed",
  "settle-closed",
];

function kindsOf(stages: Stage[], id: string): Step["kind"][] {
  return stages.flatMap((stage) =>
    stage.filter((step) => step.exposureIds.some((each) => each === id)).map((step) => step.kind),
  );
}

describe("a plan", { timeout: LIMIT_MS }, () => {
  it("goes one way: gate, record, proof, route, proof; and back: route, record, tokens, application", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (each) => {
        const bot = begin(each);
        const stages = await planOf(bot);
        for (const exposure of exposuresOf(bot)) {
          const kinds = kindsOf(stages, exposure.id);
          const want = targetOf(exposure).want;
          if (want === "open" && !kinds.includes("refuse")) {
            const ranks = kinds.map((kind) => RANK[kind] ?? Number.NaN);
            expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
          }
          if (want === "closed") {
            const places = kinds.map((kind) => CLOSING.indexOf(kind));
            expect(places).not.toContain(-1);
            const order = places.filter((place) => place !== CLOSING.indexOf("await-clearance"));
            expect(order).toEqual([...order].sort((a, b) => a - b));
          }
          if (isLive(exposure) && isBare(bot, exposure.id))
            expect(stages[0]?.[0]).toMatchObject(removal(exposure.id));
        }
      }),
      RUNS,
    );
  });

  it("has steps that change nothing when they are done twice", async () => {
    const met = new Map<Step["kind"], number>();
    await fc.assert(
      fc.asyncProperty(scene, async (each) => {
        const bot = begin(each);
        for (const stage of await planOf(bot)) {
          for (const step of stage) {
            if (!(await isDone(bot, step))) return;
            met.set(step.kind, (met.get(step.kind) ?? 0) + 1);
            const before = changesOf(bot);
            await perform(bot, step);
            expect(changesOf(bot)).toEqual(before);
          }
          settleDown(bot.world);
        }
      }),
      RUNS,
    );
    // All but the one that only waits.
    const kinds = [...Object.keys(RANK), ...CLOSING].filter((kind) => kind !== "await-clearance");
    const seldom = kinds.filter((kind) => (met.get(kind as Step["kind"]) ?? 0) < 5);
    expect([seldom, Object.fromEntries(met)]).toEqual([[], expect.anything()]);
  });
});

/** Visits are made until they prove it, as in the passes to come. */
async function isDone(bot: Bot, step: Step): Promise<boolean> {
  for (let visits = 0; visits < PROOFS; visits++) {
    const outcomes = await perform(bot, step).catch((error: unknown) => {
      if (isServiceFailure(error)) return null;
      throw error;
    });
    if (outcomes === null) return false;
    if (outcomes.every(({ kind }) => kind === "done")) return true;
  }
  return false;
}

/** Tokens may be revoked once more: nothing stands there that would change. */
function changesOf({ world }: Bot): string[] {
  return world.writes.filter((write) => !write.startsWith("revoke"));
}

function removal(id: string) {
  return { kind: "remove-routes", exposureIds: expect.arrayContaining([id]) };
}

function isBare(bot: Bot, id: string): boolean {
  const exposure = exposuresOf(bot).find((each) => each.id === id)!;
  const routed = bot.world.config.rules.some(
    (rule) => rule.lock !== null && rule.hostname === exposure.hostname,
  );
  return routed && !gateStands(bot.world.applications, targetOf(exposure));
}
