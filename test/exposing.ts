// The ways of an exposure that many stories begin or end with, and what its card and its hostname then say.
import { expect } from "vitest";
import type { JournalEntry, SlackMessage } from "../sandbox/contract.ts";
import type { Person, Request } from "./people.ts";
import { ALERTS, APPROVALS, buttonsOf, textOf, type World } from "./world.ts";

/** Asked for and on a card, waiting for somebody to decide. Answers the hostname. */
export async function ask(world: World, request: Request, by: Person = world.asha): Promise<string> {
  const zone = request.zone ?? "lakeside.example";
  const name = request.hostname ?? request.service;
  const hostname = name.includes(".") ? name : `${name}.${zone}`;
  await endLeftover(world, hostname, by);
  const earlier = world.card(hostname)?.ts;
  expect(await by.asks(request)).toBeNull();
  await world.until(`the card of ${hostname} is posted`, () => {
    const card = world.card(hostname);
    return card && card.ts !== earlier;
  });
  return hostname;
}

/** A second try of a story (CI) begins where the first one broke off. */
async function endLeftover(world: World, hostname: string, by: Person): Promise<void> {
  const buttons = buttonsOf(world.card(hostname));
  const [button, person] = buttons.includes("Close")
    ? (["Close", world.lee] as const)
    : (["Withdraw", by] as const);
  if (!buttons.includes(button)) return;
  world.sandbox.shared.faults.clear();
  await person.presses(button, world.card(hostname));
  await world.until(`what was left at ${hostname} has ended`, () =>
    /^(Closed|Withdrawn|Could not open)/.test(world.cardText(hostname)),
  );
}

/** Asked for and approved; what comes of it is not waited for. */
export async function askAndApprove(world: World, request: Request, by?: Person): Promise<string> {
  const hostname = await ask(world, request, by);
  await world.lee.presses("Approve", world.card(hostname));
  return hostname;
}

export async function expose(world: World, request: Request, by?: Person): Promise<string> {
  const hostname = await askAndApprove(world, request, by);
  await untilOpen(world, hostname);
  return hostname;
}

/** Every card that stands of a hostname, oldest first. */
export function cardsOf({ sandbox }: World, hostname: string): SlackMessage[] {
  const cards = sandbox.slack.messages(APPROVALS).filter((each) => !each.threadTs && !each.deleted);
  return cards.filter((each) => textOf(each).includes(hostname));
}

/** What stands in the card's thread, oldest first. */
export function threadOf(world: World, hostname: string): string[] {
  const card = world.card(hostname);
  const messages = world.sandbox.slack.messages(APPROVALS);
  return messages.filter((each) => card && each.threadTs === card.ts).map(textOf);
}

/** What the alerts channel was told of a hostname, oldest first. */
export function alertsAbout({ sandbox }: World, hostname: string): string[] {
  return sandbox.slack
    .messages(ALERTS)
    .map(textOf)
    .filter((text) => text.includes(hostname));
}

export function isOpen(world: World, hostname: string): boolean {
  return buttonsOf(world.card(hostname)).includes("Extend");
}

export async function untilOpen(world: World, hostname: string, seconds?: number): Promise<void> {
  await world
    .until(`${hostname} is open`, () => isOpen(world, hostname), seconds)
    .catch((error: Error) => {
      throw new Error(`${error.message}\n${world.cardText(hostname)}`);
    });
}

/** The card has nothing left to wait for. */
export function isClosed(world: World, hostname: string): boolean {
  return world.cardText(hostname).includes("Closed <!date");
}

export async function untilClosed(world: World, hostname: string, seconds?: number): Promise<void> {
  await world
    .until(`${hostname} is closed`, () => isClosed(world, hostname), seconds)
    .catch((error: Error) => {
      throw new Error(`${error.message}\n${world.cardText(hostname)}`);
    });
}

/** What our installation has standing at Cloudflare for a hostname, by how many of each. */
export function standing({ sandbox }: World, hostname: string) {
  const { cloudflare, seed } = sandbox;
  const records = seed.cloudflare.zones.flatMap((zone) => cloudflare.records(zone.id));
  const routes = seed.cloudflare.tunnels.flatMap((tunnel) =>
    routesOf(cloudflare.tunnelConfig(tunnel.id).config),
  );
  return {
    applications: cloudflare.applications().filter((each) => each.domain === hostname).length,
    records: records.filter((each) => each.name === hostname).length,
    routes: routes.filter((each) => each.hostname === hostname).length,
  };
}

export const ALL_STANDING = { applications: 1, records: 1, routes: 1 };
export const NOTHING_STANDING = { applications: 0, records: 0, routes: 0 };

export function routesOf(config: Record<string, unknown>): Record<string, unknown>[] {
  return (config.ingress as Record<string, unknown>[] | undefined) ?? [];
}

/** How often the bot put a route in. Every one of ours carries the second lock. */
export function ourRoutes({ sandbox }: World, hostname: string): number {
  const history = sandbox.cloudflare.history(hostname);
  return history.filter((each) => each.what === "route added" && each.detail?.includes("audTag")).length;
}

/** What the bot changed or proved at a hostname, in order, each thing the first time that it happened. */
export function firsts({ sandbox }: World, hostname: string): string[] {
  return [...new Set(sandbox.cloudflare.history(hostname).map((each) => each.what))];
}

/** A call as the matrix of faults names it: the ids in its path are left out. */
export function shapeOf({ vendor, method, path }: JournalEntry): string {
  if (vendor === "edge") return "edge visit";
  const below = path.replace(/^.*\/client\/v4/, "").replace(/\/[0-9a-f]{8}-?[0-9a-f-]{23,}/g, "/{id}");
  return `${vendor} ${method} ${below}`;
}
