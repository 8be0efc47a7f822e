// The card says what somebody is asked to approve, to the letter; what people typed is shown as they typed it and does nothing.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, untilClosed, untilOpen } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { APPROVALS, createWorld, textOf, type World } from "../world.ts";

const POISON = "*bold* <!channel> <@U0LEE> <https://evil.example|click> `code` \u202Edesrever & co";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(5) });
});
afterAll(() => world.close());

test("the first line says what, where, for whom and how long", async () => {
  const host = await ask(world, { service: "billing-api", duration: 240, audiences: ["platform"] });
  const [first] = world.card(host)?.blocks ?? [];
  const title = "Expose billing-api at billing-api.lakeside.example to Platform team for 4 h";
  expect(first).toEqual({
    type: "header",
    text: { type: "plain_text", text: title, emoji: false },
    block_id: expect.any(String),
  });
  expect(world.card(host)?.text.startsWith(`${title}. Waiting for approval by <!subteam^S0LEADS>.`)).toBe(
    true,
  );
});

test("below it: who asks and why, the exact plan, and what Cloud Run says", async () => {
  const { sandbox } = world;
  const host = await ask(world, {
    service: "recipe-editor",
    people: ["U0TOM"],
    reason: "Allergens\nfor the autumn menu",
  });
  const words = world.cardText(host);
  const origin = sandbox.google.urlOf("lakeside-prod", "asia-northeast1", "recipe-editor");
  const users = JSON.stringify(world.card(host)?.blocks).match(/"user_id":"[A-Z0-9]+"/g);

  expect(users).toEqual(['"user_id":"U0ASHA"']);
  for (const said of [
    "Allergens\nfor the autumn menu",
    "everyone with an email at lakeside.example, tom@lakeside.example",
    "A log-in lasts 1 h at the most",
    "3d539f97-cd3a-4d8e-833b-65e9099c7a8d.cfargotunnel.com",
    "cloud-run",
    origin,
    `Host header: \n${origin.replace("https://", "")}`,
    "cloudflared itself refuses whoever has no log-in of that application",
    "Time: 1 h, counted from when it is seen open",
    "lakeside-prod/asia-northeast1/recipe-editor",
    "Ingress: internal and load balancing",
    "Invoker IAM check: on, but everybody holds the invoker role, so it lets any request in",
  ])
    expect(words).toContain(said);
});

test("until closed says so, with its review", async () => {
  const host = await ask(world, { service: "shop-1", duration: "until-closed" });
  expect(world.cardText(host)).toMatch(/^Expose shop-1 at \S+ to All employees until closed/);
  expect(world.cardText(host)).toContain("Time: until closed (review in 30 days)");
});

test("until closed, approved for a shorter time, says that time", async () => {
  const { lee } = world;
  const host = await ask(world, { service: "shop-4", duration: "until-closed" });
  await lee.presses("Approve Shorter", world.card(host));
  expect(await lee.submits({ "form.duration": "60" })).toBeNull();
  await untilOpen(world, host);
  expect(world.cardText(host)).toMatch(/^Open: shop-4 at \S+ to All employees for 1 h\./);
  expect(world.cardText(host)).toMatch(/Open until <!date.*for 1 h instead of 30 days\./s);
  expect(world.cardText(host)).not.toMatch(/until closed|until somebody closes it/);
});

test("what people type is text, wherever it is shown", async () => {
  const { asha, lee, mina } = world;
  const denied = await ask(world, { service: "shop-2", reason: `Asking ${POISON}` });
  await lee.presses("Deny", world.card(denied));
  await lee.submits({ "form.reason": `Denying ${POISON}` });
  await world.until("it is denied", () => world.cardText(denied).startsWith("Denied:"));

  const host = await ask(world, { service: "shop-3", reason: `Asking ${POISON}` });
  await mina.presses("Approve", world.card(host));
  await untilOpen(world, host);
  await asha.presses("Extend", world.card(host));
  await asha.submits({ "form.duration": "480", "form.reason": `Longer ${POISON}` });
  await world.until("more time is asked for", () => world.cardText(host).includes("More time asked for"));
  await lee.presses("Deny", world.card(host));
  await lee.submits({ "form.reason": `No longer ${POISON}` });
  await world.until("it is told", () =>
    asha.directMessages().some((each) => textOf(each).includes("No longer *bold*")),
  );
  await asha.presses("Close", world.card(host));
  await untilClosed(world, host);

  const messages = [...world.sandbox.slack.messages(APPROVALS), ...asha.directMessages()];
  const edits = world.sandbox.shared.journal
    .entries()
    .filter((each) => /chat\.(post|update)/.test(each.path));
  const shown = [...messages, ...edits.map((each) => each.body)];
  expect(shown.filter((each) => JSON.stringify(each).includes("*bold*")).length).toBeGreaterThan(6);
  for (const message of shown)
    for (const text of parsedTexts(message)) expect(text).not.toMatch(/evil|bold|<!channel/);
  expect(JSON.stringify(shown)).not.toContain("\u202E");
  expect(world.cardText(denied)).toContain(
    "Denying *bold* <!channel> <@U0LEE> <https://evil.example|click> `code` desrever & co",
  );
});

/** What Slack would parse: every `mrkdwn` text, and the message's own text. */
function parsedTexts(value: unknown): string[] {
  if (typeof value === "string" && value.startsWith("[")) return parsedTexts(JSON.parse(value));
  if (Array.isArray(value)) return value.flatMap(parsedTexts);
  if (!value || typeof value !== "object") return [];
  const here = value as { type?: string; text?: unknown; blocks?: unknown };
  const own =
    here.type === "mrkdwn" || here.blocks !== undefined
      ? [here.text].filter((each) => typeof each === "string")
      : [];
  return [
    ...(own as string[]),
    ...Object.values(value)
      .filter((each) => typeof each === "object")
      .flatMap(parsedTexts),
    ...(typeof here.blocks === "string" ? parsedTexts(here.blocks) : []),
  ];
}
