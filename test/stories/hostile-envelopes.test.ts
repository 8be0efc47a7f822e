// A hundred and fifty spoilt envelopes: the bot lives, nobody reads a stack or is shouted at, and nothing is done by half.
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectUnharmed, sendSpoilt } from "../hostile-world.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test("150 of them, of every kind", async () => {
  const { deliveries, unhandled } = await sendSpoilt(world, 150, 20261124);
  expect(unhandled).toEqual([]);
  await expectUnharmed(world, deliveries);
});
