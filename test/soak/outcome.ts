// What has to be so after a bot was killed and started again: at the vendors, in the store, on the card, for a stranger.
import { expect } from "vitest";
import type { SlackMessage } from "../../sandbox/contract.ts";
import type { Exposure } from "../../src/domain/exposure.ts";
import { openDatabase } from "../../src/store/database.ts";
import { createLookups, loadIn } from "../../src/store/exposure-lookups.ts";
import { ALL_STANDING, NOTHING_STANDING, standing } from "../exposing.ts";
import type { Person } from "../people.ts";
import { APPROVALS, buttonsOf, textOf, type World } from "../world.ts";

/** Killed after Slack took a message and before its answer came: nobody can know, and it is sent once more. */
export type Repeats = { cards: number; messages: number };

/** What the edge's own log has of changes at a hostname, visits apart. Revoking twice is revoking. */
export function changesAt({ sandbox }: World, host: string): string[] {
  const changes = sandbox.cloudflare
    .history(host)
    .map((each) => each.what)
    .filter((what) => /access application|dns record|route|tokens/.test(what));
  return changes.filter((what, index) => what !== "tokens revoked" || what !== changes[index - 1]);
}

export const OPENED = ["access application created", "dns record created", "route added"];
export const EXTENDED = [...OPENED, "dns record changed"];
export const CLOSED = [
  ...EXTENDED,
  "route removed",
  "dns record removed",
  "tokens revoked",
  "access application removed",
];

export async function expectOpen(world: World, host: string, changes: string[]): Promise<void> {
  const { cloudflare } = world.sandbox;
  expect(standing(world, host), host).toEqual(ALL_STANDING);
  expect(changesAt(world, host), host).toEqual(changes);
  expect((await cloudflare.visit(host)).verdict, host).toBe("stopped by Access");
  const inside = await cloudflare.visit(host, { email: "tom@lakeside.example" });
  expect(inside.verdict, host).toBe("reached the service");
  expect(cloudflare.firstHole(host), host).toBeNull();
  expect(world.cardText(host)).toContain("Open until <!date");
}

export async function expectClosed(world: World, host: string): Promise<void> {
  const { cloudflare } = world.sandbox;
  expect(standing(world, host), host).toEqual(NOTHING_STANDING);
  expect(changesAt(world, host), host).toEqual(CLOSED);
  expect((await cloudflare.visit(host)).verdict, host).toBe("no such host");
  expect(cloudflare.firstHole(host), host).toBeNull();
  expect(strangersInside(world, host), host).toEqual([]);
  expect(buttonsOf(world.card(host)), host).toEqual(["Request Again"]);
}

function strangersInside({ sandbox }: World, host: string): string[] {
  const met = sandbox.cloudflare.history(host).map((each) => each.what);
  return met.filter((what) => what === "stranger reached the service" || what === "hole opened");
}

/** The only exposure that was ever stored for this hostname, read past the bot. */
export async function storedAt(world: World, host: string): Promise<Exposure> {
  const where = world.databaseUrl ? { url: world.databaseUrl, dataDir: "" } : null;
  const database = await openDatabase(where ?? { dataDir: world.sandbox.env.DATA_DIR! });
  try {
    const all = await createLookups(database.db).latest(null, 10_000);
    const [found, ...more] = all.filter((each) => each.hostname === host);
    expect(more, `${host} is stored once`).toEqual([]);
    return (await loadIn(database.db, found!.id))!;
  } finally {
    await database.close();
  }
}

/** Votes and ends as they were acked: each once. */
export async function expectKept(world: World, host: string): Promise<void> {
  const { votes, openedAt, endsAt, closing, approvedMinutes } = await storedAt(world, host);
  const given = votes.map((vote) => `${vote.person.slackId} ${vote.decision} in round ${vote.round}`);
  expect(given, host).toEqual(["U0LEE approve in round 1", "U0LEE approve in round 2"]);
  expect(approvedMinutes, host).toBe(60);
  expect((endsAt!.getTime() - openedAt!.getTime()) / 60_000, host).toBe(120);
  expect(closing?.by, host).toBe("U0LEE");
}

export function cardsAt({ sandbox }: World, host: string): SlackMessage[] {
  const posted = sandbox.slack.messages(APPROVALS).filter((each) => !each.threadTs && each.metadata);
  return posted.filter((each) => textOf(each).includes(host));
}

/** One card; and one more where Slack took a card whose answer was never read, which decides nothing any more. */
export function expectCards(world: World, host: string, repeats: Repeats): void {
  expect(cardsAt(world, host).length, host).toBe(1 + repeats.cards);
}

/** What was said of it in the card's thread and to who asked, in a word each. */
export function toldOf(world: World, host: string, by: Person): string[] {
  const cards = cardsAt(world, host).map((each) => each.ts);
  const thread = world.sandbox.slack
    .messages(APPROVALS)
    .filter((each) => cards.includes(each.threadTs ?? ""));
  const alone = by.directMessages().filter((each) => textOf(each).includes(host));
  return [...thread, ...alone].map(kindOf);
}

const KINDS: Record<string, string> = {
  "You get the address as soon as it stands": "approved",
  "It is open, and seen from outside": "open",
  "asks for 1 h more": "more time asked for",
  "It stays open for longer": "extended",
  "It is closed, and a visit": "closed",
};

function kindOf(message: SlackMessage): string {
  const text = textOf(message);
  return Object.entries(KINDS).find(([words]) => text.includes(words))?.[1] ?? text;
}

/** Each thing is told once. */
export function expectTold(world: World, host: string, by: Person, repeats: Repeats): void {
  const told = toldOf(world, host, by);
  expect([...new Set(told)].sort(), host).toEqual(Object.values(KINDS).sort());
  expect(told.length, `${host}: ${told}`).toBe(Object.keys(KINDS).length + repeats.messages);
}
