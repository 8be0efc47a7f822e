// Two bots as processes of their own on one Postgres, many requests and clicks at once, and what must be true of them in
// the end, whatever happened to the bots or to Postgres meanwhile.
import { expect } from "vitest";
import type { JournalEntry } from "../sandbox/contract.ts";
import { ALL_STANDING, routesOf, standing } from "./exposing.ts";
import { toldOf } from "./extending.ts";
import type { Person } from "./people.ts";
import { withShops } from "./shops.ts";
import { APPROVALS, buttonsOf, createWorld, type RunningBot, TUNNEL, textOf, type World } from "./world.ts";

export type Two = { world: World; bots: RunningBot[] };

/** `services` of them, so that each of three people can ask for each. */
export async function createTwo(services: number, databaseUrl?: string): Promise<Two> {
  const world = await createWorld({ ownProcess: true, seed: withShops(services), databaseUrl });
  await world.stopBot();
  const bots = [await world.startBot(), await world.startBot()];
  await world.until("both bots have both their sockets", () => world.sandbox.slack.sockets() === 4);
  return { world, bots };
}

/** Three people ask, each for every service under a hostname of theirs; who is not answered asks again. */
export async function askForAll({ world }: Two, services: number): Promise<string[]> {
  const people = [world.asha, world.mina, world.tom];
  const asked = await Promise.all(
    people.map(async (person) => {
      const hosts: string[] = [];
      for (let number = 1; number <= services; number++) hosts.push(await askFor(world, person, number));
      return hosts;
    }),
  );
  return asked.flat();
}

async function askFor(world: World, person: Person, number: number): Promise<string> {
  const label = `shop-${number}-${person.id.slice(2).toLowerCase()}`;
  const request = { service: `shop-${number}`, hostname: label };
  await world.until(
    `${person.id} has asked for ${label}`,
    async () => {
      const problems = await person.asks(request).catch(() => ({ "": "nobody answered" }));
      // A first form that was taken and whose answer was lost. Any other problem, such as a look-up that failed, is to be
      // sent again.
      return problems === null || Object.values(problems).some((each) => each.includes(TAKEN));
    },
    2,
  );
  return `${label}.lakeside.example`;
}

const TAKEN = "Another exposure already uses this hostname";

/** Two leads press Approve on every card as it comes, at the same moment, and again while the card still asks. */
export async function approveAll(
  { world }: Two,
  hosts: string[],
  each?: (done: number) => void,
): Promise<void> {
  let done = 0;
  await Promise.all(
    hosts.map(async (host) => {
      await untilPosted(world, host, hosts);
      const leads = [world.lee, world.mina].map((lead) => approve(world, lead, host));
      await Promise.all(leads);
      done += 1;
      each?.(done);
    }),
  );
}

async function untilPosted(world: World, host: string, hosts: string[]): Promise<void> {
  await world
    .until(`the card of ${host} is posted`, () => world.card(host), 400)
    .catch((error: Error) => {
      const posted = hosts.filter((each) => world.card(each)).length;
      const said = [error.message, `${posted} of ${hosts.length} cards stand`, ...world.logged.slice(-30)];
      throw new Error(said.join("\n"));
    });
}

/** All of it with one of the two killed once `after` are decided. */
export async function askAndApproveWhileOneIsKilled(
  two: Two,
  services: number,
  after: number,
): Promise<void> {
  const hosts = await askForAll(two, services);
  const killed: Promise<void>[] = [];
  await approveAll(two, hosts, (done) => {
    if (done === after) killed.push(two.bots[0]!.stop("SIGKILL"));
  });
  await Promise.all(killed);
  await expectOneEffectEach(two, hosts);
  // A card that Slack took in the moment of the kill is posted again, and one whose answer came too late.
  const unanswered = two.world.logged.filter((line) => line.includes("answer in time (chat.postMessage)"));
  expect(doubledCards(two, hosts).length).toBeLessThanOrEqual(1 + unanswered.length);
}

async function approve(world: World, lead: Person, host: string): Promise<void> {
  const decided = () => !buttonsOf(world.card(host)).includes("Approve");
  for (let attempt = 0; attempt < 20 && !decided(); attempt++) {
    await lead.presses("Approve", world.card(host)).catch(() => null);
    // An answer may say that somebody could not be looked up, or that the card tells; cards come at Slack's pace.
    await world.until(`${lead.id}'s click shows`, decided, 5).catch(() => null);
  }
  await world.until(`${host} is decided`, decided);
}

export async function expectOneEffectEach({ world }: Two, hosts: string[]): Promise<void> {
  const { cloudflare, shared } = world.sandbox;
  for (const host of hosts) {
    const stands = () => JSON.stringify(standing(world, host)) === STANDS;
    await world.until(`${host} stands`, stands, 200).catch((error: Error) => {
      throw new Error([error.message, world.cardText(host), ...toldOf(world, host, "")].join("\n"));
    });
    const happened = cloudflare.history(host).map(({ what }) => what);
    for (const once of ["access application created", "dns record created", "route added"])
      expect([host, once, happened.filter((what) => what === once).length]).toEqual([host, once, 1]);
    expect(happened.filter((what) => what === "route removed")).toEqual([]);
    expect(cloudflare.firstHole(host)).toBeNull();
  }
  expect(crossedWrites(shared.journal.entries())).toEqual([]);
  const routed = routesOf(cloudflare.tunnelConfig(TUNNEL).config).map((each) => each.hostname);
  expect(hosts.filter((host) => routed.filter((each) => each === host).length !== 1)).toEqual([]);
}

const STANDS = JSON.stringify(ALL_STANDING);

/** Cards by hostname that are not exactly one. */
export function doubledCards({ world }: Two, hosts: string[]): string[] {
  const cards = world.sandbox.slack.messages(APPROVALS).filter((each) => !each.threadTs);
  const words = cards.map(textOf);
  return hosts.filter((host) => words.filter((text) => text.includes(host)).length !== 1);
}

/** Those of the whole document that did not start from what the one before had left. */
export function crossedWrites(entries: JournalEntry[]): string[] {
  const ours = entries.filter(
    ({ vendor, path }) => vendor === "cloudflare" && path.endsWith("/configurations"),
  );
  const puts = ours.flatMap((each, index) => (each.method === "PUT" ? [index] : []));
  return puts.flatMap((at) =>
    ours[at + 1]?.method === "PUT" ? [`write ${at} was not read back before the next`] : [],
  );
}

export async function readiness({ healthPort }: RunningBot): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${healthPort}/readyz`).catch(() => null);
  return answer ? `${answer.status} ${await answer.text()}` : "no answer";
}
