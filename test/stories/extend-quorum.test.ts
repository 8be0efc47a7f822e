// How many have to approve more time: as many as the policy of that day asks for; and nobody asks where too few could.
import { afterAll, beforeAll, expect, test } from "vitest";
import { restartWith } from "../edited-policy.ts";
import { errorsIn, forge, lastEnvelope } from "../envelopes.ts";
import { ask, expose, untilOpen } from "../exposing.ts";
import { endOf, wishesForMore } from "../extending.ts";
import { withShops } from "../shops.ts";
import { actsOf } from "../trail.ts";
import { createWorld, textOf, type World } from "../world.ts";

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

test("more time that nobody could grant is not asked for, and who can ask for it is told", async () => {
  const { lee, mina, sandbox } = world;
  const payroll = (policy: string) =>
    policy.replace("presets: [30m, 1h, 2h]", "presets: [30m, 1h, 2h]\n    freeExtension: 30m");
  await restartWith(world, payroll);
  const host = await ask(world, { service: "payroll-admin", duration: 30 });
  await lee.presses("Approve", world.card(host));
  await mina.presses("Approve", world.card(host));
  await untilOpen(world, host);

  // Two are needed, and of the two leads one asks. What is free is added all the same.
  await lee.presses("Extend", world.card(host));
  const form = textOf({ blocks: (await lee.modal()).view.blocks } as never);
  expect(form).toContain("Up to 30 min is added at once; there are too few approvers to ask for more.");
  const end = endOf(world, host);
  expect(await lee.submits({ "form.duration": "30", "form.reason": "Longer" })).toBeNull();
  await world.until("the card shows the new end", () => endOf(world, host) === end + 1800);
  const sent = errorsIn(await forge(world, lastEnvelope(world, "view_submission"), () => undefined));
  expect(sent?.duration).toMatch(/^More time needs 2 approvals, and only one other person could give one/);
  expect(await lee.pressesInVain("Extend", world.card(host))).toContain(
    "Let whoever asked for this exposure ask for more",
  );
  expect(world.cardText(host)).not.toContain("More time asked for");

  const noGroup = { kind: "status", status: 200, body: { ok: false, error: "no_such_subteam" } } as const;
  sandbox.shared.faults.add({ vendor: "slack", path: "usergroups", times: 0, effect: noGroup });
  await wishesForMore(world, host, 120);
  sandbox.shared.faults.clear();
});
