// Deciding: who may press which button, what comes of it, and what everybody else is told.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { errorsIn, forge, lastEnvelope } from "../envelopes.ts";
import { ask, isClosed, untilOpen } from "../exposing.ts";
import type { Person } from "../people.ts";
import { withShops } from "../shops.ts";
import { actsOf } from "../trail.ts";
import { buttonsOf, createWorld, textOf, type World } from "../world.ts";

const LEADS = "S0LEADS";
const NOT_YOUR_OWN = "Nobody decides on their own request. Another approver has to.";
const SECOND = {
  id: "U0ASHATWO",
  name: "asha.rao",
  realName: "Asha Rao (second account)",
  email: "Asha@Lakeside.example",
};

let world: World;
beforeAll(async () => {
  const seed = withShops(20);
  const channels = seed.slack.channels.map((each) => ({
    ...each,
    members: [...each.members, SECOND.id, "U0GUEST"],
  }));
  const userGroups = seed.slack.userGroups.map((each) => ({ ...each, users: [...each.users, SECOND.id] }));
  const slack = { ...seed.slack, channels, userGroups, people: [...seed.slack.people, SECOND] };
  world = await createWorld({ seed: { ...seed, slack } });
});
afterEach(async () => {
  world.sandbox.shared.faults.clear();
  world.sandbox.slack.setPerson("U0MINA", { isRestricted: false, deleted: false });
  await world.lee.closesForms();
});
afterAll(() => world.close());

test("a lead approves: it opens, and the requester is told twice", async () => {
  const { asha, lee } = world;
  const host = await ask(world, { service: "shop-1", duration: 240 });

  await lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect(world.cardText(host)).toContain("Approved by <@U0LEE>");
  const told = await untilTold(asha, host, 2);
  expect(told[0]).toMatch(/Approved by <@U0LEE> .* You get the address as soon as it is open\./);
  expect(told[1]).toMatch(
    /It is open: a visit from outside without a log-in is stopped by Access\. It ends <!date/,
  );
  expect(told[1]).toContain(`https://${host}/`);
});

test("a denial carries its reason to the requester and to the card", async () => {
  const { asha, lee } = world;
  const host = await ask(world, { service: "shop-2" });

  await lee.presses("Deny", world.card(host));
  expect(await lee.submits({ "form.reason": "The audit is next week" })).toBeNull();
  await world.until("the card says so", () => world.cardText(host).startsWith("Denied:"));
  expect(world.cardText(host)).toContain("The audit is next week");
  expect(buttonsOf(world.card(host))).toEqual(["Request Again"]);
  const [told] = await untilTold(asha, host, 1);
  expect(told).toContain("Denied by <@U0LEE>. Nothing was opened.");
  expect(told).toContain("The audit is next week");
  expect(await actsOf(world, host)).toEqual(["U0ASHA request: ok", "U0LEE deny: ok"]);
});

test("a denial without a reason is not sent", async () => {
  const { lee } = world;
  const host = await ask(world, { service: "shop-3" });
  await lee.presses("Deny", world.card(host));
  await expect(lee.submits({})).rejects.toThrow('"Reason" must be filled in');
  await expect(lee.submits({ "form.reason": "   " })).resolves.toEqual({
    reason: expect.stringMatching(/say why/i),
  });
  expect(buttonsOf(world.card(host))).toContain("Approve");
});

test("only who asked can withdraw", async () => {
  const { asha, lee } = world;
  const host = await ask(world, { service: "shop-4" });

  expect(await lee.pressesInVain("Withdraw", world.card(host))).toBe(
    "Only the person who asked can withdraw it. An approver can deny it instead.",
  );
  await asha.presses("Withdraw", world.card(host));
  await world.until("the card says so", () => world.cardText(host).startsWith("Withdrawn:"));
  expect(world.cardText(host)).toContain("Withdrawn by <@U0ASHA>");
  expect(await actsOf(world, host)).toEqual([
    "U0ASHA request: ok",
    "U0LEE withdraw: not-the-requester",
    "U0ASHA withdraw: ok",
  ]);
});

test("nobody decides on their own request, by whatever account", async () => {
  const { lee, asha } = world;
  const own = await ask(world, { service: "shop-5" }, lee);
  for (const button of ["Approve", "Approve Shorter", "Deny"]) {
    expect(await lee.pressesInVain(button, world.card(own))).toBe(NOT_YOUR_OWN);
  }
  expect(await actsOf(world, own)).toEqual([
    "U0LEE request: ok",
    "U0LEE approve: own-request",
    "U0LEE approve shorter: own-request",
    "U0LEE deny: own-request",
  ]);

  const ashas = await ask(world, { service: "shop-5", hostname: "shop-5-too" }, asha);
  expect(await world.person(SECOND.id).pressesInVain("Approve", world.card(ashas))).toBe(NOT_YOUR_OWN);
  expect(buttonsOf(world.card(ashas))).toContain("Approve");
});

test("whoever is no approver is told so, and nothing happens", async () => {
  const { tom } = world;
  const host = await ask(world, { service: "shop-6" });
  for (const button of ["Approve", "Approve Shorter", "Deny"]) {
    expect(await tom.pressesInVain(button, world.card(host))).toMatch(
      /^Only the approvers named on the card/,
    );
  }
  expect(world.sandbox.slack.modals(tom.id)).toEqual([]);
  expect(await actsOf(world, host)).toEqual([
    "U0ASHA request: ok",
    "U0TOM approve: not-an-approver",
    "U0TOM approve shorter: not-an-approver",
    "U0TOM deny: not-an-approver",
  ]);
});

test("an approver who has become a guest, or has left, decides nothing any more", async () => {
  const { mina, sandbox } = world;
  const host = await ask(world, { service: "shop-7" });
  sandbox.slack.setPerson("U0MINA", { isRestricted: true });
  expect(await mina.pressesInVain("Approve", world.card(host))).toMatch(/^Guests cannot use Drawbridge\./);

  // Slack lets nobody click with a deactivated account; a click that was on its way arrives all the same.
  sandbox.slack.setPerson("U0MINA", { isRestricted: false, deleted: true });
  await forge(world, lastEnvelope(world, "block_actions"), () => undefined);
  await world.until("the refusal is in the audit", async () => (await actsOf(world, host)).length === 3);
  expect(await actsOf(world, host)).toEqual([
    "U0ASHA request: ok",
    "U0MINA approve: not-a-member",
    "U0MINA approve: not-a-member",
  ]);
  expect(buttonsOf(world.card(host))).toContain("Approve");
});

test("somebody taken out of the approvers' group a moment ago decides nothing", async () => {
  const { mina, sandbox } = world;
  const host = await ask(world, { service: "shop-8" });
  sandbox.slack.setUserGroup(LEADS, ["U0LEE", SECOND.id]);
  expect(await mina.pressesInVain("Approve", world.card(host))).toMatch(
    /^Only the approvers named on the card/,
  );
  sandbox.slack.setUserGroup(LEADS, ["U0LEE", "U0MINA", SECOND.id]);
});

test("when Slack cannot say who the approvers are, nobody is one; a minute later the same button works", async () => {
  const { lee, sandbox } = world;
  const host = await ask(world, { service: "shop-9" });
  const down = { kind: "status", status: 500 } as const;
  sandbox.shared.faults.add({ vendor: "slack", path: "usergroups\\.users\\.list", times: 0, effect: down });
  expect(await lee.pressesInVain("Approve", world.card(host))).toBe(
    "Drawbridge could not look up the approver groups just now. To be safe, nothing was changed. Please try again in a minute.",
  );

  sandbox.shared.faults.clear();
  await lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect(await actsOf(world, host)).toEqual([
    "U0ASHA request: ok",
    "U0LEE approve: lookup-failed",
    "U0LEE approve: ok",
  ]);
});

test("a form that was refused because a look-up failed can be sent once more", async () => {
  const { lee, sandbox } = world;
  const host = await ask(world, { service: "shop-10" });
  await lee.presses("Deny", world.card(host));
  await lee.modal();
  const down = { kind: "status", status: 500 } as const;
  sandbox.shared.faults.add({ vendor: "slack", path: "usergroups\\.users\\.list", times: 0, effect: down });
  const refused = await lee.submits({ "form.reason": "Not now" });
  expect(refused?.reason).toMatch(/could not look up the approver groups/);

  sandbox.shared.faults.clear();
  expect(await lee.submits({ "form.reason": "Not now" })).toBeNull();
  await world.until("it is denied", () => world.cardText(host).startsWith("Denied:"));
});

test("Approve Shorter offers less than was asked for, and takes nothing else", async () => {
  const { lee, asha } = world;
  const host = await ask(world, { service: "shop-11", duration: 480 });
  await lee.presses("Approve Shorter", world.card(host));
  const form = await lee.modal();
  expect(textOf({ blocks: form.view.blocks } as never)).toMatch(/Asked for\s+shop-11\S+\s*: 8 h\./);
  expect(JSON.stringify(form.view.blocks)).not.toContain('"value":"480"');

  expect(await lee.submits({ "form.duration": "60" })).toBeNull();
  await untilOpen(world, host);
  expect(world.cardText(host)).toContain("for 1 h instead of 8 h");
  expect((await untilTold(asha, host, 1))[0]).toContain("for 1 h instead of 8 h");

  const other = await ask(world, { service: "shop-12", duration: 240 });
  await lee.presses("Approve Shorter", world.card(other));
  await lee.submits({ "form.duration": "60" });
  const sent = lastEnvelope(world, "view_submission");
  const third = await ask(world, { service: "shop-13", duration: 60 });
  const [value = ""] = valuesOn(third);
  for (const selected_option of [{ value: "1440" }, { value: "0" }, null]) {
    const forged = await forge(world, sent, ({ view }) => {
      Object.assign(view ?? {}, { private_metadata: value });
      Object.assign(view?.state.values.duration?.["form.duration"] ?? {}, { selected_option });
    });
    expect(errorsIn(forged)?.duration).toMatch(/^That is not shorter than what was asked for\./);
  }
  expect(buttonsOf(world.card(third))).toContain("Approve");
  expect(isClosed(world, third)).toBe(false);
});

async function untilTold(person: Person, hostname: string, count: number): Promise<string[]> {
  return await world.until(`${person.id} is told of ${hostname}`, () => {
    const told = person
      .directMessages()
      .map(textOf)
      .filter((each) => each.includes(hostname));
    return told.length >= count ? told : null;
  });
}

function valuesOn(hostname: string): string[] {
  const rows = (world.card(hostname)?.blocks ?? []).filter((each) => each.type === "actions");
  return rows.flatMap((each) => (each.elements as { value: string }[]).map((element) => element.value));
}
