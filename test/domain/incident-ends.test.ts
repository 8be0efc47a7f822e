// When an incident is over, and when it only seems so.
import { expect, it } from "vitest";
import { type Sight, watchedTunnels } from "./watched-tunnels.ts";

const UP: Sight = { state: "up" };
const DOWN: Sight = { state: "down" };

function kinds(watch: ReturnType<typeof watchedTunnels>): string[] {
  return watch.told.map(({ kind, broadcast }) => (broadcast ? `${kind}!` : kind));
}

it("a minute of being good again ends it, and a relapse in that minute does not", () => {
  const watch = watchedTunnels();
  watch.sees(65, { one: DOWN });
  watch.sees(55, { one: UP });
  watch.sees(5, { one: DOWN });
  watch.sees(60, { one: UP });
  expect(watch.open()).toHaveLength(1);
  watch.see({ one: UP });
  expect(watch.incidents()).toMatchObject([{ phase: "ended", rounds: 1 }]);
  expect(kinds(watch)).toEqual(["recovered!"]);
});

it("a relapse soon after its end is the same incident, which then has to be calm for longer", () => {
  const watch = watchedTunnels();
  watch.sees(65, { one: DOWN });
  watch.sees(65, { one: UP });
  watch.sees(65, { one: DOWN });
  expect(watch.open()).toMatchObject([{ rounds: 2 }]);
  watch.sees(600, { one: UP });
  expect(watch.open()).toHaveLength(1);
  watch.sees(305, { one: UP });
  expect(watch.incidents()).toMatchObject([{ phase: "ended", rounds: 2 }]);
  expect(kinds(watch)).toEqual(["recovered!", "again!", "recovered!"]);
});

it("flapping that came after an outage is over a quarter of an hour after the last lost connection", () => {
  const watch = watchedTunnels();
  const sees = (seconds: number, state: Sight["state"], a: number) =>
    watch.sees(seconds, { one: { state, connectors: { a } } });
  sees(700, "down", 1);
  sees(5, "degraded", 0);
  sees(130, "up", 2);
  sees(5, "down", 1);
  sees(5, "degraded", 0);
  expect(watch.open()).toMatchObject([{ rounds: 2, cause: "h2-flap" }]);
  sees(900, "up", 4);
  expect(watch.open()).toHaveLength(1);
  sees(5, "up", 4);
  expect(watch.incidents()).toMatchObject([{ phase: "ended", rounds: 2 }]);
  expect(kinds(watch).filter((kind) => kind === "recovered!")).toHaveLength(2);
});

it("flapping is not over a moment after a lost connection, when those before it are old", () => {
  const watch = watchedTunnels();
  const blinks = (up: number) => {
    watch.sees(up, { one: { state: "up", connectors: { a: 4 } } });
    watch.see({ one: { state: "degraded", connectors: { a: 3 } } });
    watch.passes(5);
  };
  for (const up of [5, 290, 290]) blinks(up);
  expect(watch.open()).toMatchObject([{ cause: "h2-flap" }]);
  watch.sees(20, { one: { state: "up", connectors: { a: 4 } } });
  expect(watch.open()).toHaveLength(1);
  watch.sees(600, { one: { state: "up", connectors: { a: 4 } } });
  expect(watch.incidents()).toMatchObject([{ phase: "ended", rounds: 1 }]);
});

it("a tunnel that the policy names no more has no incident any more", () => {
  const watch = watchedTunnels();
  watch.sees(65, { one: DOWN, two: UP });
  watch.see({ two: UP });
  expect(watch.open()).toEqual([]);
});

it("after a long silence of the bot, times begin anew", () => {
  const watch = watchedTunnels();
  watch.sees(30, { one: DOWN });
  watch.passes(3600);
  watch.see({ one: DOWN });
  expect(watch.open()).toEqual([]);
  watch.sees(65, { one: DOWN });
  expect(watch.open()).toHaveLength(1);
});
