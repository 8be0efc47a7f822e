// Somebody changes something in Cloudflare's dashboard between any two calls of an opening and of a closing, and while it is
// open: no stranger ever gets through because of us, what is theirs survives to the letter, and it ends right.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { atCall } from "../at-call.ts";
import { ask, expose, isClosed, isOpen } from "../exposing.ts";
import { expectRight, HANDS, type Hand, isRight } from "../hands.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
let number = 0;
beforeEach(async () => {
  world = await createWorld({ env: { PROOF_VISITS: "2", SWEEP_SECONDS: "600" } });
});
afterEach(() => world.close());

type Made = ReturnType<Hand["edit"]>;

/** Sweeps until it is as it must be, or closed: the first finds what was done, a second what the first was too early for. */
async function settled(host: string): Promise<void> {
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
async function closedAfter(host: string, made?: Made): Promise<void> {
  if (isOpen(world, host)) await world.lee.presses("Close", world.card(host));
  const waits = () =>
    world.cardText(host).includes("by a route") || world.cardText(host).includes("still leads this hostname");
  await world.until(`${host} is closed, or waits for theirs`, () => isClosed(world, host) || waits(), 40);
  made?.undo?.();
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

async function opened(hand: Hand, nth: number): Promise<boolean> {
  number += 1;
  const host = await ask(world, { service: "grafana", hostname: `hand-${number}` });
  const made: Made[] = [];
  const act = () => void made.push(hand.edit(world, host));
  const came = await atCall(world, nth, act, () => world.lee.presses("Approve", world.card(host)));
  await world
    .until(
      "it is open or over",
      () => isOpen(world, host) || isClosed(world, host) || world.cardText(host).includes("still leads"),
      40,
    )
    .catch((error: Error) => {
      throw new Error(`call ${nth}: ${error.message}\n${world.cardText(host)}`);
    });
  const reached = came();
  await finish(host, made[0]);
  return reached;
}

async function finish(host: string, made?: Made): Promise<void> {
  if (isOpen(world, host))
    await settled(host).catch((error: Error) => {
      if (!world.cardText(host).includes("still leads")) throw error;
    });
  const theirs = made?.theirs?.();
  if (theirs !== undefined) expect([host, "theirs", theirs]).toEqual([host, "theirs", 1]);
  if (isOpen(world, host)) expectRight(world, host);
  await closedAfter(host, made);
}

async function closed(hand: Hand, nth: number): Promise<boolean> {
  number += 1;
  const host = await expose(world, { service: "grafana", hostname: `hand-${number}` });
  const made: Made[] = [];
  const act = () => void made.push(hand.edit(world, host));
  const came = await atCall(world, nth, act, () => world.lee.presses("Close", world.card(host)));
  await world.until("it is closing", () => !isOpen(world, host));
  await closedAfter(host, made[0]);
  return came();
}

describe.each(HANDS)("$name", (hand) => {
  test("after any call of an opening", async () => {
    for (let nth = 1; nth < 80; nth++) if (!(await opened(hand, nth))) return;
  });

  test("while it is open", async () => {
    number += 1;
    const host = await expose(world, { service: "grafana", hostname: `hand-${number}` });
    await finish(host, hand.edit(world, host));
  });

  test("after any call of a closing", async () => {
    for (let nth = 1; nth < 60; nth++) if (!(await closed(hand, nth))) return;
  });
});
