// Two leads decide on payroll: different people, each once, on the same plan; the shortest time that one of them gave counts.
import type { ModalView } from "@slack/types";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { errorsIn, lastEnvelope, replay } from "../envelopes.ts";
import { ask, untilClosed, untilOpen } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { actsOf } from "../trail.ts";
import { buttonsOf, createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(10) });
});
afterEach(async () => {
  await world.lee.closesForms();
});
afterAll(() => world.close());

test("payroll-admin opens when a second lead has approved, for the shortest time that was given", async () => {
  const { lee, mina } = world;
  const host = await ask(world, { service: "payroll-admin", duration: 120 });
  expect(world.cardText(host)).toContain(
    "Waiting for 2 approvals by <!subteam^S0LEADS>. 0 of 2 approvals so far.",
  );

  await lee.presses("Approve Shorter", world.card(host));
  expect(await lee.submits({ "form.duration": "30" })).toBeNull();
  await world.until("the count moves", () => world.cardText(host).includes("1 of 2 approvals so far"));
  expect(world.cardText(host)).toContain("<@U0LEE> (for 30 min)");
  expect(await lee.pressesInVain("Approve", world.card(host))).toBe(
    "Your decision is already counted. The request still waits for somebody else's.",
  );
  expect(buttonsOf(world.card(host))).toContain("Approve");

  await mina.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect(world.cardText(host)).toContain("Approved by <@U0LEE> and <@U0MINA>");
  expect(world.cardText(host)).toContain("for 30 min instead of 2 h");
  const [application] = world.sandbox.cloudflare.applications().filter((each) => each.domain === host);
  expect(application?.session_duration).toBe("30m");
  expect(await actsOf(world, host)).toEqual([
    "U0ASHA request: ok",
    "U0LEE approve shorter: ok",
    "U0LEE approve: already-voted",
    "U0MINA approve: ok",
  ]);
  await world.asha.presses("Close", world.card(host));
  await untilClosed(world, host);
});

test("one no is enough", async () => {
  const { lee, mina } = world;
  const host = await ask(world, { service: "payroll-admin", duration: 60, hostname: "payroll-no" });
  await lee.presses("Approve", world.card(host));
  await world.until("the count moves", () => world.cardText(host).includes("1 of 2 approvals so far"));
  await mina.presses("Deny", world.card(host));
  await mina.submits({ "form.reason": "Ask after the pay run" });
  await world.until("it is denied", () => world.cardText(host).startsWith("Denied:"));
});

test("two leads in the same moment: both count where two are needed", async () => {
  const { lee, mina } = world;
  const host = await ask(world, { service: "payroll-admin", duration: 30, hostname: "payroll-both" });
  const card = world.card(host);
  await Promise.all([lee.presses("Approve", card), mina.presses("Approve", card)]);
  await untilOpen(world, host);
  const acts = await actsOf(world, host);
  expect(acts.slice(1).sort()).toEqual(["U0LEE approve: ok", "U0MINA approve: ok"]);
});

test("two leads in the same moment: where one is needed the other is told, and it opens once", async () => {
  const { lee, mina, sandbox } = world;
  const host = await ask(world, { service: "shop-1" });
  const card = world.card(host);
  await Promise.all([lee.presses("Approve", card), mina.presses("Approve", card)]);
  await untilOpen(world, host);

  const approvals = (await actsOf(world, host)).slice(1).map((each) => each.split(": ")[1]);
  expect(approvals.sort()).toEqual(["already-decided", "ok"]);
  const told = await world.until("the later one is told", () =>
    [...lee.ephemerals(card!.channel), ...mina.ephemerals(card!.channel)].find((each) =>
      each.includes("approved"),
    ),
  );
  expect(told).toMatch(/^This request was already approved.*so your click changed nothing\./);
  const made = sandbox.cloudflare.history(host).filter((each) => each.what === "access application created");
  expect(made).toHaveLength(1);
});

test("a double click, and the same envelope twice, have one effect", async () => {
  const { lee, sandbox } = world;
  const host = await ask(world, { service: "shop-2" });
  const card = world.card(host);
  await Promise.all([lee.presses("Approve", card), lee.presses("Approve", card)]);
  const click = lastEnvelope(world, "block_actions");
  await replay(world, click);
  await untilOpen(world, host);
  await replay(world, click);

  const outcomes = (await actsOf(world, host)).slice(1);
  expect(outcomes.filter((each) => each === "U0LEE approve: ok")).toHaveLength(1);
  expect(outcomes.every((each) => /approve: (ok|already-decided)$/.test(each))).toBe(true);
  const made = sandbox.cloudflare.history(host).filter((each) => each.what === "access application created");
  expect(made).toHaveLength(1);
  const messages = world.asha.directMessages().filter((each) => each.text.includes(host));
  expect(
    messages.filter((each) => each.text.includes("You get the address as soon as it is open")),
  ).toHaveLength(1);
});

test("the same form sent twice makes one request, and is told to be sent both times", async () => {
  const host = await ask(world, { service: "shop-3" });
  const repeated = await replay(world, lastEnvelope(world, "view_submission"));
  expect(errorsIn(repeated)).toBeNull();
  const { view } = (repeated as { payload: { view: ModalView } }).payload;
  expect(view.title.text).toBe("Request Sent");
  expect(JSON.stringify(view.blocks)).toContain(host);
  const asked = (await actsOf(world, "shop-3.lakeside.example")).filter(
    (each) => each === "U0ASHA request: ok",
  );
  expect(asked).toHaveLength(1);
  const cards = world.sandbox.slack
    .messages("C0APPROVALS")
    .filter((each) => each.text.includes("shop-3.lakeside"));
  expect(cards).toHaveLength(1);
});
