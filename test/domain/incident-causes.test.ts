// Which cause an incident names when it is not the only one in its life.
import { expect, it } from "vitest";
import type { Cause } from "../../src/domain/diagnosis/facts.ts";
import { diagnosis, type Sight, watchedTunnels } from "./watched-tunnels.ts";

const UP: Sight = { state: "up", connectors: { a: 4, b: 4 } };
const DOWN: Sight = { state: "down", connectors: { a: 0 } };

it("what comes back with another cause says so at once, and not what it was the last time", () => {
  const watch = watchedTunnels();
  watch.sees(70, down("quic-blocked"));
  watch.sees(70, { one: UP });
  expect(watch.open()).toEqual([]);
  watch.sees(70, down("tcp-7844-blocked"));
  expect(watch.open()).toMatchObject([{ rounds: 2, cause: "tcp-7844-blocked" }]);
  // It has to be calm for long now, and breaks for a third reason before that.
  watch.sees(70, { one: UP });
  watch.sees(70, { one: DOWN });
  expect(watch.open()).toMatchObject([{ rounds: 2, cause: "outage" }]);
  watch.sees(5, down("token-rejected"));
  expect(watch.open()).toMatchObject([{ rounds: 2, cause: "token-rejected", causes: 3 }]);
  expect(kinds(watch).filter((kind) => kind === "cause")).toHaveLength(2);
});

it("two reasons that take turns with no calm between them are told as the root of them, once", () => {
  const watch = watchedTunnels();
  for (let turn = 0; turn < 15; turn++) {
    watch.sees(60, down("quic-blocked"));
    watch.sees(5, { one: UP });
    watch.sees(60, down("tcp-7844-blocked"));
  }
  expect(watch.open()).toMatchObject([{ rounds: 1, cause: "tcp-7844-blocked" }]);
  expect(kinds(watch)).toEqual(["cause"]);
});

it("the root of what was named is told as soon as it is seen, and what it explains is not", () => {
  const watch = watchedTunnels();
  watch.sees(70, down("quic-blocked"));
  watch.sees(5, down("liveness-loop"));
  expect(watch.open()).toMatchObject([{ cause: "liveness-loop" }]);
  watch.sees(300, down("quic-blocked"));
  expect(watch.open()).toMatchObject([{ cause: "liveness-loop" }]);
  watch.sees(400, down("quic-blocked"));
  expect(watch.open()).toMatchObject([{ cause: "quic-blocked" }]);
  expect(kinds(watch)).toEqual(["cause", "cause"]);
});

it("too few addresses of the edge are why it is degraded, in one incident, but not why it is down", () => {
  const few = diagnosis({ cause: "few-addresses", severity: "medium" });
  const degraded: Sight = { state: "degraded", connectors: { a: 2 }, diagnoses: [few] };
  const watch = watchedTunnels();
  watch.sees(100, { one: { ...UP, diagnoses: [few] } });
  watch.sees(400, { one: degraded });
  expect(watch.open()).toMatchObject([{ slot: "edge", cause: "few-addresses", severity: "medium" }]);
  const down = watchedTunnels();
  down.sees(70, { one: { ...DOWN, diagnoses: [few] } });
  expect(down.open()).toMatchObject([{ slot: "edge", cause: "outage" }]);
  watch.sees(70, { one: { ...DOWN, diagnoses: [few] } });
  expect(watch.open()).toMatchObject([{ cause: "outage", severity: "critical", wasDown: true }]);
  const two = watchedTunnels();
  two.sees(305, { one: degraded, two: UP });
  two.sees(300, { one: degraded, two: DOWN });
  expect(two.open()).toMatchObject([{ cause: "outage", causes: 1 }]);
  expect(kinds(two)).not.toContain("cause");
});

it("that IPv4 fails as well is told in place of the want of IPv6 as soon as it is seen", () => {
  const watch = watchedTunnels();
  watch.sees(70, down("edge-ipv6"));
  watch.sees(5, down("tcp-7844-blocked"));
  expect(watch.open()).toMatchObject([{ cause: "tcp-7844-blocked" }]);
  expect(kinds(watch)).toEqual(["cause"]);
});

it("what one tunnel of several still has stays named", () => {
  const watch = watchedTunnels();
  watch.sees(70, { ...down("token-rejected"), two: down("token-rejected").one! });
  watch.sees(1500, { ...down("token-rejected"), two: down("quic-blocked").one! });
  expect(watch.open()).toMatchObject([{ cause: "token-rejected", causes: 1 }]);
});

it("a pool that is set to run nothing is named where nothing else says why, and a new revision is no advice then", () => {
  const watch = watchedTunnels();
  watch.sees(65, { one: DOWN });
  watch.see({ one: { ...DOWN, poolOff: true } });
  expect(watch.open()[0]?.evidence[0]).toBe("Cloud Run: the worker pool runs 0 instances.");
  expect(watch.open()[0]?.remedy).toMatch(
    /^The worker pool is set to run no instance, .*count .* to 2\. If it is meant to be off, mute this\. .*outage\.md$/,
  );
  const clear = watchedTunnels();
  clear.sees(65, { one: { ...DOWN, poolOff: true, diagnoses: [diagnosis()] } });
  expect(clear.open()).toMatchObject([{ evidence: diagnosis().evidence, remedy: diagnosis().remedy }]);
  const well = watchedTunnels();
  well.sees(3600, { one: { ...UP, poolOff: true } }, 30);
  expect(well.incidents()).toEqual([]);
});

function down(cause: Cause): Record<string, Sight> {
  return { one: { ...DOWN, diagnoses: [diagnosis({ cause })] } };
}

function kinds({ told }: ReturnType<typeof watchedTunnels>): string[] {
  return told.map(({ kind }) => kind);
}
