// Somebody uses up all that Slack lets be looked up in a minute: what is open can be closed all the same, and nothing is decided.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, expose, NOTHING_STANDING, standing, untilClosed } from "../exposing.ts";
import { buttonsOf, createWorld, type World } from "../world.ts";

const NOT_NOW =
  /^Drawbridge could not look up the (admin|approver) groups just now\. To be safe, nothing was changed\./;

let world: World;
beforeAll(async () => {
  world = await createWorld({ slackLimits: true });
});
afterAll(() => world.close());

test("leads and admins who were known within the hour close, freeze and close everything", async () => {
  const { tom, lee } = world;
  const [first, second] = [
    await expose(world, { service: "billing-api" }),
    await expose(world, { service: "grafana" }),
  ];
  const waiting = await ask(world, { service: "reports" });
  await world.until("nobody can be looked up any more", async () =>
    NOT_NOW.test((await tom.isAnswered("unfreeze")).text),
  );

  expect(await lee.pressesInVain("Approve", world.card(waiting))).toMatch(NOT_NOW);
  expect((await lee.isAnswered("unfreeze")).text).toMatch(NOT_NOW);
  expect(buttonsOf(world.card(waiting))).toContain("Approve");

  expect((await lee.presses("Close", world.card(first))).outcome).toBe("acked");
  await untilClosed(world, first);
  expect((await lee.isAnswered("freeze")).text).toMatch(/^New openings are frozen/);
  expect((await lee.isAnswered("close-all")).text).toMatch(/^Closing 1 exposure,/);
  await untilClosed(world, second);
  for (const host of [first, second]) expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect((await tom.isAnswered("close-all")).text).toMatch(/^Only Drawbridge admins/);
});
