// Whoever asked leaves, or may ask no more: nothing new is granted in their name, and what is open is closed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, expose, NOTHING_STANDING, standing, untilClosed, untilOpen } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { actsOf } from "../trail.ts";
import { buttonsOf, createWorld, type World } from "../world.ts";

const TEN_MINUTES = 10 * 60_000 + 1_000;

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(6) });
});
afterAll(() => world.close());

test("what is open in the name of somebody who left is closed within ten minutes, and nothing else", async () => {
  const { slack, shared } = world.sandbox;
  const theirs = await expose(world, { service: "shop-1", duration: 240 }, world.tom);
  const beside = await expose(world, { service: "shop-2", duration: 240 });
  slack.setPerson("U0TOM", { deleted: true });
  shared.clock.forward(TEN_MINUTES);
  await untilClosed(world, theirs);
  expect(standing(world, theirs)).toEqual(NOTHING_STANDING);
  expect(world.cardText(theirs)).toContain(
    "Whoever asked for it is not a full member of this workspace any more. Somebody else can ask for it with /expose.",
  );
  expect(await actsOf(world, theirs, "sweep")).toContain("sweep requester gone: ok");
  expect(buttonsOf(world.card(beside))).toContain("Close");
  slack.setPerson("U0TOM", { deleted: false });
});

test("where Slack does not say who somebody is, theirs stays open, and others' are looked at all the same", async () => {
  const { slack, shared } = world.sandbox;
  const unknown = await expose(world, { service: "shop-3", duration: 1440 });
  const theirs = await expose(world, { service: "shop-4", duration: 1440 }, world.tom);
  shared.faults.add({ vendor: "slack", path: "users.info", times: 1, effect: { kind: "drop" } });
  slack.setPerson("U0TOM", { deleted: true });
  shared.clock.forward(TEN_MINUTES);
  await untilClosed(world, theirs);
  expect(buttonsOf(world.card(unknown))).toContain("Close");
  slack.setPerson("U0TOM", { deleted: false });
});

test("a request of somebody who left cannot be approved, and can be denied", async () => {
  const { lee, tom, sandbox } = world;
  const host = await ask(world, { service: "shop-5" }, tom);
  sandbox.slack.setPerson("U0TOM", { isRestricted: true });
  expect(await lee.pressesInVain("Approve", world.card(host))).toBe(
    "Whoever asked for this may not ask for it any more, so no time is given in their name. It can still be denied or closed, and somebody else can ask with `/expose`.",
  );
  expect(await lee.pressesInVain("Approve Shorter", world.card(host))).toContain("no time is given");
  expect(sandbox.cloudflare.history(host)).toEqual([]);
  await lee.presses("Deny", world.card(host));
  expect(await lee.submits({ "form.reason": "They moved to a partner" })).toBeNull();
  await world.until("the card says so", () => world.cardText(host).startsWith("Denied:"));
  sandbox.slack.setPerson("U0TOM", { isRestricted: false });
});

test("while Slack cannot say whether whoever asked is still there, nothing is approved", async () => {
  const { lee, tom, sandbox } = world;
  const host = await ask(world, { service: "shop-6" }, tom);
  sandbox.slack.setPerson("U0TOM", { deleted: true });
  sandbox.shared.faults.add({ vendor: "slack", path: "users.info", times: 0, effect: { kind: "drop" } });
  expect(await lee.pressesInVain("Approve", world.card(host))).toContain("could not look up");
  sandbox.shared.faults.clear();
  sandbox.slack.setPerson("U0TOM", { deleted: false });
  await lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
});
