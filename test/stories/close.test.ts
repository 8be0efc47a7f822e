// Seeing what is open, and closing it: by the list, by the command, by the card; by who asked or an approver, nobody else.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, expose, NOTHING_STANDING, standing, untilClosed } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { actsOf, trailOf } from "../trail.ts";
import { APPROVALS, buttonsOf, createWorld, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(12) });
});
afterAll(() => world.close());

test("with nothing open, the list says how to begin", async () => {
  const words = textOf(await world.asha.isAnswered("list"));
  expect(words).toContain("Nothing of yours is open or waiting.");
  expect(words).toContain("Type `/expose` to open an internal Cloud Run service");
});

test("help names every word of the command", async () => {
  const words = textOf(await world.tom.isAnswered("help"));
  for (const command of [
    "/expose",
    "/expose <service>",
    "/expose list",
    "/expose list all",
    "/expose freeze",
    "/expose unfreeze",
    "/expose close <host>",
    "/expose help",
  ])
    expect(words.split("\n")).toContain(command);
});

test("the list shows mine, or everybody's; its buttons close or withdraw, and say so", async () => {
  const { asha, tom } = world;
  const [own, toms] = await Promise.all([
    expose(world, { service: "shop-1" }, asha),
    ask(world, { service: "shop-2" }, tom),
  ]);
  const mine = await asha.isAnswered("list");
  expect(textOf(mine)).toContain(`https://${own}`);
  expect(textOf(mine)).not.toContain(toms);
  expect(buttonsOf(mine)).toEqual(["Close"]);
  const all = textOf(await tom.isAnswered("list all"));
  for (const said of [own, toms, "Waiting for approval"]) expect(all).toContain(said);

  expect(await asha.pressesInVain("Close", mine)).toBe(`Closing ${own}. The card shows each step.`);
  await untilClosed(world, own);
  expect(world.cardText(own)).toContain("The requester closed it (<@U0ASHA>).");
  expect(standing(world, own)).toEqual(NOTHING_STANDING);
  expect(buttonsOf(await asha.isAnswered("list"))).toEqual([]);

  const waiting = await tom.isAnswered("list");
  expect(buttonsOf(waiting)).toEqual(["Withdraw"]);
  expect(await tom.pressesInVain("Withdraw", waiting)).toBe(
    `The request for ${toms} is withdrawn. Nothing was opened.`,
  );
  await world.until("the card says so", () => world.cardText(toms).startsWith("Withdrawn:"));
});

test("a Close button of somebody else's list is refused", async () => {
  const { asha, tom } = world;
  const host = await expose(world, { service: "shop-3" }, asha);
  const list = await tom.isAnswered("list all");
  const row = list.blocks.filter((each) => each.type === "actions");
  expect(row).toHaveLength(1);
  expect(await tom.pressesInVain("Close", list)).toMatch(
    /^Only the person who asked, or an approver, can do this\./,
  );
  expect((await world.sandbox.cloudflare.visit(host, { email: "tom@lakeside.example" })).verdict).toBe(
    "reached the service",
  );
  await asha.presses("Close", world.card(host));
  await untilClosed(world, host);
});

test("the command closes for an approver, and for nobody who is neither that nor the requester", async () => {
  const { lee, tom, sandbox } = world;
  const host = await expose(world, { service: "shop-4" });

  expect((await tom.isAnswered(`close ${host}`)).text).toMatch(/^Only the person who asked, or an approver/);
  expect((await world.person("U0GUEST").isAnswered(`close ${host}`)).text).toMatch(
    /^Guests cannot use Drawbridge\./,
  );
  expect((await world.person("U0STRANGER").isAnswered(`close ${host}`)).text).toMatch(
    /^People of other workspaces/,
  );
  expect((await sandbox.cloudflare.visit(host, { email: "tom@lakeside.example" })).verdict).toBe(
    "reached the service",
  );

  expect((await lee.isAnswered(`close https://${host.toUpperCase()}/`)).text).toBe(
    `Closing ${host}. The card shows each step.`,
  );
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("An approver closed it (<@U0LEE>).");
  expect((await actsOf(world, host)).slice(2)).toEqual([
    "U0TOM close: not-yours",
    "U0GUEST close: not-a-member",
    "U0STRANGER close: not-a-member",
    "U0LEE close: ok",
  ]);
  await world.until("the requester is told", () =>
    world.asha
      .directMessages()
      .some((each) => textOf(each).includes("It is closed") && textOf(each).includes(host)),
  );
});

test("the first part of the hostname is enough, unless it could be two", async () => {
  const { asha, tom } = world;
  const [one, other] = await Promise.all([
    expose(world, { service: "shop-5", hostname: "twin" }, asha),
    expose(world, { service: "shop-6", hostname: "twin", zone: "lakeside-labs.example" }, tom),
  ]);
  const unclear = (await asha.isAnswered("close twin")).text;
  expect(unclear).toBe(
    "That could be twin.lakeside-labs.example or twin.lakeside.example. Type the whole hostname, so that the right one is closed.",
  );
  expect((await asha.isAnswered(`close ${one}`)).text).toMatch(/^Closing/);
  await untilClosed(world, one);
  expect((await tom.isAnswered("close twin")).text).toMatch(/^Closing twin\.lakeside-labs\.example/);
  await untilClosed(world, other);
});

test("guests and strangers hear the same of what waits, could be two or is not there", async () => {
  const { asha, tom } = world;
  const waiting = await ask(world, { service: "shop-9", hostname: "till" });
  await ask(world, { service: "shop-10", hostname: "till", zone: "lakeside-labs.example" }, tom);
  for (const [id, words] of [
    ["U0GUEST", /^Guests cannot use Drawbridge\./],
    ["U0STRANGER", /^People of other workspaces/],
  ] as const) {
    const person = world.person(id);
    for (const typed of ["till", waiting, "nothing-there", ""])
      expect((await person.isAnswered(`close ${typed}`)).text).toMatch(words);
  }
  expect((await actsOf(world, waiting)).slice(-2)).toEqual([
    "U0GUEST close: not-a-member",
    "U0STRANGER close: not-a-member",
  ]);
  expect((await asha.isAnswered("close till")).text).toMatch(/^That could be /);
});

test("closing what is not there, or not open, is answered and in the audit", async () => {
  const { asha } = world;
  expect((await asha.isAnswered("close nothing")).text).toBe(
    'Drawbridge has nothing open at "nothing", so nothing was closed. See what is open with `/expose list all`.',
  );
  expect((await asha.isAnswered("close")).text).toMatch(/^Say which one: /);
  expect((await asha.isAnswered("close All")).text).toMatch(
    /^Drawbridge has nothing open at "all", so nothing was closed\..* An admin closes everything with `\/expose close-all`\.$/,
  );
  const rows = (await trailOf(world)).filter((row) => row.outcome === "no-such-exposure");
  expect(rows.map((row) => [row.actor, row.action, row.details.hostname])).toEqual([
    ["U0ASHA", "close", "nothing"],
    ["U0ASHA", "close", ""],
    ["U0ASHA", "close", "all"],
  ]);
  const host = await ask(world, { service: "shop-7" });
  expect((await asha.isAnswered(`close ${host}`)).text).toBe(
    "This request still waits for a decision, so nothing is open yet. Its requester can withdraw it on the card, or by `/expose list`.",
  );
});

test("a card that somebody deleted is posted anew with the next change", async () => {
  const { asha, sandbox } = world;
  const host = await expose(world, { service: "shop-8" });
  const deleted = world.card(host);
  sandbox.slack.deleteMessage(APPROVALS, deleted!.ts);

  await asha.isAnswered(`close ${host}`);
  await untilClosed(world, host);
  expect(world.card(host)?.ts).not.toBe(deleted?.ts);
  const cards = sandbox.slack
    .messages(APPROVALS)
    .filter((each) => each.metadata && textOf(each).includes(host));
  expect(cards).toHaveLength(1);
});

test("Close pressed during the last step for more time takes everything away before it says closed", async () => {
  const { asha, sandbox } = world;
  const host = await expose(world, { service: "shop-11", duration: 60 });
  await asha.presses("Extend", world.card(host));
  // The record says until when it stands: an hour more changes it, and here that takes its time.
  const { faults } = sandbox.shared;
  const slow = { vendor: "cloudflare", method: "PUT", path: "/dns_records/" } as const;
  faults.add({ ...slow, effect: { kind: "delay", ms: 1_500 } });
  expect(await asha.submits({ "form.duration": "60", "form.reason": "Not done yet" })).toBeNull();
  await world.until("the change is under way", () => faults.list().every(({ hits }) => hits > 0));
  await asha.presses("Close", world.card(host));
  await untilClosed(world, host);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  faults.clear();
});
