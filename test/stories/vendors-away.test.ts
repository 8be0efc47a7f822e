// A vendor that is away for long: what was begun goes on without Slack, whose cards are drawn afterwards and whose messages are
// sent once; and what was closed is not called for any more.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { JournalEntry } from "../../sandbox/contract.ts";
import {
  ALL_STANDING,
  ask,
  expose,
  isOpen,
  NOTHING_STANDING,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { SAID_CLOSED, SAID_OPEN, toldOf } from "../extending.ts";
import { createWorld, type World } from "../world.ts";

const HOUR = 60 * 60_000;

let world: World;
beforeAll(async () => {
  world = await createWorld({ env: { SWEEP_SECONDS: "600" } });
});
afterEach(() => world.sandbox.shared.faults.clear());
afterAll(() => world.close());

/** Every method by which something is posted or drawn. */
function takeSlackAway(): void {
  const path = "/api/(chat|conversations)";
  world.sandbox.shared.faults.add({
    vendor: "slack",
    path,
    times: 0,
    effect: { kind: "status", status: 503 },
  });
}

async function whileSlackIsAway(begin: () => Promise<unknown>, done: () => boolean): Promise<void> {
  const { faults, clock } = world.sandbox.shared;
  takeSlackAway();
  await begin();
  await world.until("it is done without Slack", done, 30);
  for (let quarter = 0; quarter < 4; quarter++) clock.forward(HOUR / 4);
  faults.clear();
  clock.forward(61_000);
}

function is(host: string, wanted: object): boolean {
  return JSON.stringify(standing(world, host)) === JSON.stringify(wanted);
}

test("Slack is away for an hour in the middle of an opening, and of a closing", async () => {
  const { lee } = world;
  const host = await ask(world, { service: "reports", duration: 1440 });
  const card = world.card(host);
  await whileSlackIsAway(
    () => lee.presses("Approve", card),
    () => is(host, ALL_STANDING) && isSeenBehindItsRoute(host),
  );
  await untilOpen(world, host, 60);
  await world.until("it was told", () => toldOf(world, host, SAID_OPEN).length > 0, 60);
  expect(toldOf(world, host, "Approved by")).toHaveLength(1);

  await whileSlackIsAway(
    () => lee.presses("Close", world.card(host)),
    () => is(host, NOTHING_STANDING),
  );
  await untilClosed(world, host, 60);
  await world.until("it was told", () => toldOf(world, host, SAID_CLOSED).length > 0, 60);
  for (const words of ["Approved by", SAID_OPEN, SAID_CLOSED])
    expect([words, toldOf(world, host, words).length]).toEqual([words, 1]);
  expect(world.card(host)?.ts).toBe(card?.ts);
});

/** The last step of an opening. An hour that passes before it would be too long for an opening. */
function isSeenBehindItsRoute(host: string): boolean {
  const seen = world.sandbox.cloudflare.history(host).map((each) => each.what);
  const routed = seen.lastIndexOf("route added");
  return routed >= 0 && seen.indexOf("stranger stopped by Access", routed) > routed;
}

/** What was asked of Cloudflare and of the edge that was not a sweep's look. */
function calls(entries: JournalEntry[]): string[] {
  const ours = entries.filter(({ vendor }) => vendor === "cloudflare" || vendor === "edge");
  return ours
    .filter(({ vendor, method }) => vendor === "edge" || method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
}

test("once it is closed nothing is called for it any more, and nothing of an opening once a person closed it", async () => {
  const { journal, clock } = world.sandbox.shared;
  const host = await expose(world, { service: "returns" });
  await world.lee.presses("Close", world.card(host));
  await untilClosed(world, host);
  journal.clear();
  for (let minute = 0; minute < 3; minute++) {
    const from = journal.entries().length;
    clock.forward(61_000);
    await world.until("it was swept", () =>
      journal
        .entries()
        .slice(from)
        .some((each) => each.path.endsWith("/connections")),
    );
  }
  expect(calls(journal.entries())).toEqual([]);
  const about = journal.entries().filter((each) => JSON.stringify([each.path, each.query]).includes(host));
  expect(about).toEqual([]);
});

test.each([
  ["POST", "/access/apps", "applications"],
  ["POST", "/dns_records", "records"],
] as const)(
  "closed by a person at its %s %s: no later step of the opening is taken",
  async (method, path, made) => {
    const { journal } = world.sandbox.shared;
    const host = await ask(world, {
      service: "grafana",
      hostname: `stopped-${path.split("/").at(-1)?.replace("_", "-")}`,
    });
    journal.clear();
    world.sandbox.shared.faults.add({
      vendor: "cloudflare",
      method,
      path: `${path}$`,
      when: "after",
      effect: { kind: "delay", ms: 4000 },
    });
    await world.lee.presses("Approve", world.card(host));
    // It has taken effect, and its answer is still held back.
    await world.until("the call was made", () => standing(world, host)[made] === 1);
    await world.lee.runs(`close ${host}`);
    await untilClosed(world, host);
    expect(isOpen(world, host)).toBe(false);
    const written = calls(journal.entries()).filter(
      (each) => /^(POST|PUT)/.test(each) && !each.endsWith("/revoke_tokens"),
    );
    const steps = ["POST /access/apps", "POST /dns_records"];
    expect(written.map((each) => each.replace(/ .*(\/access\/apps|\/dns_records)$/, " $1"))).toEqual(
      steps.slice(0, steps.indexOf(`${method} ${path}`) + 1),
    );
    expect(standing(world, host)).toEqual(NOTHING_STANDING);
  },
);
