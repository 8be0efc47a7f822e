// Slack's own rate limits, with more done in a minute than they allow: 20 look-ups of a group, 50 changed messages, one
// message a second and channel.
import { expect, test } from "vitest";
import { ALL_STANDING, isOpen, standing, untilClosed } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { doubledCards } from "../two-processes.ts";
import { buttonsOf, createWorld, type World } from "../world.ts";

const COUNT = 30;

test("thirty are asked for, approved and closed as fast as the buttons appear", async () => {
  const world = await createWorld({ slackLimits: true, seed: withShops(COUNT) });
  try {
    const hosts: string[] = [];
    for (let number = 1; number <= COUNT; number++) hosts.push(await ask(world, number));
    await world.until("all cards are posted", () => hosts.every((host) => world.card(host)), 120);

    const refused = await pressOnAll(world, hosts, "Approve");
    expect(refused).toBeGreaterThan(0);
    await world.until("every card says open", () => hosts.every((host) => isOpen(world, host)), 600);
    for (const host of hosts) expect(standing(world, host)).toEqual(ALL_STANDING);

    await pressOnAll(world, hosts, "Close");
    for (const host of hosts) await untilClosed(world, host, 600);
    expect(doubledCards({ world, bots: [] }, hosts)).toEqual([]);
    for (const host of hosts) expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
    // What nobody waits for is asked again when Slack said so, and not before.
    const { refused: vain, all } = callsOf(world, "/api/chat.update");
    expect([vain > 0, vain < all / 2]).toEqual([true, true]);
    expect(callsOf(world, "/api/chat.postMessage").refused).toBe(0);
  } finally {
    await world.close();
  }
});

/** A form that could not be filled or judged is sent again, as it asks. */
async function ask(world: World, number: number): Promise<string> {
  const service = `shop-${number}`;
  await world.until(
    `${service} is asked for`,
    async () => (await world.asha.asks({ service }).catch(() => "not yet")) === null,
    10,
  );
  return `${service}.lakeside.example`;
}

/** Answers how many clicks were answered with a refusal. Every click is acked; whoever is refused presses again in a while. */
async function pressOnAll(world: World, hosts: string[], button: string): Promise<number> {
  let refused = 0;
  const still = (host: string) => buttonsOf(world.card(host)).includes(button);
  const pressed = new Set<string>();
  for (let round = 0; pressed.size < hosts.length && round < 20; round++) {
    for (const host of hosts.filter((each) => !pressed.has(each) && still(each))) {
      const told = world.lee.ephemerals("C0APPROVALS").length;
      const { outcome } = await world.lee.presses(button, world.card(host));
      expect(outcome).toBe("acked");
      const decided = await decidedOrTold(world, host, told);
      if (decided) pressed.add(host);
      else refused += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  }
  expect([...pressed].sort()).toEqual([...hosts].sort());
  return refused;
}

/** A click that was carried out is answered by the card alone, and that may take a while. */
async function decidedOrTold(world: World, host: string, told: number): Promise<boolean> {
  const said = () => world.lee.ephemerals("C0APPROVALS").slice(told);
  await world.until("Lee is told something", () => said().length > 0, 1).catch(() => null);
  for (const each of said())
    expect([host, each]).toEqual([host, expect.stringContaining("Please try again in a minute")]);
  return said().length === 0;
}

function callsOf(world: World, path: string): { all: number; refused: number } {
  const calls = world.sandbox.shared.journal.entries().filter((each) => each.path === path);
  return { all: calls.length, refused: calls.filter((each) => each.status === 429).length };
}
