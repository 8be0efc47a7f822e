// Nobody answers: one reminder after four hours, and after eight the request lapses, which counts as a no.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../exposing.ts";
import { APPROVALS, buttonsOf, createWorld, textOf, type World } from "../world.ts";

const HOUR = 3_600_000;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test("approvers are reminded once in the card's thread, then it lapses and the requester is told", async () => {
  const { asha, sandbox } = world;
  const host = await ask(world, { service: "reports" });
  const reminders = () =>
    sandbox.slack.messages(APPROVALS).filter((each) => each.threadTs === world.card(host)?.ts);

  sandbox.shared.clock.forward(4 * HOUR + 60_000);
  await world.until("the reminder is posted", () => reminders().length > 0);
  expect(textOf(reminders()[0]!)).toContain(
    "<!subteam^S0LEADS>: this request still waits for you. It lapses <!date",
  );

  sandbox.shared.clock.forward(2 * HOUR);
  expect(buttonsOf(world.card(host))).toContain("Approve");
  sandbox.shared.clock.forward(2 * HOUR);
  await world.until("the card says so", () => world.cardText(host).startsWith("Lapsed:"));

  expect(reminders()).toHaveLength(1);
  expect(world.cardText(host)).toContain("which counts as a no. Nothing was opened. Ask again with /expose.");
  expect(buttonsOf(world.card(host))).toEqual(["Request Again"]);
  const told = await world.until("the requester is told", () =>
    asha.directMessages().find((each) => each.text.includes(host)),
  );
  expect(textOf(told)).toContain("Nobody answered in time, so nothing was opened. Ask again with /expose.");
  expect(sandbox.cloudflare.history(host)).toEqual([]);
});

test("Request Again opens the form with the same service", async () => {
  const { asha } = world;
  const host = "reports.lakeside.example";
  await asha.presses("Request Again", world.card(host));
  const form = await asha.modal();
  expect(JSON.stringify(form.view)).toContain("lakeside-prod/asia-northeast1/reports");
  expect(await asha.submits({ "expose.audience": ["employees"], "form.reason": "Still needed" })).toBeNull();
  await world.until("a new card waits", () => buttonsOf(world.card(host)).includes("Approve"));
});
