// The order of every plan, proved: from any state, with any call lost and any process dead at any call, the gate stands
// before the road, what is others' stays as it is, and the end is the desired one.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLive, minutesAfter } from "../../src/domain/exposure.ts";
import type { Stage, Step } from "../../src/domain/plan.ts";
import { targetOf } from "../../src/jobs/targets.ts";
import { at, lee } from "./exposure-sample.ts";
import { type Bot, converge, createBot, decide, exposuresOf, perform, planOf, sweep } from "./model-bot.ts";
import { foreignIn, isRouted, leads } from "./model-laws.ts";
import { type Scene, scene, setScene } from "./model-states.ts";
import { Crash, type Life, type Trouble } from "./model-vendors.ts";
import { gateStands, rulesInForce, settleDown } from "./model-world.ts";

const RUNS = { numRuns: 400 };
/** Seeds that found something once, and a few for good measure. */
const SEEDS = [1, 7, 42, 20261123];

/** What befalls one job: its calls fare as the tape says, it dies at call number `diesAt`, somebody closes at `closedAt`. */
type Job = { tape: Trouble[]; diesAt: number | null; closedAt: number | null; spread: boolean };

const job: fc.Arbitrary<Job> = fc.record({
  tape: fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constant<Trouble>("none") },
      { weight: 2, arbitrary: fc.constantFrom<Trouble[]>("lost-request", "lost-answer") },
      { weight: 1, arbitrary: fc.constant<Trouble>("denied") },
    ),
    { maxLength: 24 },
  ),
  diesAt: fc.option(fc.nat({ max: 40 })),
  closedAt: fc.option(fc.nat({ max: 40 }), { freq: 8 }),
  spread: fc.boolean(),
});

function lifeOf({ tape, diesAt, closedAt }: Job, bot: Bot): Life {
  let calls = 0;
  let heard = 0;
  return {
    beat: () => {
      const number = calls++;
      if (diesAt !== null && number >= diesAt) throw new Crash();
      if (number !== closedAt) return;
      const open = exposuresOf(bot).find((each) => ["approved", "opening", "open"].includes(each.phase));
      const closing = { kind: "close", by: lee, at: bot.now, right: null, detail: null } as const;
      if (open) decide(bot, open.id, { ...closing, because: "approver" });
    },
    trouble: () => tape[heard++] ?? "none",
  };
}

function begin(each: Scene): Bot {
  const { world, exposures } = setScene(each);
  return createBot(world, exposures, at(6));
}

async function later(bot: Bot, life?: Life): Promise<void> {
  bot.now = minutesAfter(bot.now, 0.5);
  sweep(bot);
  await converge(bot, life);
}

/** Calm weather until nothing moves any more. */
async function calmDown(bot: Bot): Promise<void> {
  for (let pass = 0; pass < 60; pass++) {
    settleDown(bot.world);
    const before = stateOf(bot);
    await later(bot);
    const waiting = exposuresOf(bot).some((each) => each.phase === "opening");
    if (!waiting && stateOf(bot) === before) return;
  }
}

function stateOf({ world, rows }: Bot): string {
  const exposures = [...rows.values()].map(({ exposure }) => ({ ...exposure, version: 0 }));
  const { config, applications, records } = world;
  return JSON.stringify({ exposures, raw: config.raw, applications, records });
}

function expectLawful(bot: Bot): void {
  expect(bot.unexpected).toEqual([]);
  expect(bot.laws.broken).toEqual([]);
}

function expectOpen(bot: Bot, id: string): void {
  const { world } = bot;
  const exposure = exposuresOf(bot).find((each) => each.id === id)!;
  const target = targetOf(exposure);
  const [application] = world.applications.filter((each) => each.mark?.exposureId === id);
  expect(gateStands(world.applications, target)).toBe(true);
  const record = world.records.find((each) => each.name === exposure.hostname);
  expect(record).toMatchObject({ proxied: true, mark: { exposureId: id } });
  const first = world.config.rules.find((rule) => rule.hostname === exposure.hostname);
  expect(first).toMatchObject({
    service: target.origin,
    lock: { required: true, audTag: [application?.aud] },
  });
}

function expectGone(bot: Bot, id: string): void {
  const { world } = bot;
  const exposure = exposuresOf(bot).find((each) => each.id === id)!;
  expect(isRouted(world, exposure)).toBe(false);
  expect([...world.applications, ...world.records].filter((each) => each.mark?.exposureId === id)).toEqual(
    [],
  );
}

/** Everybody is where they should be, and there is nothing left to do. A close may wait, gated, for a foreign route. */
async function expectDone(bot: Bot): Promise<void> {
  for (const { id, phase, hostname } of exposuresOf(bot)) {
    if (phase === "open") expectOpen(bot, id);
    else if (phase === "closed") expectGone(bot, id);
    else {
      const foreign = rulesInForce(bot.world).some((rules) => leads(rules, hostname));
      expect({ id, phase, foreign }).toEqual({ id, phase: "closing", foreign: true });
    }
  }
  const stages = await planOf(bot);
  const settled = exposuresOf(bot).filter(({ phase }) => phase !== "closing");
  const touched = stages.flat().flatMap((step): string[] => step.exposureIds);
  expect(settled.filter(({ id }) => touched.includes(id)).map(({ id }) => id)).toEqual([]);
}

/** Nothing of anybody else's stands in the way, and nothing happened that ends an opening. */
function mustOpen(each: Scene, index: number, jobs: Job[]): boolean {
  const { phase, application, forgotten, record, route, inTheWay } = each.starts[index]!;
  // A stranger gets through until the connectors have taken the route away: that closes it for good.
  const bare = route === "not-required" && (application !== "right" || forgotten);
  const beside = each.starts.some(({ inTheWay: other }) => /wildcard-(above|below)|beside/.test(other));
  const denied = jobs.some(({ tape, closedAt }) => closedAt !== null || tape.includes("denied"));
  const lost = jobs.flatMap(({ tape }) => tape).filter((trouble) => trouble !== "none").length;
  return (
    ["approved", "opening", "open"].includes(phase) &&
    application !== "twice" &&
    !bare &&
    record !== "foreign" &&
    route !== "no-lock" &&
    inTheWay === "nothing" &&
    !beside &&
    !denied &&
    lost < 6 &&
    each.connectors.length > 0 &&
    each.remotelyManaged &&
    !each.realCatchAll
  );
}

async function live(each: Scene, jobs: Job[]): Promise<void> {
  const bot = begin(each);
  const foreign = foreignIn(bot.world, exposuresOf(bot));
  for (const one of jobs) {
    if (one.spread) settleDown(bot.world);
    await later(bot, lifeOf(one, bot));
    expectLawful(bot);
  }
  await calmDown(bot);
  expectLawful(bot);
  expect(foreignIn(bot.world, exposuresOf(bot))).toBe(foreign);
  await expectDone(bot);
  for (const [index, { id, phase }] of exposuresOf(bot).entries())
    if (mustOpen(each, index, jobs)) expect({ id, phase }).toEqual({ id, phase: "open" });
}

describe("from any state", () => {
  it.each(SEEDS)(
    "the end is the desired one, whatever is lost or dies on the way (seed %i)",
    async (seed) => {
      const property = fc.asyncProperty(scene, fc.array(job, { maxLength: 4 }), live);
      await fc.assert(property, { ...RUNS, seed });
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

describe("a plan", () => {
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
    await fc.assert(
      fc.asyncProperty(scene, async (each) => {
        const bot = begin(each);
        for (const stage of await planOf(bot)) {
          for (const step of stage) {
            const outcomes = await perform(bot, step).catch(() => null);
            if (outcomes === null || outcomes.some(({ kind }) => kind !== "done")) return;
            const before = changesOf(bot);
            await perform(bot, step);
            expect(changesOf(bot)).toEqual(before);
          }
          settleDown(bot.world);
        }
      }),
      RUNS,
    );
  });
});

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
