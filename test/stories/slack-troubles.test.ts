// Slack loses a reply, a channel is archived, a form is closed too early, and people click who should not: what they are told
// is so, and nobody decides who may not.
import { afterAll, beforeAll, expect, test } from "vitest";
import { forge, lastEnvelope } from "../envelopes.ts";
import { ask, cardsOf, expose, NOTHING_STANDING, standing, untilClosed, untilOpen } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { actsOf, trailOf } from "../trail.ts";
import { APPROVALS, buttonsOf, createWorld, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(10) });
});
afterAll(() => world.close());

async function askWithTwoCards(service: string): Promise<string> {
  const { faults } = world.sandbox.shared;
  faults.add({ vendor: "slack", path: "chat.postMessage", when: "after", effect: { kind: "drop" } });
  expect(await world.asha.asks({ service })).toBeNull();
  const host = `${service}.lakeside.example`;
  await world.until("there are two cards", () => cardsOf(world, host).length === 2);
  await world.until("the second is known", async () => (await known(host)) === cardsOf(world, host)[1]?.ts);
  return host;
}

async function known(host: string): Promise<string | undefined> {
  const posted = (await trailOf(world, host)).findLast((row) => row.action === "card posted");
  return posted?.details.ts as string | undefined;
}

test("a lost reply leaves a second card: a click on the older one counts, and that card goes", async () => {
  const host = await askWithTwoCards("shop-1");
  const [older, newer] = cardsOf(world, host);
  expect(await world.lee.presses("Approve", older ?? null)).toMatchObject({ outcome: "acked" });
  await untilOpen(world, host);
  await world.until("the older card is gone", () => cardsOf(world, host).length === 1);
  expect(cardsOf(world, host)[0]?.ts).toBe(newer?.ts);
  expect(await actsOf(world, host)).toEqual(["U0ASHA request: ok", "U0LEE approve: ok"]);
});

test("decided on the newer card, the older one is answered, and goes", async () => {
  const host = await askWithTwoCards("shop-2");
  const [older, newer] = cardsOf(world, host);
  await world.lee.presses("Approve", newer ?? null);
  await untilOpen(world, host);
  expect(await world.mina.pressesInVain("Approve", older ?? null)).toMatch(
    /^Nothing about this exposure waits/,
  );
  await world.until("the older card is gone", () => cardsOf(world, host).length === 1);
  await world.asha.presses("Close", cardsOf(world, host)[0] ?? null);
  await untilClosed(world, host);
  expect(cardsOf(world, host)).toHaveLength(1);
});

test("the approvals channel is archived: it is closed in time, people are told, the card follows when it is back", async () => {
  const { shared, slack } = world.sandbox;
  const host = await expose(world, { service: "shop-3", duration: 60 });
  const told = () => world.asha.directMessages().filter((each) => textOf(each).includes(host)).length;
  await world.until("the requester is told that it is open", () => told() === 2);
  slack.archive(APPROVALS);
  shared.clock.forward(61 * 60_000);
  await world.until("it is closed", () => standing(world, host).applications === 0);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  await world.until("the requester is told that it is closed", () => told() >= 3);
  slack.archive(APPROVALS, false);
  shared.clock.forward(1_000);
  await untilClosed(world, host);
  expect(cardsOf(world, host)).toHaveLength(1);
});

test("the channel comes back in the moment after it refused: the card is not posted a second time", async () => {
  const { shared, slack } = world.sandbox;
  const host = await ask(world, { service: "shop-7" });
  const archived = { kind: "status", status: 200, body: { ok: false, error: "is_archived" } } as const;
  shared.faults.add({ vendor: "slack", path: "chat.update", effect: archived });
  await world.asha.presses("Withdraw", world.card(host));
  await world.until("the card says it", () => world.cardText(host).includes("Withdrawn"));
  expect(cardsOf(world, host)).toHaveLength(1);
  expect(slack.messages(APPROVALS).filter((each) => textOf(each).includes(host))).toHaveLength(1);
});

test.each([
  ["shop-8", "a token that Slack refuses", 200, { ok: false, error: "token_revoked" }],
  ["shop-9", "a proxy that refuses", 403, undefined],
])("%s: %s loses no message, each is said once when it is put right", async (service, _, status, body) => {
  const { faults } = world.sandbox.shared;
  const host = await ask(world, { service });
  const told = () => world.asha.directMessages().filter((each) => textOf(each).includes(host));
  const refused = { vendor: "slack", times: 0, effect: { kind: "status", status, body } } as const;
  let messages = 0;
  faults.add({ ...refused, path: "chat.update" });
  faults.add({ ...refused, path: "conversations.open|chat.postMessage", onHit: () => void messages++ });
  await world.lee.presses("Approve", world.card(host));
  await world.until("it stands", () => standing(world, host).routes === 1);
  await world.until("its messages were refused", () => messages > 2);
  expect(told()).toEqual([]);
  faults.clear();
  await untilOpen(world, host);
  await world.until("the requester is told of both", () => told().length === 2);
  expect(told().map((each) => textOf(each).split("\n")[0])).toEqual([
    expect.stringMatching(/^Opening: /),
    expect.stringMatching(/^Open: /),
  ]);
});

test("a form that is closed before it is filled, and one that comes too late", async () => {
  const { asha, sandbox } = world;
  const before = asha.ephemerals("C0GENERAL").length;
  sandbox.shared.faults.add({ vendor: "slack", path: "users.info", effect: { kind: "delay", ms: 400 } });
  await asha.runs("shop-4");
  await world.until("the form is there", () => sandbox.slack.modals(asha.id).length > 0);
  await asha.closesForms();
  const late = { kind: "status", status: 200, body: { ok: false, error: "expired_trigger_id" } } as const;
  sandbox.shared.faults.add({ vendor: "slack", path: "views.open", effect: late });
  expect((await asha.isAnswered("")).text).toContain(
    "That took too long for Slack, so nothing was changed. Please try again.",
  );
  expect(asha.ephemerals("C0GENERAL")).toHaveLength(before + 1);
});

test("a guest, a stranger, a bot and somebody who left are answered, whatever group they are in", async () => {
  const { slack, seed } = { slack: world.sandbox.slack, seed: world.sandbox.seed.slack };
  const nobodies = ["U0GUEST", "U0STRANGER", "U0BRIDGE", "U0GONE", "U0NOSUCH"];
  slack.setUserGroup("S0LEADS", ["U0LEE", "U0MINA", ...nobodies]);
  const host = await ask(world, { service: "shop-5" });
  await world.mina.pressesInVain("Withdraw", world.card(host));
  const click = lastEnvelope(world, "block_actions");
  for (const id of nobodies)
    expect(
      await forge(world, click, ({ actions, user }) => {
        Object.assign(user, { id });
        Object.assign(actions?.[0] ?? {}, { action_id: "exposure.approve" });
      }),
    ).toMatchObject({ outcome: "acked" });
  const refused = (await actsOf(world, host)).slice(2);
  expect(refused.slice(0, 4)).toEqual(nobodies.slice(0, 4).map((id) => `${id} approve: not-a-member`));
  expect(refused[4]).toBe("U0NOSUCH approve: lookup-failed");
  expect(buttonsOf(world.card(host))).toContain("Approve");
  slack.setUserGroup("S0LEADS", seed.userGroups[0]?.users ?? []);
});

test("while Slack cannot say who somebody is they decide nothing; the same button works afterwards", async () => {
  const { faults } = world.sandbox.shared;
  const host = await ask(world, { service: "shop-6" });
  faults.add({ vendor: "slack", path: "users.info", times: 0, effect: { kind: "hang" } });
  expect(await world.lee.pressesInVain("Approve", world.card(host))).toContain("your account");
  faults.clear();
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
});
