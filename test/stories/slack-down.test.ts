// Slack cannot be reached: what is due is done without it, the process stays, and what Slack missed follows when it is back.
import { afterAll, beforeAll, expect, test } from "vitest";
import { expose, NOTHING_STANDING, standing, untilClosed } from "../exposing.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ ownProcess: true });
});
afterAll(() => world.close());

test("down at the start: what is past its end is closed all the same, and the card is redrawn when Slack is back", async () => {
  const { shared, slack, env } = world.sandbox;
  const probe = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${env.HEALTH_PORT}${path}`).catch(() => null);
    return answer?.status ?? 0;
  };
  const host = await expose(world, { service: "billing-api", duration: 60 });
  await world.stopBot();
  shared.clock.forward(61 * 60_000);
  shared.faults.add({ vendor: "slack", times: 0, effect: { kind: "drop" } });

  const starting = world.startBot();
  await world.until("it is closed", () => standing(world, host).applications === 0, 60);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(slack.sockets()).toBe(0);
  expect([await probe("/healthz"), await probe("/readyz"), await probe("/startupz")]).toEqual([
    200, 503, 503,
  ]);
  expect(world.cardText(host)).not.toContain("Closed <!date");

  shared.faults.clear();
  await starting;
  await untilClosed(world, host, 60);
  expect(await probe("/startupz")).toBe(200);
  const told = world.asha.directMessages().filter(({ text }) => text.includes("is closed"));
  expect(told).toHaveLength(1);
});

test("a token that Slack refuses once it is back ends the process, with words for whoever set it", async () => {
  const { shared } = world.sandbox;
  await world.stopBot();
  shared.faults.add({ vendor: "slack", times: 0, effect: { kind: "drop" } });
  const earlier = world.logged.length;
  const starting = world.startBot({ SLACK_BOT_TOKEN: "xoxb-wrong" }).then(
    () => "it started",
    (error: Error) => error.message,
  );
  await world.until("it has given up once", () =>
    world.logged.slice(earlier).some((line) => line.includes("could not check the bot token yet")),
  );
  shared.faults.clear();
  expect(await starting).toMatch(/Slack refuses the connection for good: .*invalid_auth.*copy it again/);
});
