// What befalls the bot on the model world, job by job: lost calls, refusals, a death at any call, a person who closes, and
// somebody who changes things at the vendors by hand.
import fc from "fast-check";
import { type Exposure, minutesAfter } from "../../src/domain/exposure.ts";
import type { Rule } from "../../src/domain/observed.ts";
import { at, lee } from "./exposure-sample.ts";
import { type Bot, converge, createBot, decide, exposuresOf, sweep } from "./model-bot.ts";
import { isRoutedInDocument, isStanding } from "./model-laws.ts";
import { mostly, type Scene, setScene } from "./model-states.ts";
import { Crash, type Life, type Trouble } from "./model-vendors.ts";
import { isOurRule, rawRoute, settleDown, TEAM, writeDocument } from "./model-world.ts";

const HANDS = [
  "applications-deleted",
  "applications-bypassed",
  "records-deleted",
  "routes-deleted",
  "older-document",
  "their-routes",
] as const;

type Hand = (typeof HANDS)[number];

/** What befalls one job: its calls fare as the tape says, it dies at call number `diesAt`, somebody closes at `closedAt`.
 *  Before it, `hand` changes something by hand, and Access and the connectors may take what was written. */
export type Job = {
  tape: Trouble[];
  diesAt: number | null;
  closedAt: number | null;
  spread: boolean;
  hand: Hand | null;
  /** Its process does not know the Access team's name. */
  teamless: boolean;
  /** Openings are frozen from before it to its end. */
  frozen: boolean;
};

export const job: fc.Arbitrary<Job> = fc.record({
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
  hand: fc.option(fc.constantFrom(...HANDS)),
  teamless: mostly(false, [false, false, true]),
  frozen: mostly(false, [false, true]),
});

function lifeOf({ tape, diesAt, closedAt, teamless }: Job, bot: Bot): Life {
  let calls = 0;
  let heard = 0;
  return {
    teamless,
    beat: () => {
      const number = calls++;
      if (diesAt !== null && number >= diesAt) throw new Crash();
      if (number !== closedAt) return;
      const open = exposuresOf(bot).find((each) => ["approved", "opening", "open"].includes(each.phase));
      const closing = { kind: "close", by: lee, at: bot.now, right: null, detail: null } as const;
      if (!open) return;
      bot.laws.excused.add(open.id);
      decide(bot, open.id, { ...closing, because: "approver" });
    },
    trouble: () => tape[heard++] ?? "none",
  };
}

export function begin(each: Scene): Bot {
  const { world, exposures } = setScene(each);
  return createBot(world, exposures, at(6));
}

export async function later(bot: Bot, life?: Life): Promise<void> {
  bot.now = minutesAfter(bot.now, 0.5);
  sweep(bot);
  bot.laws.excused.clear();
  const empty = exposuresOf(bot).filter((each) => each.phase === "open" && !isStanding(bot.world, each));
  for (const { id } of empty) bot.emptied.add(id);
  await converge(bot, life);
  for (const each of exposuresOf(bot).filter(({ progress }) => progress.waiting?.includes("frozen"))) {
    bot.laws.held.add(each.id);
    if (isRoutedInDocument(bot.world, each)) bot.laws.broken.push(`${each.id} is held with its route in`);
  }
  for (const each of empty)
    if (isStanding(bot.world, each))
      bot.laws.broken.push(`${each.id} was made anew though all of it was gone`);
}

/** Calm weather until nothing moves any more. */
export async function calmDown(bot: Bot, life?: Life): Promise<void> {
  for (let pass = 0; pass < 60; pass++) {
    settleDown(bot.world);
    const before = stateOf(bot);
    await later(bot, life);
    const waiting = exposuresOf(bot).some((each) => each.phase === "opening") && !life?.teamless;
    if (!waiting && stateOf(bot) === before) return;
  }
}

function stateOf({ world, rows }: Bot): string {
  const exposures = [...rows.values()].map(({ exposure }) => ({ ...exposure, version: 0 }));
  const { config, applications, records } = world;
  return JSON.stringify({ exposures, raw: config.raw, applications, records });
}

export async function run(bot: Bot, one: Job): Promise<void> {
  if (one.hand) meddle(bot, one.hand);
  if (one.spread) settleDown(bot.world);
  bot.frozen = one.frozen;
  await later(bot, lifeOf(one, bot));
  bot.frozen = false;
}

/** Routes that somebody makes where ours were: to the same services, and behind applications of their own. */
function theirRoutes({ config }: Bot["world"], exposures: Exposure[]): { raw: Rule["raw"] }[] {
  const lock = { required: true, teamName: TEAM, audTag: ["their-aud"] };
  return exposures
    .filter(
      ({ phase, hostname }) => phase === "closed" && !config.rules.some((rule) => rule.hostname === hostname),
    )
    .map(({ hostname, service }) => ({ raw: rawRoute(hostname, service.url ?? "", lock) }));
}

/** Somebody at a console, or another tool that writes what it remembers. */
function meddle({ world, ...bot }: Bot, hand: Hand): void {
  const exposures = [...bot.rows.values()].map((row) => row.exposure);
  const rules = world.config.rules.filter((rule) => !exposures.some((each) => isOurRule(world, rule, each)));
  const older = world.documents.get(world.config.version - 1) ?? rules;
  const put = (all: { raw: Rule["raw"] }[]) =>
    writeDocument(world, { ...world.config.raw, ingress: all.map((rule) => rule.raw) });
  if (hand === "applications-deleted") world.applications = world.applications.filter((each) => !each.mark);
  if (hand === "records-deleted") world.records = world.records.filter((each) => !each.mark);
  if (hand === "routes-deleted") put(rules);
  if (hand === "older-document") put(older);
  if (hand === "their-routes") {
    const made = theirRoutes(world, exposures);
    world.theirs.push(...made.map((rule) => rule.raw));
    put([...made, ...world.config.rules]);
  }
  if (hand === "applications-bypassed")
    for (const { mark, policies } of world.applications)
      if (mark)
        policies.push({
          name: "hand",
          decision: "bypass",
          include: [{ kind: "everyone" }],
          require: [],
          exclude: [],
        });
}
