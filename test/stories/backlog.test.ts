// More cards than Slack lets be posted at once: what somebody clicks on meanwhile shows before the rest is posted.
import { afterAll, beforeAll, expect, test } from "vitest";
import { withShops } from "../shops.ts";
import { APPROVALS, createWorld, type World } from "../world.ts";

const MANY = 14;

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(MANY) });
});
afterAll(() => world.close());

test("an approval shows on its card before most of those are posted that still wait", async () => {
  const asks = async (number: number) =>
    expect(await world.asha.asks({ service: `shop-${number}` })).toBeNull();
  const first = "shop-1.lakeside.example";
  await asks(1);
  await world.until("the first card is there", () => world.card(first));
  // Slack takes no more for as long as the others are asked for, and then one after the other.
  const effect = { kind: "status", status: 429, retryAfterSeconds: 20 } as const;
  world.sandbox.shared.faults.add({ vendor: "slack", path: "chat.postMessage", effect });
  for (let number = 2; number <= MANY; number++) await asks(number);
  const posted = () => world.sandbox.slack.messages(APPROVALS).filter((each) => !each.threadTs).length;
  await world.lee.presses("Approve", world.card(first));
  const before = posted();
  expect(before).toBeLessThan(MANY / 2);
  await world.until("the approval shows", () => world.cardText(first).includes("Approved"), 60);
  // Those that each worker was at.
  expect(posted() - before).toBeLessThanOrEqual(3);
  await world.until("every card is there", () => posted() === MANY, 60);
});
