// Two thousand spoilt envelopes, other ones at each run: the seed of a run that fails is in its output.
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectUnharmed, sendSpoilt } from "../hostile-world.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test("2,000 of them, of every kind", async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  const { deliveries, unhandled } = await sendSpoilt(world, 2_000, seed);
  expect({ seed, unhandled }).toEqual({ seed, unhandled: [] });
  await expectUnharmed(world, deliveries);
});
