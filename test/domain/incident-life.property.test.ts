// Whatever is seen, in whatever order, with restarts anywhere: one open incident of a kind on a tunnel, an end for each,
// no flood, and nothing told twice or lost.
import fc from "fast-check";
import { expect, it } from "vitest";
import { CAUSES, SEVERITIES } from "../../src/domain/diagnosis/facts.ts";
import { standingMembers } from "../../src/domain/incident.ts";
import { mute } from "../../src/domain/incident-acts.ts";
import { diagnosis, type Sight, watchedTunnels } from "./watched-tunnels.ts";

const RUNS = { numRuns: 150 };
const TUNNELS = ["one", "two", "three"];
const AFFECTED = [
  { exposureId: "x1", hostname: "billing.example", requesterId: "U0ASHA" },
  { exposureId: "x2", hostname: "payroll.example", requesterId: "U0TOM" },
];
const UP: Sight = { state: "up", connectors: { a: 4 } };

const diagnosed = fc
  .record({
    cause: fc.constantFrom(...CAUSES),
    severity: fc.constantFrom(...SEVERITIES),
    confidence: fc.constantFrom(0.6, 0.9),
    seen: fc.constantFrom(1, 3),
  })
  .map((change) => diagnosis(change));

const sight: fc.Arbitrary<Sight> = fc.record({
  state: fc.constantFrom(
    "up" as const,
    "up" as const,
    "degraded" as const,
    "down" as const,
    "unknown" as const,
  ),
  diagnoses: fc.array(diagnosed, { maxLength: 2 }),
  connectors: fc.record({ a: fc.integer({ min: 0, max: 4 }) }),
});

/** For so many seconds the tunnels are like this; then, perhaps, the bot restarts or somebody mutes. */
const chapter = fc.record({
  seconds: fc.constantFrom(5, 20, 65, 130, 320, 700),
  sights: fc.tuple(sight, sight, sight),
  after: fc.constantFrom("nothing" as const, "nothing" as const, "restart" as const, "mute" as const),
});
type Chapter = typeof chapter extends fc.Arbitrary<infer T> ? T : never;

function play(watch: ReturnType<typeof watchedTunnels>, chapters: Chapter[], restarts = true): void {
  for (const { seconds, sights, after } of chapters) {
    watch.sees(seconds, Object.fromEntries(TUNNELS.map((name, index) => [name, sights[index]!])));
    expectOneOfAKind(watch);
    if (after === "restart" && restarts) watch.restarts();
    if (after === "mute")
      watch.acts((incident) => {
        const verdict = mute(incident, "U0LEE", watch.now());
        return verdict.ok ? verdict.value : incident;
      });
  }
}

function expectOneOfAKind(watch: ReturnType<typeof watchedTunnels>): void {
  const places = watch
    .open()
    .flatMap((incident) => standingMembers(incident).map(({ tunnelId }) => `${tunnelId} ${incident.slot}`));
  expect(new Set(places).size).toBe(places.length);
}

it("a tunnel never has two open incidents of a kind", () => {
  fc.assert(
    fc.property(fc.array(chapter, { maxLength: 12 }), (chapters) => {
      play(watchedTunnels({ affected: AFFECTED }), chapters);
    }),
    RUNS,
  );
});

it("each incident ends once everything is good again, and everybody who was told so hears it", () => {
  fc.assert(
    fc.property(fc.array(chapter, { maxLength: 8 }), (chapters) => {
      const watch = watchedTunnels({ affected: AFFECTED });
      play(watch, chapters);
      watch.sees(1200, Object.fromEntries(TUNNELS.map((name) => [name, UP])), 30);
      expect(watch.open()).toEqual([]);
      const told = (kind: string) => watch.told.filter((each) => each.kind === kind).length;
      expect(told("reachable")).toBe(told("unreachable"));
      expect(told("recovered")).toBe(watch.incidents().length + told("again"));
    }),
    RUNS,
  );
});

it("a restart at any point changes nothing of what is told", () => {
  fc.assert(
    fc.property(fc.array(chapter, { maxLength: 8 }), (chapters) => {
      const [restarted, steady] = [true, false].map((restarts) => {
        const watch = watchedTunnels({ affected: AFFECTED });
        play(watch, chapters, restarts);
        return watch;
      });
      expect(restarted?.told).toEqual(steady?.told);
      expect(restarted?.incidents()).toEqual(steady?.incidents());
    }),
    RUNS,
  );
});

it("however it flaps, the channel hears of a tunnel's edge a bounded number of times in an hour", () => {
  const blink = fc.record({ up: fc.integer({ min: 5, max: 240 }), down: fc.integer({ min: 5, max: 400 }) });
  fc.assert(
    fc.property(fc.array(blink, { minLength: 20, maxLength: 60 }), (blinks) => {
      const watch = watchedTunnels({ affected: AFFECTED });
      const begin = watch.now().getTime();
      for (const { up, down } of blinks) {
        watch.sees(up, { one: UP });
        watch.sees(down, { one: { state: "down", connectors: { a: 0 } } });
      }
      const hours = Math.ceil((watch.now().getTime() - begin) / 3_600_000);
      expect(watch.shouts()).toBeLessThanOrEqual(10 * hours);
      expect(watch.told.length).toBeLessThanOrEqual(30 * hours);
    }),
    { numRuns: 40 },
  );
});
