// The Cloudflare token is about to end: the alerts channel hears of it in good time, once at each step.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALERTS, createWorld, textOf, type World } from "../world.ts";

const DAY = 24 * 60 * 60_000;
let world: World;
let expiresAt: Date;
beforeAll(async () => {
  world = await createWorld();
  expiresAt = new Date(world.sandbox.shared.clock.now().getTime() + 20 * DAY);
  // The account's page does not know it: it belongs to a person.
  world.sandbox.cloudflare.setApiLimits({ tokenExpiresOn: expiresAt.toISOString(), tokenOwner: "user" });
});
afterAll(() => world.close());

const told = () =>
  world.sandbox.slack
    .messages(ALERTS)
    .map(textOf)
    .filter((text) => text.includes("The Cloudflare token"));

const looks = () =>
  world.sandbox.shared.journal
    .entries()
    .filter(({ path, status }) => path.endsWith("/user/tokens/verify") && status === 200).length;

/** Moves time to so many days before the end, and waits until the token was looked at. */
async function daysBefore(days: number): Promise<void> {
  const before = looks();
  const { clock } = world.sandbox.shared;
  clock.forward(expiresAt.getTime() - days * DAY - clock.now().getTime());
  await world.until("the token is looked at", () => looks() > before);
}

async function isTold(count: number): Promise<string> {
  await world.until(`${count} are told`, () => told().length === count);
  return told().at(-1) ?? "";
}

test("while there is time nothing is said", async () => {
  await daysBefore(15);
  expect(told()).toEqual([]);
});

test("14, 3 and 1 days before the end it is told once each, and once when it has come", async () => {
  await daysBefore(13.9);
  expect(await isTold(1)).toMatch(/expires in 14 days.*CLOUDFLARE_API_TOKEN/s);
  await daysBefore(9);
  await daysBefore(2.9);
  expect(await isTold(2)).toContain("expires in 3 days");
  await daysBefore(0.9);
  expect(await isTold(3)).toContain("expires within a day");
});

test("a message that Slack did not take is sent when somebody looks again", async () => {
  world.sandbox.shared.faults.add({
    vendor: "slack",
    path: "chat.postMessage",
    times: 1,
    effect: { kind: "status", status: 500 },
  });
  await daysBefore(-1);
  await world.until("Slack was asked", () => world.sandbox.shared.faults.list().some(({ hits }) => hits > 0));
  expect(told()).toHaveLength(3);
  world.sandbox.shared.clock.forward(11 * 60_000);
  expect(await isTold(4)).toContain("has expired");
});

test("a bot that starts anew tells nothing twice", async () => {
  await world.stopBot();
  await world.startBot();
  await daysBefore(-1.5);
  expect(told()).toHaveLength(4);
});
