// Nobody answers: one reminder after four hours, and after eight the request lapses, which counts as a no.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, threadOf } from "../exposing.ts";
import { actsOf } from "../trail.ts";
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
  const reminders = () => threadOf(world, host);

  sandbox.shared.clock.forward(4 * HOUR + 60_000);
  await world.until("the reminder is posted", () => reminders().length > 0);
  expect(reminders()[0]).toContain("<!subteam^S0LEADS>: this request still waits for you. It lapses <!date");

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
  expect(await actsOf(world, host, "due")).toEqual(["due reminded: ok", "due lapse: ok"]);
});

test.each([
  {
    service: "grafana",
    hostname: "numbers",
    zone: "lakeside-labs.example",
    audiences: ["platform"],
    duration: 240,
  },
  {
    service: "recipe-editor",
    hostname: "figures",
    zone: "lakeside.example",
    audiences: ["employees"],
    duration: "until-closed",
  },
])("Request Again opens the form as it was filled, without the reason: %o", async (filled) => {
  const { asha, tom } = world;
  const host = await ask(world, { ...filled, people: ["U0TOM"], reason: "The old one" });
  const [title = ""] = world.cardText(host).split("\n");
  await asha.presses("Withdraw", world.card(host));
  await world.until("it is withdrawn", () => buttonsOf(world.card(host)).includes("Request Again"));

  await tom.presses("Request Again", world.card(host));
  expect(JSON.stringify((await tom.modal()).view)).not.toContain("The old one");
  expect(await tom.submits({ "form.reason": "Needed once more" })).toBeNull();
  await world.until("a new card waits", () => buttonsOf(world.card(host)).includes("Approve"));
  expect(world.cardText(host)).toContain("Needed once more");
  const asked = title.replace(/ and 1 person/, "").replace(/ Waiting for.*$/, "");
  expect(world.cardText(host)).toContain(asked);
});

test("a hostname that is taken meanwhile is refused when the form is sent", async () => {
  const { asha, mina } = world;
  const request = { service: "stock-viewer", hostname: "shelves" };
  const host = await ask(world, request);
  const card = world.card(host);
  await asha.presses("Withdraw", card);
  await world.until("it is withdrawn", () => buttonsOf(world.card(host)).includes("Request Again"));
  await ask(world, { ...request, service: "notebook" }, mina);
  await asha.presses(
    "Request Again",
    world.sandbox.slack.messages(APPROVALS).find((each) => each.ts === card?.ts)!,
  );
  const errors = await asha.submits({ "form.reason": "Still needed" });
  expect(errors).toEqual({ hostname: expect.stringMatching(/taken|already/) });
});
