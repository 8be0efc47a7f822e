// Somebody changes something in Cloudflare's dashboard between any two calls of an opening and of a closing, and while it is
// open: no stranger ever gets through because of us, what is theirs survives to the letter, and it ends right.
import { describe, expect, test } from "vitest";
import { atCall } from "../at-call.ts";
import { ask, expose, isClosed, isOpen, NOTHING_STANDING, standing } from "../exposing.ts";
import { expectRight, HANDS, type Hand, isRight } from "../hands.ts";
import { ALERTS, createWorld, TUNNEL, textOf, type World } from "../world.ts";

/** A world of its own for each test, how many exposures it has had, and how many changes of others were lost. */
type Place = { world: World; number: number; lost: number };

async function inWorld(act: (place: Place) => Promise<void>): Promise<void> {
  const world = await createWorld({ env: { PROOF_VISITS: "2", SWEEP_SECONDS: "600" } });
  try {
    await act({ world, number: 0, lost: 0 });
  } finally {
    await world.close();
  }
}

function next(place: Place): { service: string; hostname: string } {
  place.number += 1;
  return { service: "grafana", hostname: `hand-${place.number}` };
}

type Made = ReturnType<Hand["edit"]>;

/** Sweeps until it is as it must be, or closed: the first finds what was done, a second what the first was too early for. */
async function settled(world: World, host: string): Promise<void> {
  const { clock, journal } = world.sandbox.shared;
  const isDone = () => isClosed(world, host) || (isOpen(world, host) && isRight(world, host));
  for (let sweeps = 0; sweeps < 2; sweeps++) {
    const from = journal.entries().length;
    clock.forward(61_000);
    const looked = () =>
      journal
        .entries()
        .slice(from)
        .some((each) => each.path.endsWith("/connections"));
    await world.until("it was looked over", looked);
  }
  await world.until(`${host} is right, or closed`, isDone, 40).catch((error: Error) => {
    throw new Error(`${error.message}\n${world.cardText(host)}`);
  });
}

/** Theirs may have to go before ours can: the application stays while their route leads there. */
async function closedAfter(place: Place, host: string, made: Made[]): Promise<void> {
  const { world } = place;
  if (isOpen(world, host)) await world.lee.presses("Close", world.card(host));
  const waits = () =>
    world.cardText(host).includes("by a route") || world.cardText(host).includes("still leads this hostname");
  await world.until(`${host} is closed, or waits for theirs`, () => isClosed(world, host) || waits(), 40);
  await expectTheirs(place, host, made);
  made[0]?.undo?.();
  for (let turn = 0; turn < 10 && !isClosed(world, host); turn++) {
    world.sandbox.shared.clock.forward(31_000);
    await world.until(`${host} is closed`, () => isClosed(world, host), 5).catch(() => null);
  }
  expect([host, isClosed(world, host), isClosed(world, host) || world.cardText(host)]).toEqual([
    host,
    true,
    true,
  ]);
  expectRight(world, host);
}

/** Lee presses a button, and the hand does its edit after the nth call that this leads to: `made` has it from then on. */
async function pressed(world: World, button: string, host: string, hand: Hand, nth: number) {
  const made: Made[] = [];
  const act = () => void made.push(hand.edit(world, host));
  const came = await atCall(world, nth, act, () => world.lee.presses(button, world.card(host)));
  return { made, came };
}

async function opened(place: Place, hand: Hand, nth: number): Promise<boolean> {
  const { world } = place;
  const host = await ask(world, next(place));
  const { made, came } = await pressed(world, "Approve", host, hand, nth);
  await world
    .until(
      "it is open or over",
      () => {
        // What answers there before the route proves nothing: it is waited for until that is gone.
        if (world.cardText(host).includes("Something else still answers")) made[0]?.undo?.();
        return isOpen(world, host) || isClosed(world, host) || world.cardText(host).includes("still leads");
      },
      40,
    )
    .catch((error: Error) => {
      throw new Error(`call ${nth}: ${error.message}\n${world.cardText(host)}`);
    });
  const reached = came();
  await finish(place, host, made);
  return reached;
}

/** What they made stands as they made it. Where they wrote the configuration between our last reading and our write, it is
 *  gone, and the alerts channel was told. */
async function expectTheirs(place: Place, host: string, made: Made[]): Promise<void> {
  const { world } = place;
  for (const { theirs } of made) {
    if (!theirs || theirs() === 1) continue;
    place.lost += 1;
    const told = () => world.sandbox.slack.messages(ALERTS).map(textOf).filter(tellsOfLoss).length;
    await world.until(`the alerts channel is told of what was lost at ${host}`, () => told() === place.lost);
  }
}

function tellsOfLoss(text: string): boolean {
  return text.includes("Their change is gone");
}

async function finish(place: Place, host: string, made: Made[]): Promise<void> {
  const { world } = place;
  if (isOpen(world, host))
    await settled(world, host).catch((error: Error) => {
      if (!world.cardText(host).includes("still leads")) throw error;
    });
  if (isOpen(world, host)) expectRight(world, host);
  await closedAfter(place, host, made);
}

async function closed(place: Place, hand: Hand, nth: number): Promise<boolean> {
  const { world } = place;
  const host = await expose(world, next(place));
  const { made, came } = await pressed(world, "Close", host, hand, nth);
  await world.until("it is closing", () => !isOpen(world, host));
  await closedAfter(place, host, made);
  return came();
}

describe.concurrent.each(HANDS)("$name", (hand) => {
  test("after any call of an opening", () =>
    inWorld(async (place) => {
      tell(hand, place, await afterEachCall((nth) => opened(place, hand, nth)));
    }));

  test("while it is open", () =>
    inWorld(async (place) => {
      const host = await expose(place.world, next(place));
      await finish(place, host, [hand.edit(place.world, host)]);
    }));

  test("after any call of a closing", () =>
    inWorld(async (place) => {
      tell(hand, place, await afterEachCall((nth) => closed(place, hand, nth)));
    }));
});

/** An opening makes some 27 calls and a closing some 18: fewer than these, and the hand hardly touched anything. */
const FEWEST = 12;
const MOST = 80;

/** Until one is not met any more: that was the life with nothing changed in it. Answers how many were. */
async function afterEachCall(isMet: (nth: number) => Promise<boolean>): Promise<number> {
  let met = 0;
  while (met < MOST && (await isMet(met + 1))) met += 1;
  expect(met).toBeGreaterThanOrEqual(FEWEST);
  expect(met).toBeLessThan(MOST);
  return met;
}

function tell(hand: Hand, { lost }: Place, met: number): void {
  process.stderr.write(`${hand.name}: at ${met} calls, ${lost} lost and told of\n`);
}

/** There is no way back from it, so that each has a world of its own. Answers whether it came to the call. */
async function withoutTunnel(stage: "opening" | "closing", nth: number): Promise<boolean> {
  let gone = false;
  await inWorld(async (place) => {
    const { world } = place;
    const { cloudflare, shared } = world.sandbox;
    const [begin, button] = stage === "opening" ? [ask, "Approve"] : [expose, "Close"];
    const host = await begin(world, next(place));
    const act = () => {
      cloudflare.deleteTunnel(TUNNEL);
      gone = true;
    };
    await atCall(world, nth, act, () => world.lee.presses(button, world.card(host)));
    const isOver = () => isClosed(world, host) || (stage === "opening" && isOpen(world, host));
    await world.until("the tunnel is gone, or it is over", () => gone || isOver(), 40);
    if (!gone) return;
    for (let turn = 0; turn < 10 && !isClosed(world, host); turn++) {
      shared.clock.forward(61_000);
      await world.until(`${host} is closed`, () => isClosed(world, host), 5).catch(() => null);
    }
    expect([nth, isClosed(world, host) || world.cardText(host)]).toEqual([nth, true]);
    expect({ ...standing(world, host), routes: 0 }).toEqual(NOTHING_STANDING);
    expect(cloudflare.firstHole(host)).toBeNull();
  });
  return gone;
}

test.concurrent.each(["opening", "closing"] as const)(
  "the tunnel is deleted after any call of an %s",
  async (stage) => {
    const met = await afterEachCall((nth) => withoutTunnel(stage, nth));
    process.stderr.write(`the tunnel is deleted: at ${met} calls of the ${stage}\n`);
  },
);
