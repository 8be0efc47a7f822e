// The bot on the model world: the real converge and the real steps, over a store in memory that outlives its process.
import type { Logger } from "pino";
import { type Exposure, isLive, PHASES_ON_THE_ROAD } from "../../src/domain/exposure.ts";
import { isOwnRoute, ownRouteOf } from "../../src/domain/holes.ts";
import type { Observed } from "../../src/domain/observed.ts";
import { plan, type Stage, type Step, type Target } from "../../src/domain/plan.ts";
import { isRoutedUnnoted, routedBy, targetOf } from "../../src/domain/target.ts";
import { type Event, transition } from "../../src/domain/transition.ts";
import { type ConvergeTools, createConverge } from "../../src/jobs/converge.ts";
import { createEdge } from "../../src/services/edge.ts";
import type { EdgeTools, Outcome, Pass } from "../../src/services/edge-pass.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import type { Guards } from "../../src/store/guards.ts";
import { billing, TUNNEL_ID } from "./exposure-sample.ts";
import { createLaws, isRouted, type Laws } from "./model-laws.ts";
import { Crash, createVendors, HARMLESS, type Life } from "./model-vendors.ts";
import { isTaken, TEAM, type World } from "./model-world.ts";

export const PROOFS = 3;
const ZONES = ["lakeside.example"];

type Row = { exposure: Exposure; next: Date | null; attempts: number };

export type Bot = {
  world: World;
  rows: Map<string, Row>;
  laws: Laws;
  now: Date;
  writeUntil: Date | null;
  /** Openings are frozen. */
  frozen: boolean;
  /** Exposures that were open when nothing of theirs stood any more. */
  emptied: Set<string>;
  /** Faults of ours, such as a TypeError: none is ever in order. */
  unexpected: unknown[];
};

export function createBot(world: World, exposures: Exposure[], now: Date): Bot {
  const rows = new Map(exposures.map((each) => [each.id, { exposure: each, next: now, attempts: 0 }]));
  const laws = createLaws(
    world,
    () => exposuresOf(bot),
    () => bot.frozen,
  );
  const bot: Bot = {
    world,
    rows,
    laws,
    now,
    writeUntil: null,
    frozen: false,
    emptied: new Set(),
    unexpected: [],
  };
  return bot;
}

export function exposuresOf(bot: Bot): Exposure[] {
  return [...bot.rows.values()].map((row) => row.exposure);
}

export function decide(bot: Bot, id: string, event: Event): void {
  const row = bot.rows.get(id);
  const verdict = row && transition(row.exposure, event);
  if (row && verdict?.ok) write(bot, row, verdict.value);
}

function write(bot: Bot, row: Row, decided: Exposure): Exposure {
  const before = row.exposure;
  row.exposure = { ...decided, version: before.version + 1 };
  const moved = decided.phase !== before.phase || decided.endsAt?.getTime() !== before.endsAt?.getTime();
  if (PHASES_ON_THE_ROAD.includes(decided.phase) && moved) Object.assign(row, { next: bot.now, attempts: 0 });
  return row.exposure;
}

/** What the sweep does before it wakes converge: everything is looked at anew, and leftovers of what ended are found. */
export function sweep(bot: Bot): void {
  const { applications } = bot.world;
  const records = bot.world.records.filter((each) => !isTaken(each.name));
  for (const row of bot.rows.values()) {
    const { id } = row.exposure;
    if (bot.frozen && isRoutedUnnoted(row.exposure, bot.world.config.rules))
      write(bot, row, routedBy(row.exposure, bot.world.config.version));
    const marked = [...applications, ...records].some((each) => each.mark?.exposureId === id);
    const own = ownRouteOf(targetOf(row.exposure));
    const late = bot.world.config.rules.some((rule) => rule.lock && isOwnRoute(rule, own));
    if (isLive(row.exposure)) row.next = bot.now;
    else if (marked || late || isRouted(bot.world, row.exposure))
      decide(bot, id, { kind: "leftover", at: bot.now });
  }
}

/** One job of one process. A crash drops everything but the store and the world. */
export async function converge(bot: Bot, life: Life = HARMLESS): Promise<void> {
  const { beat } = life;
  const tools: ConvergeTools = {
    exposures: createStore(bot, beat),
    guards: createModelGuards(bot, beat),
    edge: createEdge(vendorsOf(bot, life)),
    describe: async (ref) => ({ ...billing, ...ref }),
    zonesOf: () => ZONES,
    whyForbidden: () => null,
    proofs: PROOFS,
    visitTokenId: null,
    team: () => (life.teamless ? null : TEAM),
    now: () => bot.now,
    log: createLog(bot),
  };
  await createConverge(tools)(TUNNEL_ID).catch((error: unknown) => {
    if (!(error instanceof Crash)) bot.unexpected.push(error);
  });
}

function createLog(bot: Bot): Logger {
  const error = (fields: { err: unknown }) =>
    void (fields.err instanceof Crash || bot.unexpected.push(fields.err));
  return { error, warn: () => {}, info: () => {} } as unknown as Logger;
}

export function vendorsOf(bot: Bot, life: Life = HARMLESS): EdgeTools {
  const targets = () => exposuresOf(bot).map(targetOf);
  return createVendors({
    world: bot.world,
    laws: bot.laws,
    life,
    targets,
    proofs: PROOFS,
    now: () => bot.now,
  });
}

function createStore(bot: Bot, beat: () => void): ExposureStore {
  const all = () => exposuresOf(bot);
  const store: Partial<ExposureStore> = {
    load: async (id) => bot.rows.get(id)?.exposure ?? null,
    onTunnel: async () => all().filter((each) => isLive(each) && each.phase !== "pending"),
    schedulesOf: async () =>
      [...bot.rows.values()]
        .filter(({ exposure }) => PHASES_ON_THE_ROAD.includes(exposure.phase))
        .map(({ exposure: { id, version }, next, attempts }) => ({ id, version, attempts, next })),
    attemptsOf: async (id) => bot.rows.get(id)?.attempts ?? 0,
    schedule: async (id, version, next, attempts) => {
      beat();
      const row = bot.rows.get(id);
      if (row?.exposure.version === version) Object.assign(row, { next, attempts });
    },
    dueTunnels: async (now) =>
      [...bot.rows.values()].some(
        ({ exposure, next }) => PHASES_ON_THE_ROAD.includes(exposure.phase) && next && next <= now,
      )
        ? [TUNNEL_ID]
        : [],
    advance: async (id, _, judge) => {
      beat();
      const row = bot.rows.get(id);
      if (!row) return { ok: false, because: "not-found" };
      const { phase } = row.exposure;
      const verdict = judge(row.exposure) ?? { ok: false, because: "already-decided", phase };
      return verdict.ok ? { ok: true, value: write(bot, row, verdict.value) } : verdict;
    },
  };
  return store as ExposureStore;
}

function createModelGuards(bot: Bot, beat: () => void): Guards {
  const guards: Partial<Guards> = {
    isOn: async () => bot.frozen,
    raiseFence: async () => "1",
    beginWrite: async (_tunnel, _fence, until) => {
      beat();
      bot.writeUntil = until;
      return true;
    },
    endWrite: async (_tunnel, _fence, earlier) => {
      beat();
      bot.writeUntil = earlier;
    },
    writeUntil: async () => bot.writeUntil,
  };
  return guards as Guards;
}

async function observe(bot: Bot): Promise<Observed> {
  const hostnames = exposuresOf(bot).map((each) => each.hostname);
  return await createEdge(vendorsOf(bot)).observe(TUNNEL_ID, ZONES, hostnames, []);
}

/** What converge would do now, for exposures that it would look at. */
export async function planOf(bot: Bot): Promise<Stage[]> {
  const targets = exposuresOf(bot)
    .filter((each) => each.phase !== "pending")
    .map(targetOf);
  return plan(targets, await observe(bot), { proofs: PROOFS, team: TEAM, visitTokenId: null });
}

/** Carries out one step by itself and keeps the progress that it made. */
export async function perform(bot: Bot, step: Step): Promise<Outcome[]> {
  if (step.kind === "settle-open" || step.kind === "settle-closed") return [];
  const targets = new Map<string, Target>(exposuresOf(bot).map((each) => [each.id, targetOf(each)]));
  const observed = await observe(bot);
  const pass: Pass = {
    tunnelId: TUNNEL_ID,
    targets,
    observed,
    listed: new Set(observed.applications.map((each) => each.id)),
    observedAt: Date.now(),
    writes: { lateUntil: null, begin: async () => null, answered: async () => {}, crossed: async () => {} },
  };
  const outcomes = await createEdge(vendorsOf(bot)).apply(step, pass);
  for (const outcome of outcomes) {
    const row = bot.rows.get(outcome.exposureId);
    const made = "progress" in outcome ? outcome.progress : undefined;
    if (row && made) row.exposure = { ...row.exposure, progress: { ...row.exposure.progress, ...made } };
  }
  return outcomes;
}
