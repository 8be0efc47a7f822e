// An audience that is too long for a card: approvers can read everybody whom they let in, whatever Slack does meanwhile.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, cardsOf, expose, threadOf, untilClosed, untilOpen } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { APPROVALS, createWorld, type World } from "../world.ts";

const CROWD = Array.from({ length: 45 }, (_, index) => `kit-${index + 1}@lakeside.example`);

let world: World;
beforeAll(async () => {
  const policy = await readFile(new URL("../../sandbox/policy.yaml", import.meta.url), "utf8");
  const everybody = `audiences:\n  - id: crowd\n    name: Stocktakers\n    emails: [${CROWD.join(", ")}]\n`;
  world = await createWorld({ seed: withShops(3), policy: policy.replace("audiences:\n", everybody) });
});
afterAll(() => world.close());

async function expectEverybodyIn(host: string): Promise<void> {
  const listed = () => CROWD.filter((email) => threadOf(world, host).some((page) => page.includes(email)));
  await world.until("the thread lists them all", () => listed().length === CROWD.length);
}

/** Slack takes the next card, and refuses what comes after it twice. */
function refusePages(): void {
  const effect = { kind: "status", status: 200, body: { ok: false, error: "internal_error" } } as const;
  const path = "chat.postMessage";
  world.sandbox.shared.faults.add({ vendor: "slack", path, nth: 2, times: 2, effect });
}

test("everybody who is to be let in is listed in the thread, page by page", async () => {
  const host = await ask(world, { service: "shop-1", audiences: ["crowd"] });
  await expectEverybodyIn(host);
  expect(world.cardText(host)).toContain("all of them listed in the thread");
  expect(threadOf(world, host).map((page) => page.split("\n")[0])).toEqual([
    "Whom the Access application lets in, 1 to 40 of 45",
    "Whom the Access application lets in, 41 to 45 of 45",
  ]);
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect(threadOf(world, host)).toHaveLength(2);
});

test("a page that Slack does not take at first comes later, beside the one card", async () => {
  refusePages();
  const host = await ask(world, { service: "shop-2", audiences: ["crowd"] });
  await expectEverybodyIn(host);
  expect(cardsOf(world, host)).toHaveLength(1);
});

test("a card that somebody deleted comes back with all of its pages", async () => {
  const host = await expose(world, { service: "shop-3", audiences: ["crowd"] });
  const [deleted] = cardsOf(world, host);
  world.sandbox.slack.deleteMessage(APPROVALS, deleted?.ts ?? "");
  refusePages();
  await world.lee.isAnswered(`close ${host}`);
  await untilClosed(world, host);
  await expectEverybodyIn(host);
  expect(cardsOf(world, host)).toHaveLength(1);
});
