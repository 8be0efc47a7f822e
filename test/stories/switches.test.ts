// For a bad day: openings are frozen and thawed, and everything is closed at once, even if the bot dies right after it said so.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ask, expose, isClosed, NOTHING_STANDING, standing, untilClosed, untilOpen } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { trailOf } from "../trail.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(9), ownProcess: true, env: { SWEEP_SECONDS: "600" } });
});
afterAll(() => world.close());
beforeEach(async () => {
  expect((await world.lee.isAnswered("unfreeze")).text).toMatch(/^Openings go on\./);
});

test("whoever is no admin turns nothing", async () => {
  const host = await expose(world, { service: "shop-1" });
  for (const command of ["freeze", "close-all", "unfreeze"])
    expect((await world.tom.isAnswered(command)).text).toBe(
      "Only Drawbridge admins can do this. The policy file names them.",
    );
  const rows = (await trailOf(world)).filter((row) => row.actor === "U0TOM");
  expect(rows.map((row) => [row.action, row.outcome])).toEqual([
    ["freeze", "not-an-admin"],
    ["close-all", "not-an-admin"],
    ["unfreeze", "not-an-admin"],
  ]);
  expect(isClosed(world, host)).toBe(false);
  expect((await world.asha.isAnswered(`close ${host}`)).text).toMatch(/^Closing/);
  await untilClosed(world, host);
});

test("while openings are frozen, what is open stays, what is approved waits and says so, and no form is taken", async () => {
  const { asha, lee, sandbox } = world;
  const open = await expose(world, { service: "shop-2" });
  const waiting = await ask(world, { service: "shop-3" });
  expect((await lee.isAnswered("freeze")).text).toBe(
    "New openings are frozen; what is open stays open. Approved requests wait until an admin runs /expose unfreeze.",
  );
  await lee.presses("Approve", world.card(waiting));
  await world.until("the card says why it waits", () =>
    world.cardText(waiting).includes("New openings are frozen. It opens when an admin lifts that."),
  );
  expect(standing(world, waiting)).toEqual(NOTHING_STANDING);
  expect((await sandbox.cloudflare.visit(open, { email: "tom@lakeside.example" })).verdict).toBe(
    "reached the service",
  );
  expect(JSON.stringify((await asha.opensForm("shop-4")).view.blocks)).toContain("New openings are frozen");
  await asha.closesForms();

  await lee.isAnswered("unfreeze");
  await untilOpen(world, waiting);
  for (const host of [open, waiting]) {
    await asha.isAnswered(`close ${host}`);
    await untilClosed(world, host);
  }
});

test("close-all ends what is open, opening or approved, and leaves what still waits for a decision", async () => {
  const { lee } = world;
  const open = await expose(world, { service: "shop-5" });
  const pending = await ask(world, { service: "shop-6" });
  const answer = (await lee.isAnswered("close-all")).text;
  expect(answer).toBe(
    "Closing 1 exposure, and new openings are frozen. Each card shows its steps. Approved requests wait until an admin runs /expose unfreeze.",
  );
  await untilClosed(world, open);
  expect(world.cardText(open)).toContain("An admin closed everything with the emergency switch.");
  expect(standing(world, open)).toEqual(NOTHING_STANDING);
  const ends = (await trailOf(world, open)).filter((row) => row.action === "close-all");
  expect(ends.map((row) => [row.actor, row.outcome])).toEqual([["U0LEE", "ok"]]);

  // Approved after it, it opens once openings are allowed again.
  await lee.presses("Approve", world.card(pending));
  await world.until("it waits", () => world.cardText(pending).includes("New openings are frozen."));
  await lee.isAnswered("unfreeze");
  await untilOpen(world, pending);
  await world.asha.isAnswered(`close ${pending}`);
  await untilClosed(world, pending);
});

test("the bot is killed the moment it said so: what was open is closed by the next one", async () => {
  const { lee } = world;
  const hosts: string[] = [];
  for (const service of ["shop-7", "shop-8", "shop-9"]) hosts.push(await expose(world, { service }));
  const { outcome } = await lee.runs("close-all");
  expect(outcome).toBe("acked");
  await world.stopBot("SIGKILL");
  await world.startBot();
  for (const host of hosts) await untilClosed(world, host);
  for (const host of hosts) {
    expect(standing(world, host)).toEqual(NOTHING_STANDING);
    expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
  }
});
