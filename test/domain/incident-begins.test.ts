// When what is seen only now and then is an incident, and when not yet.
import { expect, it } from "vitest";
import { diagnosis, type Sight, watchedTunnels } from "./watched-tunnels.ts";

const UP: Sight = { state: "up" };
const DEGRADED: Sight = { state: "degraded" };

it("QUIC that one connector lost is told once it is missing for long, but at once where it was counted", () => {
  const lost = diagnosis({ cause: "quic-flap", severity: "high" });
  const watch = watchedTunnels();
  watch.sees(300, { one: { ...DEGRADED, diagnoses: [lost] } });
  expect(watch.open()).toEqual([]);
  watch.see({ one: { ...DEGRADED, diagnoses: [lost] } });
  expect(watch.open()).toMatchObject([{ cause: "quic-flap", wasDown: false }]);
  const often = watchedTunnels();
  often.see({ one: { ...UP, diagnoses: [{ ...lost, counted: true }] } });
  expect(often.open()).toMatchObject([{ cause: "quic-flap", wasDown: false }]);
});

it("a page with all that it loads, while connections were reset for a moment, raises nothing", () => {
  const watch = watchedTunnels();
  const since = watch.now();
  const reset = diagnosis({ cause: "origin-unreachable", severity: "high", seen: 12, since });
  watch.sees(900, { one: { ...UP, diagnoses: [{ ...reset, lastSeen: after(since, 59) }] } });
  expect(watch.incidents()).toEqual([]);
  watch.see({ one: { ...UP, diagnoses: [{ ...reset, lastSeen: after(since, 60) }] } });
  expect(watch.open()).toMatchObject([{ cause: "origin-unreachable", severity: "high" }]);
});

it("a service that fails so often that only its newest lines are known is told in time all the same", () => {
  const watch = watchedTunnels();
  const seen = (seconds: number) => {
    const [since, lastSeen] = [after(watch.now(), -10), watch.now()];
    const flood = diagnosis({ cause: "origin-refused", severity: "high", seen: 900, since, lastSeen });
    watch.sees(seconds, { one: { ...UP, diagnoses: [flood] } });
  };
  for (let left = 60; left > 0; left -= 5) seen(5);
  expect(watch.open()).toEqual([]);
  seen(5);
  expect(watch.open()).toMatchObject([{ cause: "origin-refused" }]);
});

function after(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
