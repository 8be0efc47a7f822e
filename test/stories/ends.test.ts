// Every opening ends: the requester is told in time, and what nobody extended is closed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { expose, threadOf, untilClosed } from "../exposing.ts";
import { endOf, SAID_CLOSED, SAID_OPEN, toldOf, wishesForMore } from "../extending.ts";
import { withShops } from "../shops.ts";
import { buttonsOf, createWorld, textOf, type World } from "../world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(10) });
});
afterAll(() => world.close());

test("the end that the requester is told is the one on the card, however slow Slack is", async () => {
  const { faults } = world.sandbox.shared;
  const slow = faults.add({
    vendor: "slack",
    path: "chat\\.update",
    times: 0,
    effect: { kind: "delay", ms: 400 },
  });
  const host = await expose(world, { service: "shop-1", duration: 60 });
  const [told = ""] = await world.until("the requester is told", () => {
    const found = toldOf(world, host, SAID_OPEN);
    return found.length > 0 ? found : null;
  });
  faults.remove(slow);
  expect(told).toContain(`It ends <!date^${endOf(world, host)}^`);
  expect(told.startsWith("Open: ")).toBe(true);
});

test("an hour and ten minutes before the end the requester is told, once each, and can extend from there", async () => {
  const { asha, sandbox } = world;
  const host = await expose(world, { service: "shop-7", duration: 240 });
  sandbox.shared.clock.forward(3 * HOUR + MINUTE);
  await world.until("the first notice", () => toldOf(world, host, "It ends within the hour").length === 1);
  sandbox.shared.clock.forward(50 * MINUTE);
  await world.until("the second notice", () => toldOf(world, host, "It ends within 10 minutes").length === 1);
  sandbox.shared.clock.forward(2 * MINUTE);

  const notice = asha
    .directMessages()
    .find((each) => textOf(each).includes("within 10 minutes") && textOf(each).includes(host));
  const end = endOf(world, host);
  await asha.presses("Extend", notice ?? null);
  expect(await asha.submits({ "form.duration": "60", "form.reason": "Nearly there" })).toBeNull();
  await world.until("the card shows the new end", () => endOf(world, host) === end + 3600);
  expect(toldOf(world, host, "It ends within the hour")).toHaveLength(1);
  expect(toldOf(world, host, "It ends within 10 minutes")).toHaveLength(1);
  expect((await sandbox.cloudflare.visit(host, { email: "tom@lakeside.example" })).verdict).toBe(
    "reached the service",
  );

  sandbox.shared.clock.forward(58 * MINUTE);
  await world.until(
    "the notice before the new end",
    () => toldOf(world, host, "It ends within 10 minutes").length === 2,
  );
  sandbox.shared.clock.forward(11 * MINUTE);
  await untilClosed(world, host);
  await world.until("the requester is told", () => toldOf(world, host, SAID_CLOSED).length === 1);
});

test("who extends from that notice reads that it waits, and finds it in their list to withdraw it", async () => {
  const { asha, sandbox } = world;
  const host = await expose(world, { service: "shop-6", duration: 240 });
  const end = endOf(world, host);
  sandbox.shared.clock.forward(3 * HOUR + MINUTE);
  await world.until("the notice", () => toldOf(world, host, "It ends within the hour").length === 1);
  const notice = asha
    .directMessages()
    .find((each) => textOf(each).includes("within the hour") && textOf(each).includes(host));
  await asha.presses("Extend", notice ?? null);
  const form = await asha.modal();
  const values = { duration: { "form.duration": "240" }, reason: { "form.reason": "The auditors stay" } };
  expect(await sandbox.slack.submit(asha.id, form.id, values)).toMatchObject({ outcome: "acked" });
  const sent = sandbox.slack.modals(asha.id).at(-1)?.view;
  expect(sent).toMatchObject({
    title: { text: "More Time Asked For" },
    close: { text: "Done" },
    submit: null,
  });
  const said = JSON.stringify(sent?.blocks);
  expect(said).toContain("Your request for 4 h more for ");
  expect(said).toContain("It waits for <!subteam^S0LEADS>. You get a direct message when they have decided.");
  expect(said).toContain(`Unanswered, it closes <!date^${end}^`);
  await asha.closesForms();

  const list = await asha.isAnswered("list");
  expect(textOf(list)).toContain("more time is asked for");
  expect(await asha.pressesInVain("Withdraw", list)).toBe(
    `The request for more time for ${host} is withdrawn. It ends as planned.`,
  );
  await world.until("the wish is gone", () => !world.cardText(host).includes("More time asked for"));
  expect(endOf(world, host)).toBe(end);
});

test("a wish that nobody answers lapses, and the end stays", async () => {
  const host = await expose(world, { service: "shop-8", duration: 1440 });
  const end = endOf(world, host);
  await wishesForMore(world, host, 480);
  world.sandbox.shared.clock.forward(8 * HOUR + MINUTE);
  await world.until(
    "the requester is told",
    () => toldOf(world, host, "Nobody gave more time. It still ends <!date").length === 1,
  );
  expect(endOf(world, host)).toBe(end);
  expect(buttonsOf(world.card(host))).toEqual(["Close", "Extend"]);
});

test("a wish that nobody answers by the end goes with the exposure, and everybody is told so before and after", async () => {
  const { sandbox } = world;
  const host = await expose(world, { service: "shop-10", duration: 60 });
  const end = endOf(world, host);
  await wishesForMore(world, host, 240);
  expect(world.cardText(host)).toContain(`Unanswered, it closes <!date^${end}^`);
  await world.until("the approvers are told", () =>
    threadOf(world, host).some((each) => each.includes(`It closes <!date^${end}^`)),
  );

  sandbox.shared.clock.forward(51 * MINUTE);
  const [notice = ""] = await world.until("the notice", () => {
    const found = toldOf(world, host, "It ends within 10 minutes");
    return found.length > 0 ? found : null;
  });
  expect(notice).toContain("More time was asked for, and no decision has come yet.");
  expect(notice).not.toContain("Press Extend");

  sandbox.shared.clock.forward(10 * MINUTE);
  await untilClosed(world, host);
  await world.until("the requester is told", () => toldOf(world, host, SAID_CLOSED).length === 1);
  expect(toldOf(world, host, SAID_CLOSED)[0]).toContain(
    "Its time was up. More time was asked for, and no decision came in time.",
  );
  expect(toldOf(world, host, "Nobody gave more time.")).toEqual([]);
});

test("until closed ends at its review, with the same notices", async () => {
  const host = await expose(world, { service: "shop-9", duration: "until-closed" });
  expect(world.cardText(host)).toContain("Open until somebody closes it. It is reviewed <!date");
  world.sandbox.shared.clock.forward(30 * 24 * HOUR - 5 * MINUTE);
  await world.until("the notice", () => toldOf(world, host, "It ends within 10 minutes").length === 1);
  world.sandbox.shared.clock.forward(6 * MINUTE);
  await untilClosed(world, host);
  expect((await world.sandbox.cloudflare.visit(host, { email: "tom@lakeside.example" })).verdict).toBe(
    "no such host",
  );
});
