// A tunnel breaks and heals: the alerts channel is told once, whoever asked for what is behind it is told once, and people
// can take care of it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { expose } from "../exposing.ts";
import { createTunnelWorld, incidents, replies, untilIncident } from "../tunnels.ts";
import { ALERTS, buttonsOf, TUNNEL, textOf, type World } from "../world.ts";

let world: World;

beforeAll(async () => {
  world = await createTunnelWorld();
});
afterAll(() => world.close());

function told(person: World["asha"], words: string): number {
  return person.directMessages().filter((each) => textOf(each).includes(words)).length;
}

test("an outage: one message with cause and remedy, one direct message, and both say when it is over", async () => {
  const { cloudflare } = world.sandbox;
  const host = await expose(world, { service: "billing-api" });
  cloudflare.setConnectors(TUNNEL, 0);
  const incident = await untilIncident(world, "Tunnel cloud-run is down");
  const said = textOf(incident);
  for (const part of [
    "Nobody gets through at the moment.",
    "On call: <!subteam^S0LEADS>.",
    host,
    "What to do: ",
    "docs/runbook/outage.md",
  ])
    expect(said).toContain(part);
  expect(buttonsOf(incident)).toEqual(["Acknowledge", "Mute 1 h", "Show Evidence"]);
  await world.until("Asha is told", () => told(world.asha, "out of reach") === 1);

  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
  await world.until(
    "Asha is told that it is back",
    () => told(world.asha, "behind a tunnel that is up again") === 1,
  );
  await world.until("the channel hears that it is over", () => replies(world, incident).length > 0);
  expect(replies(world, incident)).toEqual([
    expect.stringMatching(/^! Tunnel cloud-run is good again\. The trouble lasted /),
  ]);
  expect(incidents(world)).toHaveLength(1);
  expect(told(world.asha, "out of reach")).toBe(1);
  expect(buttonsOf(incidents(world)[0] ?? null)).toEqual(["Show Evidence"]);
});

test("a relapse is the same message; it can be acknowledged, muted and looked into by a member, once each", async () => {
  const { cloudflare, slack } = world.sandbox;
  cloudflare.setConnectors(TUNNEL, 0);
  const incident = await untilIncident(world, "Tunnel cloud-run is down");
  expect(incidents(world)).toHaveLength(1);
  await world.until("it is said to be back", () =>
    replies(world, incident).some((each) => each.startsWith("! Tunnel cloud-run is in trouble again.")),
  );
  slack.setPerson("U0MINA", { isRestricted: true });
  for (const button of ["Acknowledge", "Show Evidence"])
    expect(await world.mina.pressesInVain(button, incident)).toContain("Guests cannot use Drawbridge.");
  slack.setPerson("U0MINA", { isRestricted: false });
  await Promise.all([world.lee, world.mina].map((each) => each.presses("Acknowledge", incident)));
  await untilIncident(world, "acknowledged it");
  const late = () =>
    [world.lee, world.mina]
      .flatMap((each) => each.ephemerals(ALERTS))
      .filter((each) => each.startsWith("Somebody has acknowledged this already."));
  await world.until("the later of the two is told", () => late().length === 1);
  await world.mina.presses("Mute 1 h", incidents(world)[0] ?? null);
  await untilIncident(world, "Muted by <@U0MINA> until");
  expect(buttonsOf(incidents(world)[0] ?? null)).toEqual(["Show Evidence"]);
  await world.lee.presses("Show Evidence", incidents(world)[0] ?? null);
  await world.until("Lee reads the evidence", () =>
    world.lee.ephemerals(ALERTS).some((each) => each.startsWith("Evidence:")),
  );

  const before = slack.messages(ALERTS).filter((each) => each.broadcast).length;
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "It is good again just now");
  expect(slack.messages(ALERTS).filter((each) => each.broadcast)).toHaveLength(before);
});
