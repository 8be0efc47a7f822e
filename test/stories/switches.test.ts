// For a bad day: openings are frozen and thawed, and everything is closed at once, even if the bot dies right after it said so.

import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { openDatabase } from "../../src/store/database.ts";
import {
  ask,
  askAndApprove,
  expose,
  firsts,
  isClosed,
  NOTHING_STANDING,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { withShops } from "../shops.ts";
import { trailOf } from "../trail.ts";
import { createWorld, textOf, type World } from "../world.ts";

/** As many as are swept side by side. */
const MORE_TUNNELS = [1, 2, 3, 4].map((each) => `77a2e3f0-1b4c-4d5e-8f90-a1b2c3d4e5f${each}`);

let world: World;
beforeAll(async () => {
  const seed = withShops(11);
  const tunnels = MORE_TUNNELS.map((id) => ({ id, name: `more ${id.slice(-1)}`, connectors: 1 }));
  const policy = parse(await readFile(new URL("../../sandbox/policy.yaml", import.meta.url), "utf8"));
  for (const id of MORE_TUNNELS) policy.tunnels.push({ id, zones: ["lakeside.example"] });
  world = await createWorld({
    seed: { ...seed, cloudflare: { ...seed.cloudflare, tunnels: [...seed.cloudflare.tunnels, ...tunnels] } },
    policy: stringify(policy),
    ownProcess: true,
    env: { SWEEP_SECONDS: "600" },
  });
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
    "New openings are frozen; what is open stays open. Approved requests wait until an admin runs /expose unfreeze. One that waits longer than its own time and an hour ends unopened.",
  );
  await lee.presses("Approve", world.card(waiting));
  await world.until("the card says why it waits", () =>
    world.cardText(waiting).includes("New openings are frozen. It opens when an admin lifts that."),
  );
  expect(standing(world, waiting)).toEqual(NOTHING_STANDING);
  expect((await sandbox.cloudflare.visit(open, { email: "tom@lakeside.example" })).verdict).toBe(
    "reached the service",
  );
  const told = async () => JSON.stringify((await asha.modal()).view.blocks);
  await asha.opensForm("shop-4");
  expect(await told()).toContain("New openings are frozen");
  await asha.chooses("shop-10");
  expect(await told()).toContain("New openings are frozen");
  await asha.closesForms();

  await lee.isAnswered("unfreeze");
  await untilOpen(world, waiting);
  for (const host of [open, waiting]) {
    await asha.isAnswered(`close ${host}`);
    await untilClosed(world, host);
  }
});

test("what is half open without a route when openings are frozen goes on after that, however long it was", async () => {
  const { asha, lee, sandbox } = world;
  const { faults, clock } = sandbox.shared;
  faults.add({ vendor: "edge", times: 0, effect: { kind: "status", status: 503 } });
  const host = await askAndApprove(world, { service: "shop-5" });
  await world.until("it waits for its visits", () => world.cardText(host).includes("Nothing is routed."));
  await lee.isAnswered("freeze");
  faults.clear();
  await world.until("the card says why it waits", () =>
    world.cardText(host).includes("New openings are frozen. It opens when an admin lifts that."),
  );
  clock.forward(20 * 60_000);
  await world.until("it was looked at since", async () => {
    const events = sandbox.cloudflare.history(host).map((each) => each.what);
    expect(events).not.toContain("route added");
    return (await heldSince(host)) > clock.now().getTime() - 60_000;
  });
  await lee.isAnswered("unfreeze");
  await untilOpen(world, host);
  await asha.isAnswered(`close ${host}`);
  await untilClosed(world, host);
});

/** When the store says that its opening began. */
async function heldSince(hostname: string): Promise<number> {
  const database = await openDatabase({ url: world.databaseUrl ?? "", dataDir: "" });
  const since = sql<string>`body -> 'progress' ->> 'since'`;
  const found = database.db
    .selectFrom("exposures")
    .select(since.as("since"))
    .where("hostname", "=", hostname);
  const row = await found.executeTakeFirst().finally(() => database.close());
  return Date.parse(row?.since ?? "");
}

test("close-all ends what is open, opening or approved, and leaves what still waits for a decision", async () => {
  const { lee } = world;
  const open = await expose(world, { service: "shop-5" });
  const pending = await ask(world, { service: "shop-6" });
  const answer = (await lee.isAnswered("close-all")).text;
  expect(answer).toBe(
    "Closing 1 exposure, and new openings are frozen. Each card shows its steps. Approved requests wait until an admin runs /expose unfreeze. One that waits longer than its own time and an hour ends unopened.",
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

test("what was approved while openings were frozen, and never allowed to open, ends with that as its reason", async () => {
  const { lee, asha, sandbox } = world;
  const host = await ask(world, { service: "shop-3", hostname: "too-late", duration: 60 });
  await lee.isAnswered("freeze");
  await lee.presses("Approve", world.card(host));
  await world.until("the card says what comes of it", () =>
    /It waits to be opened\. If it is not open by <!date\^\d+\^[^>]+>, it ends unopened\./.test(
      world.cardText(host),
    ),
  );
  sandbox.shared.clock.forward(121 * 60_000);
  await untilClosed(world, host);
  const why = "Openings were frozen until its time was over, so it was never opened.";
  expect(world.cardText(host)).toMatch(/^Could not open:/);
  expect(world.cardText(host)).toContain(why);
  expect(firsts(world, host)).not.toContain("route added");
  await world.until("the requester is told why", () =>
    asha.directMessages().some((each) => textOf(each).includes(host) && textOf(each).includes(why)),
  );
});

test("a form opens though the store does not say whether openings are frozen", async () => {
  const database = await openDatabase({ url: world.databaseUrl ?? "", dataDir: "" });
  await database.db.transaction().execute(async (trx) => {
    await sql`lock table switches in access exclusive mode`.execute(trx);
    expect((await world.asha.opensForm("shop-4")).view.submit).toBeTruthy();
  });
  await database.close();
  await world.asha.closesForms();
});

test("close-all waits for no sweep that waits for Cloudflare", async () => {
  const { shared } = world.sandbox;
  const open = await expose(world, { service: "shop-11" });
  shared.journal.clear();
  const silent = shared.faults.add({
    vendor: "cloudflare",
    method: "GET",
    path: "/cfd_tunnel/[0-9a-f-]+$",
    times: 0,
    effect: { kind: "hang" },
  });
  // Time that was moved calls for a sweep of everything.
  shared.clock.forward(1_000);
  const hanging = () => shared.faults.list().find(({ id }) => id === silent)?.hits ?? 0;
  await world.until("four sweeps wait", () => hanging() >= 4);
  await world.lee.isAnswered("close-all");
  await world.until("it is closing", () => world.cardText(open).startsWith("Closing"));
  shared.faults.remove(silent);
  await untilClosed(world, open, 60);
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
