// Two bots on one database, each with its own sockets: Slack gives each payload to any one of them, and yet there is one
// card for a request, one effect of a decision, and one writer of a tunnel's configuration.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ALL_STANDING,
  ask,
  cardsOf,
  NOTHING_STANDING,
  routesOf,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { SAID_CLOSED, SAID_OPEN } from "../extending.ts";
import { crossedWrites } from "../two-processes.ts";
import { ALERTS, createWorld, TUNNEL, textOf, type World } from "../world.ts";

const SERVICES = ["grafana", "reports", "stock-viewer", "recipe-editor", "route-planner", "returns"];

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startBot();
});
afterAll(() => world.close());

function hostOf(service: string): string {
  return `${service}.lakeside.example`;
}

function told(host: string, words: string): number {
  const people = [world.asha, world.mina, world.tom];
  const all = people.flatMap((each) => each.directMessages()).map(textOf);
  return all.filter((text) => text.includes(host) && text.includes(words)).length;
}

test("requests and approvals spread over both: one card, one effect, one writer", async () => {
  const { cloudflare, shared, slack } = world.sandbox;
  await world.until("both bots have both their sockets", () => slack.sockets() === 4);
  const people = [world.asha, world.mina, world.tom];
  await Promise.all(
    people.map(async (person, turn) => {
      for (const service of SERVICES.filter((_, index) => index % 3 === turn))
        await ask(world, { service }, person);
    }),
  );
  const { version } = cloudflare.tunnelConfig(TUNNEL);
  // Three clicks on each card at the same moment.
  await Promise.all(
    SERVICES.flatMap((service) => {
      const card = world.card(hostOf(service));
      return [
        world.lee.presses("Approve", card),
        world.lee.presses("Approve", card),
        world.mina.presses("Approve", card),
      ];
    }),
  );
  for (const service of SERVICES) await untilOpen(world, hostOf(service));

  for (const host of SERVICES.map(hostOf)) {
    await world.until(`${host} is told to be open`, () => told(host, SAID_OPEN));
    expect([host, cardsOf(world, host).length, told(host, "Approved by"), told(host, SAID_OPEN)]).toEqual([
      host,
      1,
      1,
      1,
    ]);
    expect(standing(world, host)).toEqual(ALL_STANDING);
    const made = cloudflare.history(host).filter((each) => each.what === "access application created");
    expect(made).toHaveLength(1);
    expect(cloudflare.firstHole(host)).toBeNull();
  }
  expect(crossedWrites(shared.journal.entries())).toEqual([]);
  const puts = shared.journal.entries().filter((each) => each.method === "PUT");
  expect(cloudflare.tunnelConfig(TUNNEL).version).toBe(version + puts.length);
  expect(
    world.logged.filter((line) => line.includes("changed the tunnel's configuration at the same time")),
  ).toEqual([]);
});

test("two people who must both agree may press at the same moment, each at another bot, and both are named", async () => {
  // Several times over: which of the two is stored first is chance.
  for (const round of [1, 2, 3]) {
    const host = await ask(world, { service: "payroll-admin", hostname: `payroll-${round}` });
    await Promise.all([world.lee, world.mina].map((lead) => lead.presses("Approve", world.card(host))));
    await untilOpen(world, host);
    expect(world.cardText(host)).toContain("<@U0LEE>");
    expect(world.cardText(host)).toContain("<@U0MINA>");
    await world.asha.presses("Close", world.card(host));
    await untilClosed(world, host);
  }
});

test("both sweep, and a hole is told once", async () => {
  const { cloudflare, shared, slack } = world.sandbox;
  const alerts = (name: string) =>
    slack
      .messages(ALERTS)
      .map(textOf)
      .filter((text) => text.includes(name)).length;
  for (const name of ["one-hole.lakeside.example", "one-more-hole.lakeside.example"]) {
    const { config } = cloudflare.tunnelConfig(TUNNEL);
    const rule = { hostname: name, service: "https://elsewhere.example" };
    const [last = {}, ...rest] = routesOf(config).reverse();
    cloudflare.putConfig(TUNNEL, { ...config, ingress: [...rest.reverse(), rule, last] });
    shared.clock.forward(1);
    await world.until(`${name} is told`, () => alerts(name) > 0);
  }
  expect([alerts("one-hole"), alerts("one-more-hole")]).toEqual([1, 1]);
});

test("the time of all of them ends at once: each is closed once, by whichever bot", async () => {
  const { cloudflare, shared } = world.sandbox;
  shared.clock.forward(61 * 60_000);
  for (const host of SERVICES.map(hostOf)) await untilClosed(world, host);
  for (const host of SERVICES.map(hostOf)) {
    expect(standing(world, host)).toEqual(NOTHING_STANDING);
    await world.until(`${host} is told to be closed`, () => told(host, SAID_CLOSED));
    expect([host, cardsOf(world, host).length, told(host, SAID_CLOSED)]).toEqual([host, 1, 1]);
    expect(cloudflare.firstHole(host)).toBeNull();
  }
  expect(crossedWrites(shared.journal.entries())).toEqual([]);
});
