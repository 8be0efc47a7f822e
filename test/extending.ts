// More time for an exposure that is open, and what its card and its requester are then told.
import { expect } from "vitest";
import type { SlackMessage } from "../sandbox/contract.ts";
import type { Person } from "./people.ts";
import { textOf, type World } from "./world.ts";

/** Somebody asks for more time than the policy gives away, and the card shows it. */
export async function wishesForMore(
  world: World,
  hostname: string,
  minutes: number,
  by: Person = world.asha,
): Promise<void> {
  await by.presses("Extend", world.card(hostname));
  expect(await by.submits({ "form.duration": String(minutes), "form.reason": "Longer" })).toBeNull();
  await world.until("the card asks", () => world.cardText(hostname).includes("More time asked for"));
}

/** When the card says that it ends, in seconds. */
export function endOf(world: World, hostname: string): number {
  const words = /Open until (?:somebody closes it\. It is reviewed )?<!date\^(\d+)/.exec(
    world.cardText(hostname),
  );
  return Number(words?.[1]);
}

/** What the requester is told when it is open, and when it is closed after having been open. */
export const SAID_OPEN = "It is open: a visit from outside without a log-in is stopped by Access.";
export const SAID_CLOSED = "It is closed, and a visit from outside no longer reaches it.";

/** What Asha was told of this hostname in these words. */
export function toldOf(world: World, hostname: string, words: string): string[] {
  return messagesOf(world, hostname, words).map(textOf);
}

export function messagesOf(world: World, hostname: string, words: string): SlackMessage[] {
  const says = (text: string) => text.includes(hostname) && text.includes(words);
  return world.asha.directMessages().filter((each) => says(textOf(each)));
}
