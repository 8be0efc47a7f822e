// kill -9 at every call that the bot makes to a vendor for an opening, an extension and a closing, before the call has an
// effect and after it: restarted, everything ends as it should, once, and nobody got through in between.
import { afterAll, expect, test } from "vitest";
import { shapeOf } from "../exposing.ts";
import { createLanes, type Lane } from "../lanes.ts";
import type { World } from "../world.ts";
import { type Boundary, boundariesOf, CLICK_CALLS, PHASES, type PhaseName } from "./boundaries.ts";
import { killUnder, quiet } from "./killing.ts";
import { expectCards, expectKept, expectTold } from "./outcome.ts";
import { act, expectRight, type Member, memberOn, settled } from "./story.ts";

/** As many as the bot serves side by side: what hangs holds a worker. */
const ON_TUNNELS = 4;
const IN_MESSAGES = 2;
const NAMES = Object.keys(PHASES) as PhaseName[];
/** Undisturbed, a story is some hundred and twenty calls. */
const MOST_CALLS = 400;

type Crew = { world: World; lanes: Lane[] };

const crews: Crew[] = [];
const free: Crew[] = [];
afterAll(async () => {
  for (const { world } of crews) await world.close();
});

/** As many worlds as rounds run at once. A round that failed leaves its world as it is: nobody else goes on in there. */
async function withCrew(run: (crew: Crew) => Promise<void>): Promise<void> {
  const options = { ownProcess: true, env: { PROOF_VISITS: "3" } };
  const crew = free.pop() ?? (await createLanes(ON_TUNNELS + IN_MESSAGES, options));
  if (!crews.includes(crew)) crews.push(crew);
  await run(crew);
  free.push(crew);
}

/** For each phase which lane dies where; a lane with null is in nobody's way. */
type Round = Record<PhaseName, (Boundary | null)[]>;

function roundAt(index: number): Round {
  const deaths = (phase: PhaseName) => [
    ...share(boundariesOf(phase, "converge"), index, ON_TUNNELS),
    ...share(boundariesOf(phase, "announce"), index, phase === "asked" ? 1 : IN_MESSAGES),
  ];
  return Object.fromEntries(NAMES.map((phase) => [phase, deaths(phase)])) as Round;
}

function share(boundaries: Boundary[], index: number, size: number): (Boundary | null)[] {
  return Array.from({ length: size }, (_, lane) => boundaries[index * size + lane] ?? null);
}

const ROUNDS = Array.from({ length: 100 }, (_, index) => ({
  number: index + 1,
  round: roundAt(index),
})).filter(({ round }) => Object.values(round).flat().some(Boolean));

test("the calls of a story are the ones at which the bot is killed below", () =>
  withCrew(async ({ world, lanes }) => {
    const { journal } = world.sandbox.shared;
    const member = memberOn(world, lanes, 0, "plain");
    for (const phase of NAMES) {
      await quiet(world);
      journal.clear();
      await act(world, member, phase);
      await settled(world, member, phase);
      await quiet(world);
      // The sockets come and go by themselves.
      const made = journal
        .entries()
        .filter(({ path }) => !path.endsWith("/apps.connections.open"))
        .map((entry) => (entry.vendor === "google" ? `google ${entry.method}` : shapeOf(entry)));
      const known = [PHASES[phase].announce, PHASES[phase].converge].flatMap((each) => Object.entries(each));
      const expected = [...known.map(([call]) => call), ...CLICK_CALLS[phase]];
      expect([...new Set(made)].sort(), phase).toEqual([...new Set(expected)].sort());
      for (const [call, times] of known)
        expect(made.filter((each) => each === call).length, call).toBeGreaterThanOrEqual(times);
    }
  }));

test.concurrent.each(ROUNDS)("round $number", ({ number, round }) =>
  withCrew(async ({ world, lanes }) => {
    const { journal } = world.sandbox.shared;
    const members = lanes.map((_, index) => memberOn(world, lanes, index, `round-${number}`));
    journal.clear();
    for (const phase of NAMES) {
      await quiet(world);
      await through(world, members, phase, round[phase]);
      for (const member of members) await settled(world, member, phase);
      await quiet(world);
      for (const member of members) await expectRight(world, member, phase);
    }
    for (const { host, by, repeats } of members) {
      await expectKept(world, host);
      expectCards(world, host, repeats);
      expectTold(world, host, by, repeats);
    }
    expect(journal.entries().length).toBeLessThan(MOST_CALLS * members.length);
  }),
);

async function through(
  world: World,
  members: Member[],
  phase: PhaseName,
  deaths: (Boundary | null)[],
): Promise<void> {
  const doomed = members.flatMap((member, index) => {
    const boundary = deaths[index];
    return boundary ? [{ ...member, member, boundary }] : [];
  });
  for (const { member, boundary } of doomed) noteRepeats(member, phase, boundary);
  if (doomed.length > 0) await killUnder(world, doomed, ({ member }) => act(world, member, phase));
  for (const [index, member] of members.entries()) if (!deaths[index]) await act(world, member, phase);
}

/** Nobody can know whether Slack took a message whose answer never came: it is sent once more. */
function noteRepeats({ repeats }: Member, phase: PhaseName, { call, when }: Boundary): void {
  if (!call.endsWith("chat.postMessage") || when === "before") return;
  if (phase === "asked") repeats.cards += 1;
  else repeats.messages += 1;
}
