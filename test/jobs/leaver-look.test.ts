// How many people a look at leavers asks Slack about, in which order, and what becomes of those it could not ask about.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { createLeaverLook } from "../../src/jobs/leaver-look.ts";
import { fromCode, fromStatus, tooMany } from "../../src/services/slack-failure.ts";
import { at, openExposure } from "../domain/exposure-sample.ts";

const TEN_MINUTES = 10;
const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `U${from + index}`);

/** Somebody has one exposure each. Slack answers about all of them but those it is told to fail for. */
function start(people: string[]) {
  const exposures: Exposure[] = [];
  const asked: string[] = [];
  const closed: string[] = [];
  const gone = new Set<string>();
  const failing = new Map<string, Error>();
  const store: { fault: Error | null } = { fault: null };
  let minutes = 0;
  const joined = (slackId: string) =>
    void exposures.push(openExposure({ id: slackId, requester: { slackId, email: `${slackId}@x.example` } }));
  people.forEach(joined);
  const look = createLeaverLook({
    exposures: {
      live: async () => exposures.filter(({ id }) => !closed.includes(id)),
      advance: async (id, _, decide) => {
        if (store.fault) throw store.fault;
        const verdict = decide(exposures.find((each) => each.id === id)!);
        if (!verdict?.ok) throw new Error("an open exposure can be ended");
        closed.push(id);
        return verdict;
      },
    },
    people: {
      judge: async (slackId) => {
        asked.push(slackId);
        const fault = failing.get(slackId);
        if (fault) throw fault;
        return gone.has(slackId)
          ? { ok: false, because: "deactivated" }
          : { ok: true, person: { slackId, email: `${slackId}@x.example` } };
      },
    },
    now: () => at(minutes),
  });
  /** Answers who was asked about. */
  async function sweepAfter(more: number): Promise<string[]> {
    minutes += more;
    const before = asked.length;
    await look().catch((error: unknown) => void thrown.push(error));
    return asked.slice(before);
  }
  const thrown: unknown[] = [];
  return { sweepAfter, joined, gone, failing, store, closed, thrown, moment: () => minutes };
}

test("of three hundred people each is looked at within ten minutes, and no more than thirty at once", async () => {
  const world = start(names(300));
  world.gone.add("U299");
  const lookedAt = new Map<string, number>();
  for (let run = 0; run < 60; run += 1) {
    const asked = await world.sweepAfter(1);
    expect(asked.length).toBeLessThanOrEqual(30);
    for (const who of asked) {
      expect(world.moment() - (lookedAt.get(who) ?? 0)).toBeLessThanOrEqual(TEN_MINUTES);
      lookedAt.set(who, world.moment());
    }
    if (run === TEN_MINUTES - 1) expect([lookedAt.size, world.closed]).toEqual([300, ["U299"]]);
  }
});

test("a few people are not asked about more often than they have to be", async () => {
  const world = start(names(5));
  const asked: string[] = [];
  for (let run = 0; run < 18; run += 1) asked.push(...(await world.sweepAfter(1)));
  expect(asked).toEqual([...names(5), ...names(5)]);
});

test("whoever was never looked at comes first", async () => {
  const world = start(names(31));
  await world.sweepAfter(1);
  world.joined("U-NEW");
  expect(await world.sweepAfter(9)).toEqual(["U30", "U-NEW", ...names(28)]);
});

test("Slack's limit ends a look, and the next one goes on there", async () => {
  const world = start(names(60));
  world.failing.set("U10", tooMany("users.info", 30_000));
  expect(await world.sweepAfter(1)).toEqual(names(11));
  expect(world.thrown).toMatchObject([{ code: "ratelimited" }]);
  // A job that failed is run again, and that is no new minute.
  expect(await world.sweepAfter(0.5)).toEqual([]);
  expect(await world.sweepAfter(0.5)).toEqual(["U10"]);
  world.failing.clear();
  expect(await world.sweepAfter(1)).toEqual(names(30, 10));
});

test("another fault keeps nobody else from being looked at, and is looked at again a minute later", async () => {
  const world = start(names(3));
  world.failing.set("U0", fromStatus("users.info", 500)).set("U1", fromCode("users.info", "user_not_found"));
  world.gone.add("U0").add("U2");
  expect(await world.sweepAfter(1)).toEqual(names(3));
  expect(world.thrown).toMatchObject([{ status: 500 }]);
  expect(world.closed).toEqual(["U2"]);
  world.failing.delete("U0");
  expect(await world.sweepAfter(1)).toEqual(["U0"]);
  expect(world.closed).toEqual(["U2", "U0"]);
  expect(await world.sweepAfter(8)).toEqual(["U1"]);
});

test("what could not be stored is tried again a minute later", async () => {
  const world = start(names(2));
  world.gone.add("U1");
  world.store.fault = new Error("connect ECONNREFUSED");
  await world.sweepAfter(1);
  expect(world.thrown).toEqual([world.store.fault]);
  world.store.fault = null;
  expect(await world.sweepAfter(1)).toEqual(["U1"]);
  expect(world.closed).toEqual(["U1"]);
});
