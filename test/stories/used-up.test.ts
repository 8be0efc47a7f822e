// Somebody uses up all that Slack lets be looked up in a minute: what is open can be closed all the same, and nothing is decided.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, expose, NOTHING_STANDING, standing } from "../exposing.ts";
import { buttonsOf, createWorld, type World } from "../world.ts";

const NOT_NOW =
  /^Drawbridge could not look up the (admin|approver) groups just now\. To be safe, nothing was changed\./;

let world: World;
beforeAll(async () => {
  world = await createWorld({ slackLimits: true });
});
afterAll(() => world.close());

/** Its card may be drawn later: of changed messages Slack takes fifty a minute. */
async function isGone(host: string): Promise<void> {
  await expect.poll(() => standing(world, host)).toEqual(NOTHING_STANDING);
}

test("leads and admins who were known within the hour close, freeze and close everything", async () => {
  const { tom, lee } = world;
  const [first, second, third] = [
    await expose(world, { service: "billing-api" }),
    await expose(world, { service: "grafana" }),
    await expose(world, { service: "returns" }),
  ];
  const waiting = await ask(world, { service: "reports" });
  await world.until("nobody can be looked up any more", async () =>
    NOT_NOW.test((await tom.isAnswered("unfreeze")).text),
  );

  expect(await lee.pressesInVain("Approve", world.card(waiting))).toMatch(NOT_NOW);
  expect((await lee.isAnswered("unfreeze")).text).toMatch(NOT_NOW);
  expect(buttonsOf(world.card(waiting))).toContain("Approve");

  expect((await lee.presses("Close", world.card(first))).outcome).toBe("acked");
  await isGone(first);
  const busy = { kind: "status", status: 429, retryAfterSeconds: 30 } as const;
  world.sandbox.shared.faults.add({ vendor: "slack", path: "users.info$", times: 0, effect: busy });
  expect((await lee.isAnswered(`close ${third}`)).text).toMatch(/^Closing/);
  await isGone(third);
  expect((await lee.isAnswered("freeze")).text).toMatch(/^New openings are frozen/);
  expect((await lee.isAnswered("close-all")).text).toMatch(/^Closing 1 exposure,/);
  await isGone(second);
  expect((await tom.isAnswered("close-all")).text).toMatch(/^Only Drawbridge admins/);
});
