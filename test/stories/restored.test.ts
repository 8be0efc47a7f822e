// The store is restored to a backup, and what happened since is unknown to it: what was closed is not opened again, what was
// opened is closed or told of, and nobody is let in meanwhile who should not be.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ALL_STANDING,
  ask,
  expose,
  isClosed,
  isOpen,
  NOTHING_STANDING,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { copyDatabase } from "../postgres.ts";
import { ALERTS, buttonsOf, createWorld, textOf, type World } from "../world.ts";

let world: World;
let backup: { url: string; drop(): Promise<void> } | null = null;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.close();
  await backup?.drop();
});

async function backUp(): Promise<void> {
  await world.stopBot();
  backup = await copyDatabase(world.databaseUrl ?? "");
  await world.startBot();
}

async function restore(): Promise<void> {
  await world.stopBot();
  await world.startBot({ DATABASE_URL: backup?.url ?? "" });
}

function alertsOf(host: string): string[] {
  return world.sandbox.slack
    .messages(ALERTS)
    .map(textOf)
    .filter((text) => text.includes(host));
}

function toldOf(host: string): string {
  return world.asha
    .directMessages()
    .map(textOf)
    .filter((text) => text.includes(host))
    .join("\n");
}

test("what is open stays, what was closed since stays closed, what was opened since is closed or told of", async () => {
  const { cloudflare, shared } = world.sandbox;
  const stays = await expose(world, { service: "grafana", duration: 1440 });
  const closed = await expose(world, { service: "reports", duration: 1440 });
  const waited = await ask(world, { service: "billing-api", duration: 60 });
  await backUp();

  await world.lee.presses("Close", world.card(closed));
  await untilClosed(world, closed);
  await world.lee.presses("Approve", world.card(waited));
  await untilOpen(world, waited);
  const unknown = await expose(world, { service: "returns", duration: 240 });
  const before = cloudflare.history(closed).length;
  await restore();

  await world.until("the card says why it is closed", () =>
    world.cardText(closed).includes("Everything that Drawbridge had made for it was gone at Cloudflare"),
  );
  await untilClosed(world, closed);
  await world.until("the card says what became of it", () =>
    world.cardText(waited).includes("It had been approved and opened, and Drawbridge's store was restored"),
  );
  await untilClosed(world, waited);
  await world.until("the alerts channel is told", () => alertsOf(unknown).length > 0);
  expect(alertsOf(unknown)[0]).toContain("npm run adopt");

  // The next sweep finds nothing more to do or to tell.
  const looks = () => shared.journal.entries().filter(({ path }) => path.endsWith("/access/apps")).length;
  const sofar = looks();
  shared.clock.forward(61_000);
  await world.until("it was looked over again", () => looks() > sofar);
  expect([stays, unknown].map((host) => standing(world, host))).toEqual([ALL_STANDING, ALL_STANDING]);
  expect([closed, waited].map((host) => standing(world, host))).toEqual([NOTHING_STANDING, NOTHING_STANDING]);
  expect([isOpen(world, stays), isClosed(world, closed), isClosed(world, waited)]).toEqual([
    true,
    true,
    true,
  ]);
  expect(buttonsOf(world.card(waited))).not.toContain("Approve");
  const since = cloudflare
    .history(closed)
    .slice(before)
    .map(({ what }) => what);
  expect(since.filter((what) => /added/.test(what))).toEqual([]);
  for (const host of [stays, closed, waited, unknown]) expect(cloudflare.firstHole(host)).toBeNull();
  for (const host of [closed, waited])
    await world.until(`who asked for ${host} is told`, () =>
      toldOf(host).includes("Ask again with /expose if it is still needed."),
    );
  expect([stays, closed, waited].flatMap(alertsOf)).toEqual([]);
  expect(alertsOf(unknown)).toHaveLength(1);
});
