// One life of an exposure in stages, on many lanes side by side, each a tunnel, a zone and a service of its own: what a fault
// at any call of a stage must not keep from coming to its end.
import { expect } from "vitest";
import type { JournalEntry } from "../../sandbox/contract.ts";
import { ALL_STANDING, ask, isClosed, isOpen, shapeOf, standing, untilClosed } from "../exposing.ts";
import { endOf } from "../extending.ts";
import type { Lane } from "../lanes.ts";
import type { World } from "../world.ts";

export type Stage = "ask" | "open" | "extend" | "repair" | "sweep" | "close";
export const STAGES: readonly Stage[] = ["ask", "open", "extend", "repair", "sweep", "close"];

/** `asking`: on so many of them more time is asked for. Slack takes a message a second in one channel. */
export type Life = { world: World; lanes: Lane[]; hosts: string[]; asking: number };

const PATIENCE_S = 150;

/** Runs one stage on every lane whose exposure still lives, and waits for its end. */
export async function live(life: Life, stage: Stage): Promise<void> {
  await { ask: askAll, open, extend, repair, sweep, close }[stage](life);
}

/** What the form could not look up is asked once more. */
async function askAll({ world, lanes, hosts }: Life): Promise<void> {
  await Promise.all(
    lanes.map(({ service, person }, index) =>
      askUntilTaken(world, service, hosts[index]!, world.person(person)),
    ),
  );
}

async function askUntilTaken(
  world: World,
  service: string,
  hostname: string,
  person: World["asha"],
): Promise<void> {
  for (let attempt = 1; !world.card(hostname); attempt++) {
    try {
      await ask(world, { service, hostname }, person);
    } catch (error) {
      // The form did not open, was not filled, or said what could not be checked; or it was taken and the card is late.
      if (attempt === 8) throw error;
      await world.until("the card is late", () => world.card(hostname), 3).catch(() => null);
    }
  }
}

async function open({ world, hosts }: Life): Promise<void> {
  await Promise.all(hosts.map((host) => pressUntil(world, "Approve", host, () => isUnderWay(world, host))));
  await Promise.all(hosts.map((host) => untilOpenOrOver(world, host)));
}

function isUnderWay(world: World, host: string): boolean {
  return !world.cardText(host).includes("Waiting for approval");
}

/** A click may be answered with what could not be looked up; a card that is late shows the button for a while. */
async function pressUntil(world: World, button: string, host: string, done: () => boolean): Promise<void> {
  for (let attempt = 1; attempt <= 6 && !done(); attempt++) {
    await world.lee.presses(button, world.card(host)).catch(() => null);
    await world.until(`${button} took effect at ${host}`, done, 5).catch(() => null);
  }
  await world.until(`${button} took effect at ${host}`, done, 60);
}

async function untilOpenOrOver(world: World, host: string): Promise<void> {
  await world.until(
    `${host} is open, or over`,
    () => isOpen(world, host) || isClosed(world, host),
    PATIENCE_S,
  );
}

function living({ world, hosts }: Life): string[] {
  return hosts.filter((host) => isOpen(world, host));
}

/** A longer time is looked after by a pass of its own, which comes a moment after the card. */
async function extend(life: Life): Promise<void> {
  const { world, lanes, hosts } = life;
  const from = world.sandbox.shared.journal.entries().length;
  const asking = lanes.slice(0, life.asking).filter((_, index) => isOpen(world, hosts[index]!));
  await Promise.all(
    lanes.slice(0, life.asking).map(async ({ person }, index) => {
      const host = hosts[index]!;
      if (!isOpen(world, host)) return;
      const before = endOf(world, host);
      const asks = () => world.cardText(host).includes("More time asked for");
      for (let attempt = 0; attempt < 6 && !asks(); attempt++)
        await wishForMore(world, world.person(person), host, asks);
      await pressUntil(world, "Approve", host, () => endOf(world, host) > before);
    }),
  );
  await untilLookedAt(life, asking, from);
}

/** Every tunnel was looked at, and every fault was met that can be: what is over leaves its own unmet. */
async function untilLookedAt({ world, hosts }: Life, lanes: Lane[], from: number): Promise<void> {
  const { journal, faults } = world.sandbox.shared;
  const isLookedAt = ({ tunnelId }: Lane) =>
    journal
      .entries()
      .slice(from)
      .some((each) => each.path.endsWith(`/cfd_tunnel/${tunnelId}/connections`));
  await world.until("every tunnel was looked at", () => lanes.every(isLookedAt), PATIENCE_S);
  const isMet = () =>
    faults.list().every((each) => each.hits > 0) || hosts.some((host) => isClosed(world, host));
  await world.until("every fault was met", isMet, PATIENCE_S);
}

/** The form may not open, and its answer may say what could not be looked up. */
async function wishForMore(
  world: World,
  person: World["asha"],
  host: string,
  asks: () => boolean,
): Promise<void> {
  const { slack } = world.sandbox;
  await person.closesForms();
  await person.presses("Extend", world.card(host)).catch(() => null);
  const opened = await world
    .until("the form opens", () => slack.modals(person.id).length > 0, 3)
    .catch(() => null);
  if (!opened) return;
  await person.submits({ "form.duration": "60", "form.reason": "Longer" });
  await world.until("the card asks", asks, 3).catch(() => null);
}

/** Somebody takes the gate and the record away. */
async function repair(life: Life): Promise<void> {
  const { world, lanes, hosts } = life;
  const { cloudflare, shared } = world.sandbox;
  const broken = living(life);
  const gates = new Map(broken.map((host) => [host, applicationAt(world, host)]));
  for (const host of broken) {
    cloudflare.deleteApplication(String(gates.get(host)?.id));
    const { zoneId } = lanes[hosts.indexOf(host)]!;
    const record = cloudflare.records(zoneId).find((each) => each.name === host);
    cloudflare.deleteRecord(zoneId, String(record?.id));
  }
  const isAnew = (host: string) => {
    const aud = applicationAt(world, host)?.aud;
    return aud !== undefined && aud !== gates.get(host)?.aud && isOpen(world, host) && isWhole(world, host);
  };
  const isDone = () => broken.every((host) => isAnew(host) || isClosed(world, host));
  // What a sweep finds while the exposure changes for another reason is found by the next.
  for (let sweeps = 0; sweeps < PATIENCE_S / 5 && !isDone(); sweeps++) {
    shared.clock.forward(1);
    await world.until("all are mended, or over", isDone, 5).catch(() => null);
  }
  expect(broken.filter((host) => !isAnew(host) && !isClosed(world, host))).toEqual([]);
}

function isWhole(world: World, host: string): boolean {
  return JSON.stringify(standing(world, host)) === JSON.stringify(ALL_STANDING);
}

function applicationAt(world: World, host: string): Record<string, unknown> | undefined {
  return world.sandbox.cloudflare.applications().find((each) => each.domain === host);
}

/** Nothing is amiss: nothing is written, however the looking goes. */
async function sweep(life: Life): Promise<void> {
  const { world, lanes } = life;
  const { journal, clock } = world.sandbox.shared;
  const from = journal.entries().length;
  // Also for what is looked at every ten minutes only.
  clock.forward(10 * 60_000);
  await untilLookedAt(life, lanes, from);
  const isListed = () =>
    journal
      .entries()
      .slice(from)
      .some(({ method }) => method === "ListServices");
  await world.until("the services were looked at", isListed, PATIENCE_S);
  const sinceThen = journal.entries().slice(from);
  const writes = sinceThen.filter(({ vendor, method }) => vendor === "cloudflare" && method !== "GET");
  expect(writes.map(shapeOf)).toEqual([]);
  for (const host of living(life)) expect(standing(world, host)).toEqual(ALL_STANDING);
}

/** A write to the tunnel whose answer was lost may arrive late: half a minute long the gate stands on for it. */
async function close(life: Life): Promise<void> {
  const { world } = life;
  const closing = living(life);
  const begun = (host: string) => !isOpen(world, host);
  await Promise.all(closing.map((host) => pressUntil(world, "Close", host, () => begun(host))));
  const waits = (host: string) => world.cardText(host).includes("whose answer was lost may still arrive.");
  await world.until(
    "all closed or waiting",
    () => closing.every((host) => isClosed(world, host) || waits(host)),
    PATIENCE_S,
  );
  if (closing.some(waits)) world.sandbox.shared.clock.forward(31_000);
  for (const host of closing) await untilClosed(world, host, PATIENCE_S);
}

/** A call without what tells one lane from another. */
export function callOf(entry: JournalEntry): string {
  if (entry.vendor === "google") return `google ${entry.method}`;
  return shapeOf(entry);
}
