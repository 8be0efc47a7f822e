// Every call of every stage of an exposure's life fails once in every way. The calls are those that an undisturbed life was
// seen to make, so that a new one cannot be forgotten. docs/reliability.md tells what each way comes to.
import { beforeAll, expect, test } from "vitest";
import type { FaultRule } from "../../sandbox/contract.ts";
import { createAnnouncements } from "../../src/store/announcements.ts";
import { openAsItIs } from "../../src/store/database.ts";
import { ALL_STANDING, isClosed, isOpen, NOTHING_STANDING, standing } from "../exposing.ts";
import { createLanes, type Lane } from "../lanes.ts";
import { callOf, type Life, live, STAGES, type Stage } from "./life.ts";

type Way = Pick<FaultRule, "effect" | "when">;

/** By HTTP; Google's codes and Slack's refusals are put in their place below. */
const WAYS: Record<string, Way> = {
  "429 with Retry-After": { effect: { kind: "status", status: 429, retryAfterSeconds: 1 } },
  "500": { effect: { kind: "status", status: 500 } },
  "503": { effect: { kind: "status", status: 503 } },
  "connection refused": { effect: { kind: "refuse", ms: 300 } },
  "dropped without a byte": { effect: { kind: "drop" } },
  "reset in mid-body": { effect: { kind: "reset-body" } },
  "done, and the answer lost": { effect: { kind: "drop" }, when: "after" },
  "done, and the answer cut off": { effect: { kind: "reset-body" }, when: "after" },
  "no answer ever": { effect: { kind: "hang" } },
  "done, and no answer ever": { effect: { kind: "hang" }, when: "after" },
  malformed: { effect: { kind: "malformed" } },
  "an empty list by mistake": { effect: { kind: "empty-list" } },
  "permission taken away": { effect: { kind: "status", status: 403 } },
};

const GOOGLE_CODES: Record<number, number> = { 429: 8, 500: 13, 503: 14, 403: 7 };

/** Bounds what all stages of one exposure may cost, faults and all; an undisturbed life is some 200 calls. */
const MOST_CALLS = 450;

type Calls = Record<Stage, string[]>;
let seen: Calls;

beforeAll(async () => {
  const life = await begin(1, "plain");
  const store = await openAsItIs({ url: life.world.databaseUrl ?? "", dataDir: "" });
  // What is said late of a stage belongs to it, and not to the next.
  const { behind } = createAnnouncements(store.db);
  const isSaid = async () => (await behind()).length === 0;
  const untilSaid = async () => void (await life.world.until("all is said", isSaid, 60));
  await run(life, () => {}, untilSaid);
  const second: Life = { ...life, hosts: life.lanes.map(({ zone }) => `plain-2.${zone}`) };
  const calls = {} as Calls;
  const { journal } = life.world.sandbox.shared;
  await run(
    second,
    () => journal.clear(),
    async (stage) => {
      await untilSaid();
      calls[stage] = [...new Set(journal.entries().filter(isOurs).map(callOf))].sort();
    },
  );
  seen = calls;
  await store.close();
  process.stderr.write(`calls: ${STAGES.map((stage) => `${stage} ${calls[stage].length}`).join(", ")}\n`);
  await life.world.close();
});

/** The sockets have stories of their own; log-ins and names are only shown, and cost nothing when they are missing; the team's
 *  name is asked for once in a while, whatever else goes on. */
function isOurs({ path }: { path: string }): boolean {
  return !/apps\.connections\.open|access_requests|auth\.test|access\/organizations/.test(path);
}

async function begin(count: number, name: string): Promise<Life> {
  const made = await createLanes(count);
  return { ...made, hosts: made.lanes.map(({ zone }) => `${name}.${zone}`), asking: count };
}

async function run(
  life: Life,
  before: (stage: Stage) => void,
  after: (stage: Stage) => void | Promise<void>,
): Promise<void> {
  for (const stage of STAGES) {
    before(stage);
    await live(life, stage);
    await after(stage);
  }
}

function ruleFor(call: string, way: Way, { tunnelId, zoneId, service }: Lane, host: string): FaultRule {
  if (call === "edge visit") return { vendor: "edge", path: `^${host}/`, ...way };
  const [vendor = "", method = "", path = ""] = call.split(" ");
  if (vendor === "google")
    return { vendor, method, ...inGoogle(way), ...(/^List/.test(method) ? {} : { path: `${service}$` }) };
  if (vendor === "slack") return { vendor, method, path: `${path}$`, ...inSlack(way) };
  const own = path
    .replace("/cfd_tunnel/{id}", `/cfd_tunnel/${tunnelId}`)
    .replace("/zones/{id}", `/zones/${zoneId}`);
  return { vendor: "cloudflare", method, path: `${own.replaceAll("{id}", "[0-9a-f-]+")}$`, ...way };
}

function inGoogle(way: Way): Way {
  if (way.effect.kind !== "status") return way;
  return { ...way, effect: { ...way.effect, status: GOOGLE_CODES[way.effect.status] ?? way.effect.status } };
}

function inSlack(way: Way): Way {
  if (way.effect.kind !== "status" || way.effect.status !== 403) return way;
  return {
    effect: {
      kind: "status",
      status: 200,
      body: { ok: false, error: "missing_scope", needed: "chat:write" },
    },
  };
}

/** Permission taken away ends an opening; an answer that none of Access, catch-all and an edge in trouble gives may have
 *  been the service's where a route was in. Everything else passes. */
function mayEnd(stage: Stage, call: string, way: string): boolean {
  if (stage !== "open" && stage !== "repair") return false;
  if (way === "permission taken away") return !call.startsWith("slack");
  return (
    stage === "repair" && call === "edge visit" && ["malformed", "an empty list by mistake"].includes(way)
  );
}

/** Each share of a way's calls has a world of its own: Slack takes a message a second in one channel, and a door that is
 *  shut is shut to all lanes. */
const SHARES = 3;
const CASES = Object.entries(WAYS).flatMap(([name, way]) =>
  Array.from({ length: SHARES }, (_, share) => ({ name, way, share })),
);

test.concurrent.each(CASES)(
  "$name, at every call of every stage: share $share",
  async ({ name, way, share }) => {
    const calls = Object.fromEntries(
      STAGES.map((stage) => [stage, seen[stage].filter((_, index) => index % SHARES === share)]),
    ) as Calls;
    const most = Math.max(...STAGES.map((stage) => calls[stage].length));
    const life = { ...(await begin(most, "spoilt")), asking: calls.extend.length };
    try {
      await spoil(life, calls, name, way);
    } finally {
      await life.world.close();
    }
  },
);

async function spoil(life: Life, spoilt: Calls, name: string, way: Way): Promise<void> {
  const { sandbox } = life.world;
  const { faults, journal } = sandbox.shared;
  const mayBeOver = new Set<string>();
  let calls = 0;
  await run(
    life,
    (stage) => {
      journal.clear();
      for (const [index, call] of spoilt[stage].entries()) {
        const host = life.hosts[index]!;
        faults.add(ruleFor(call, way, life.lanes[index]!, host));
        // Of what all lanes share, any of them may meet the fault.
        const shared = !/edge visit|\/cfd_tunnel\/|\/zones\/|google Get/.test(call);
        if (mayEnd(stage, call, name)) for (const each of shared ? life.hosts : [host]) mayBeOver.add(each);
      }
    },
    (stage) => {
      calls += journal.entries().filter(({ vendor }) => vendor === "cloudflare" || vendor === "edge").length;
      expectMet(life, stage);
      if (stage === "close" || stage === "ask") return;
      for (const host of life.hosts.filter((each) => !mayBeOver.has(each)))
        expect([
          `${stage}: ${spoilt[stage][life.hosts.indexOf(host)]}`,
          isOpen(life.world, host) || life.world.cardText(host),
          standing(life.world, host),
        ]).toEqual([expect.any(String), true, ALL_STANDING]);
    },
  );
  expect(life.hosts.map((host) => standing(life.world, host))).toEqual(
    life.hosts.map(() => NOTHING_STANDING),
  );
  expect(life.hosts.map((host) => sandbox.cloudflare.firstHole(host))).toEqual(life.hosts.map(() => null));
  expect(calls).toBeLessThan(MOST_CALLS * life.hosts.length);
}

/** Only what is over already may leave its fault unmet. */
function expectMet({ world, hosts }: Life, stage: Stage): void {
  const { faults } = world.sandbox.shared;
  const unmet = faults.list().filter(({ hits }) => hits === 0);
  const expected = hosts.some((host) => isClosed(world, host)) ? unmet : [];
  expect([stage, unmet]).toEqual([stage, expected]);
  faults.clear();
}
