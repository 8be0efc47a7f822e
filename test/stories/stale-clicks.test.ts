// A button stands for the plan that was shown beside it: whatever has changed since, the click changes nothing and is answered.
import { afterAll, beforeAll, expect, test } from "vitest";
import { actions } from "../../src/views/ids.ts";
import { restartWith } from "../edited-policy.ts";
import { type Envelope, errorsIn, forge, lastEnvelope } from "../envelopes.ts";
import { ask, expose, threadOf, untilOpen } from "../exposing.ts";
import { wishesForMore } from "../extending.ts";
import type { Person } from "../people.ts";
import { withShops } from "../shops.ts";
import { actsOf, trailOf } from "../trail.ts";
import { APPROVALS, buttonsOf, createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(10) });
});
afterAll(() => world.close());

test("a click on a card that was decided meanwhile says how it was decided", async () => {
  const { lee, mina } = world;
  const host = await ask(world, { service: "shop-1" });
  await lee.presses("Deny", world.card(host));
  const deny = lastEnvelope(world, "block_actions");
  await lee.modal();
  await lee.closesForms();
  await mina.presses("Approve", world.card(host));
  const approve = lastEnvelope(world, "block_actions");
  await untilOpen(world, host);

  expect(await toldAfter(lee, deny)).toBe(
    "Nothing about this exposure waits for a decision any more, so your click changed nothing. The card shows until when it is open.",
  );
  expect(await toldAfter(mina, approve)).toMatch(/^Nothing about this exposure waits/);
  expect(world.sandbox.slack.modals(lee.id)).toEqual([]);
  expect((await actsOf(world, host)).slice(2)).toEqual([
    "U0LEE deny: already-decided",
    "U0MINA approve: already-decided",
  ]);
});

test("of two leads who approve one wish for more time the second reads that nothing waits any more", async () => {
  const { lee, mina } = world;
  const host = await expose(world, { service: "shop-8", duration: 60 });
  await wishesForMore(world, host, 240);
  await lee.presses("Deny", world.card(host));
  const click = lastEnvelope(world, "block_actions");
  await lee.modal();
  await lee.closesForms();
  await mina.presses("Approve", world.card(host));
  await world.until("there is more time", () => world.cardText(host).includes("More time was given by"));
  expect(await toldAfter(lee, click, { action_id: actions.approveExtension })).toMatch(
    /^Nothing about this exposure waits for a decision any more/,
  );
});

test("a denial that was being written while somebody approved is refused on its form", async () => {
  const { lee, mina } = world;
  const host = await ask(world, { service: "shop-2" });
  await lee.presses("Deny", world.card(host));
  await lee.modal();
  await mina.presses("Approve", world.card(host));
  expect((await lee.submits({ "form.reason": "Too late" }))?.reason).toMatch(
    /^This request was already approved|^Nothing about this exposure waits/,
  );
  await lee.closesForms();
  await untilOpen(world, host);
});

test("a button that somebody made up decides nothing", async () => {
  const { lee, mina } = world;
  const host = await ask(world, { service: "shop-3" });
  await mina.pressesInVain("Withdraw", world.card(host));
  const click = lastEnvelope(world, "block_actions");
  const approve = { action_id: "exposure.approve" };
  const [id] = click.payload.actions?.[0]?.value?.split(".") ?? [];

  expect(
    await toldAfter(mina, click, { ...approve, value: `${id}.0123456789abcdef0123456789abcdef` }),
  ).toMatch(/^The plan has changed since that button was shown, so nothing was decided\./);
  expect(await toldAfter(mina, click, { ...approve, value: "x0.y" })).toMatch(
    /^This request is not on record any more/,
  );
  expect(await toldAfter(mina, click, { ...approve, value: "'; drop table exposures" })).toMatch(
    /^This request is not on record/,
  );
  expect(buttonsOf(world.card(host))).toContain("Approve");
  expect((await actsOf(world, host)).at(-1)).toBe("U0MINA approve: stale-plan");
  expect(await actsOf(world, host, "policy")).toEqual([]);
  expect(lee.ephemerals(APPROVALS).join()).not.toContain("not on record");
});

test("a button that somebody made up for what the store does not have is in the audit, whichever it is", async () => {
  const { mina } = world;
  const host = await ask(world, { service: "stock-viewer" });
  await mina.pressesInVain("Withdraw", world.card(host));
  const click = lastEnvelope(world, "block_actions");
  const madeUp = [
    ["withdraw", actions.withdraw, /^This request is not on record/, "not-found"],
    ["acknowledge", actions.acknowledge, /^This incident is not on record/, "no-such-incident"],
    ["mute", actions.mute, /^This incident is not on record/, "no-such-incident"],
  ] as const;
  const rows = async () => (await trailOf(world)).filter(({ actor }) => actor === mina.id);
  for (const [action, action_id, said, outcome] of madeUp) {
    const before = (await rows()).length;
    expect(await toldAfter(mina, click, { action_id, value: "x0.y" })).toMatch(said);
    const row = expect.objectContaining({ action, outcome, exposureId: null });
    expect((await rows()).slice(before)).toEqual([row]);
  }
});

test("a policy that changed since voids the buttons and the votes, and the card is drawn anew", async () => {
  const { asha, lee, mina } = world;
  const host = await ask(world, { service: "payroll-admin", duration: 60 });
  await lee.presses("Approve", world.card(host));
  const before = lastEnvelope(world, "block_actions");
  await world.until("the count moves", () => world.cardText(host).includes("1 of 2 approvals so far"));

  await restartWith(world, (policy) =>
    policy.replace(
      "approvers: { groups: [S0LEADS] }\n    approvals: 2",
      "approvers: { groups: [S0LEADS], people: [U0TOM] }\n    approvals: 2",
    ),
  );
  await world.until("the card names the new approver", () => world.cardText(host).includes("<@U0TOM>"));
  expect(world.cardText(host)).toContain("0 of 2 approvals so far");
  expect(await toldAfter(lee, before)).toMatch(/^The plan has changed since that button was shown/);
  const changed =
    "<!subteam^S0LEADS> or <@U0TOM>: the policy changed, and the plan with it. The approval by <@U0LEE> does not count any more.";
  await world.until("the thread says so", () => threadOf(world, host).some((each) => each.includes(changed)));
  await expectToldOfPolicies(host);

  await world.tom.presses("Approve", world.card(host));
  await world.until("the count moves", () =>
    world.cardText(host).includes("1 of 2 approvals so far: <@U0TOM>"),
  );
  await mina.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect(world.cardText(host)).toContain("Approved by <@U0TOM> and <@U0MINA>");
  await asha.presses("Close", world.card(host));
});

test("a request for longer than the policy now allows cannot be approved as it is", async () => {
  const { lee } = world;
  const host = await ask(world, { service: "shop-4", duration: 1440 });
  const open = await expose(world, { service: "shop-9", duration: 60 });
  await wishesForMore(world, open, 1440);
  await restartWith(world, (policy) =>
    policy.replace(
      "maxDuration: 24h\n    presets: [1h, 4h, 8h, 24h]",
      "maxDuration: 4h\n    presets: [1h, 4h]",
    ),
  );
  expect(await lee.pressesInVain("Approve", world.card(host))).toBe(
    "The policy allows 4 h at the most. Choose a shorter time, or press Approve Shorter.",
  );
  expect(buttonsOf(world.card(host))).toContain("Approve");
  expect(await lee.pressesInVain("Approve", world.card(open))).toBe(
    "The policy allows 4 h more at the most, so this cannot be approved. Deny it, and less can be asked for.",
  );

  await lee.presses("Approve Shorter", world.card(host));
  expect(await lee.submits({ "form.duration": "240" })).toBeNull();
  await untilOpen(world, host);
});

test("a request for people whom the policy lets in no more cannot be approved, and can be denied", async () => {
  const { lee, sandbox } = world;
  const host = await ask(world, { service: "shop-10" });
  const open = await expose(world, { service: "grafana" });
  const form = { "form.duration": "60", "form.reason": "Still needed" };
  await world.asha.presses("Extend", world.card(open));
  await world.asha.modal();
  await restartWith(world, (policy) =>
    policy.replace(/emailDomains: .*\n( +- id: platform)/, "emails: [asha@lakeside.example]\n$1"),
  );
  expect(await lee.pressesInVain("Approve", world.card(host))).toBe(
    "The policy no longer allows this audience, so it cannot be approved or extended. It can be asked for anew with `/expose`.",
  );
  expect(sandbox.cloudflare.history(host)).toEqual([]);
  // An hour more would be free, and nobody asked.
  expect((await world.asha.submits(form))?.duration).toContain("The policy no longer allows this audience");
  await world.asha.closesForms();
  expect(await world.asha.pressesInVain("Extend", world.card(open))).toContain(
    "no longer allows this audience",
  );
  await world.asha.presses("Close", world.card(open));
  await lee.presses("Deny", world.card(host));
  expect(await lee.submits({ "form.reason": "Ask for fewer people" })).toBeNull();
  await world.until("the card says so", () => world.cardText(host).startsWith("Denied:"));
});

test("a button of yesterday finds the request lapsed", async () => {
  const { lee, mina, sandbox } = world;
  const host = await ask(world, { service: "shop-5" });
  await lee.presses("Deny", world.card(host));
  await lee.modal();
  const value = lastEnvelope(world, "block_actions").payload.actions?.[0]?.value ?? "";
  sandbox.shared.clock.forward(24 * 60 * 60_000);
  const today = await ask(world, { service: "shop-7" });
  await mina.pressesInVain("Withdraw", world.card(today));
  const click = lastEnvelope(world, "block_actions");

  const words = /^This request lapsed because no decision came in time/;
  expect(await toldAfter(mina, click, { action_id: "exposure.approve", value })).toMatch(words);
  expect((await lee.submits({ "form.reason": "No" }))?.reason).toMatch(words);
  await world.until("the card says so", () => world.cardText(host).startsWith("Lapsed:"));
});

test("a form that somebody made up decides nothing", async () => {
  const { lee } = world;
  await ask(world, { service: "shop-6" });
  await lee.presses("Deny", world.card("shop-6.lakeside.example"));
  await lee.submits({ "form.reason": "No" });
  const sent = lastEnvelope(world, "view_submission");
  const errors = errorsIn(
    await forge(world, sent, ({ view }) => Object.assign(view ?? {}, { private_metadata: "nothing" })),
  );
  expect(errors?.reason).toMatch(/^This request is not on record any more/);
});

/** Sends a click once more, as a new one, and reads what the person is told of it. */
async function toldAfter(
  person: Person,
  click: Envelope,
  change: { action_id?: string; value?: string } = {},
): Promise<string> {
  const before = person.ephemerals(APPROVALS).length;
  await forge(world, click, ({ actions }) => Object.assign(actions?.[0] ?? {}, change));
  await world.until("they are told", () => person.ephemerals(APPROVALS).length > before);
  return person.ephemerals(APPROVALS).at(-1) ?? "";
}

/** The audit tells each start from the other by its policy, and what the new one asks of what waits. */
async function expectToldOfPolicies(host: string): Promise<void> {
  const starts = (await trailOf(world)).filter(({ action }) => action === "start");
  expect(new Set(starts.map(({ actor }) => actor))).toEqual(new Set(["bot"]));
  expect(starts.at(-1)?.details.policySha256).not.toBe(starts[0]?.details.policySha256);
  const rows = await trailOf(world, host);
  const [asked, replanned] = ["request", "replan"].map((each) => rows.find(({ action }) => action === each));
  const same = { origin: asked?.details.origin, approvalsNeeded: 2 };
  expect(asked?.details).toMatchObject({ ...same, deciders: { groups: ["S0LEADS"], people: [] } });
  expect(replanned?.details).toMatchObject({ ...same, deciders: { groups: ["S0LEADS"], people: ["U0TOM"] } });
  expect(replanned?.details.digest).not.toBe(asked?.details.digest);
}
