// The whole story without a database server: the store lives in a folder of the bot's own, and outlives it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALL_STANDING, ask, NOTHING_STANDING, standing, untilClosed, untilOpen } from "../exposing.ts";
import { SAID_CLOSED } from "../extending.ts";
import { createWorld, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ embedded: true });
});
afterAll(() => world.close());

test("asked, approved after a restart, open, and closed when the time is over", async () => {
  const { asha, lee, sandbox } = world;
  const host = await ask(world, { service: "billing-api", duration: 60 });
  await world.stopBot();
  await world.startBot();
  await lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect(standing(world, host)).toEqual(ALL_STANDING);
  expect((await sandbox.cloudflare.visit(host)).verdict).toBe("stopped by Access");
  const inside = await sandbox.cloudflare.visit(host, { email: "tom@lakeside.example" });
  expect(inside.verdict).toBe("reached the service");

  sandbox.shared.clock.forward(52 * 60_000);
  await world.until("asha is told that it ends soon", () =>
    asha.directMessages().some((each) => endsSoon(textOf(each))),
  );
  sandbox.shared.clock.forward(10 * 60_000);
  await untilClosed(world, host);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(sandbox.cloudflare.firstHole(host)).toBeNull();
  const told = asha.directMessages().map(textOf);
  expect(told.filter((text) => text.includes(SAID_CLOSED))).toHaveLength(1);
});

function endsSoon(text: string): boolean {
  return text.includes("It ends within 10 minutes");
}

test("a second bot on the same folder does not start, and says why", async () => {
  const again = await createSecond();
  expect(again).toContain("is in use");
});

async function createSecond(): Promise<string> {
  return await world.startBot().then(
    () => "it started",
    (error: Error) => error.message,
  );
}
