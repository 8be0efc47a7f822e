// How many have to approve more time: as many as the policy of that day asks for.
import { afterAll, beforeAll, expect, test } from "vitest";
import { restartWith } from "../edited-policy.ts";
import { expose } from "../exposing.ts";
import { endOf, wishesForMore } from "../extending.ts";
import { withShops } from "../shops.ts";
import { actsOf } from "../trail.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(2) });
});
afterAll(() => world.close());

test("more time takes two approvals where the policy was raised to two while it was open", async () => {
  const { lee, mina } = world;
  const host = await expose(world, { service: "shop-1", duration: 60 });
  const end = endOf(world, host);
  await restartWith(world, (policy) =>
    policy.replace("maxDuration: 24h", "approvals: 2\n    maxDuration: 24h"),
  );
  await wishesForMore(world, host, 240);
  expect(world.cardText(host)).toContain("0 of 2 approvals so far");
  await lee.presses("Approve", world.card(host));
  await world.until("the count moves", () =>
    world.cardText(host).includes("1 of 2 approvals so far: <@U0LEE>"),
  );
  expect(endOf(world, host)).toBe(end);
  await mina.presses("Approve", world.card(host));
  await world.until("the card shows the new end", () => endOf(world, host) === end + 4 * 3600);
  expect(await actsOf(world, host, "policy")).toEqual([]);
});
