// Availability and timelines from changes of state; what nobody saw counts as neither up nor down.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  availabilityOf,
  blindAfter,
  changesSeen,
  type LastLook,
  type StateChange,
  segmentsOf,
} from "../../src/domain/availability.ts";
import type { TunnelHealth, TunnelState } from "../../src/domain/tunnel-health.ts";

const BLIND_AFTER_MS = blindAfter(5_000);
const NOON = new Date("2030-01-05T12:00:00Z");
const after = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);
const secondsOf = (date: Date) => (date.getTime() - NOON.getTime()) / 1000;

function history(changes: [seconds: number, state: TunnelState][], lookedAt: number) {
  return {
    tunnelId: "t",
    changes: changes.map(([at, state]) => ({ at: after(at), state })),
    lookedAt: after(lookedAt),
    blindAfterMs: BLIND_AFTER_MS,
  };
}

function segments(changes: [number, TunnelState][], lookedAt: number, from = 0, until = 1000): string[] {
  return segmentsOf(history(changes, lookedAt), after(from), after(until)).map(
    (each) => `${secondsOf(each.from)}-${secondsOf(each.until)} ${each.state}`,
  );
}

it("knows that looks which are planned far apart are not missed", () => {
  expect(blindAfter(5_000)).toBe(120_000);
  expect(blindAfter(600_000)).toBe(1_800_000);
});

describe("segmentsOf", () => {
  it("knows nothing of a tunnel without a history", () => {
    expect(segments([], 1000)).toEqual(["0-1000 unknown"]);
  });

  it("carries the state of the beginning in, and knows nothing from before the first change", () => {
    expect(segments([[-500, "up"]], 1000)).toEqual(["0-1000 up"]);
    expect(segments([[400, "up"]], 1000)).toEqual(["0-400 unknown", "400-1000 up"]);
  });

  it("follows each change, and makes one segment of neighbours that are alike", () => {
    const changes: [number, TunnelState][] = [
      [-10, "up"],
      [100, "down"],
      [160, "degraded"],
      [200, "up"],
      [300, "up"],
    ];
    expect(segments(changes, 1000)).toEqual(["0-100 up", "100-160 down", "160-200 degraded", "200-1000 up"]);
  });

  it("does not take the last state for today's when nobody has looked since", () => {
    expect(segments([[0, "up"]], 500)).toEqual(["0-500 up", "500-1000 unknown"]);
    expect(segments([[0, "up"]], 1000 - BLIND_AFTER_MS / 1000)).toEqual(["0-1000 up"]);
    expect(segments([[-900, "down"]], -800)).toEqual(["0-1000 unknown"]);
  });
});

describe("availabilityOf", () => {
  const share = (changes: [number, TunnelState][], lookedAt = 1000) =>
    availabilityOf(segmentsOf(history(changes, lookedAt), after(0), after(1000)));

  it.each<[string, [number, TunnelState][], number | null, number]>([
    ["all up", [[0, "up"]], 1, 0],
    ["all down", [[0, "down"]], 0, 0],
    ["nothing known", [], null, 1000],
    ["never seen but unknown", [[0, "unknown"]], null, 1000],
    ["degraded carries requests", [[0, "degraded"]], 1, 0],
  ])("is right when %s", (_, changes, expected, unknownSeconds) => {
    expect(share(changes)).toMatchObject({ share: expected, unknownMs: unknownSeconds * 1000 });
  });

  it("divides by what is known only", () => {
    const half = share([
      [500, "up"],
      [750, "down"],
    ]);
    expect(half).toEqual({ share: 0.5, knownMs: 500_000, unknownMs: 500_000, downMs: 250_000 });
  });
});

describe("changesSeen", () => {
  const look = (state: TunnelState, since: number): TunnelHealth => ({
    tunnelId: "t",
    name: "t",
    state,
    since: after(since),
    connectors: [],
    seenAt: after(since),
  });
  const last = (state: TunnelState, changedAt: number, lookedAt: number): LastLook => ({
    state,
    changedAt: after(changedAt),
    lookedAt: after(lookedAt),
  });
  const seen = (before: LastLook | null, now: TunnelHealth, at: number) =>
    changesSeen(before, now, after(at), BLIND_AFTER_MS).map(
      (change) => `${secondsOf(change.at)} ${change.state}`,
    );

  it("begins with the first look, whatever the tunnel says of its past", () => {
    expect(seen(null, look("up", -3600), 0)).toEqual(["0 up"]);
  });

  it("adds nothing while nothing changes", () => {
    expect(seen(last("up", 0, 60), look("up", 0), 90)).toEqual([]);
  });

  it("takes the moment that the signal told, never before the change before it and never in the future", () => {
    expect(seen(last("up", 0, 60), look("down", 45), 90)).toEqual(["45 down"]);
    expect(seen(last("up", 50, 60), look("down", 45), 90)).toEqual(["50 down"]);
    expect(seen(last("up", 50, 60), look("down", 999), 90)).toEqual(["90 down"]);
  });

  it("tells a gap without looks apart, and does not write unknown twice", () => {
    expect(seen(last("up", 0, 60), look("up", 0), 500)).toEqual(["60 unknown", "500 up"]);
    expect(seen(last("unknown", 0, 60), look("up", 0), 500)).toEqual(["500 up"]);
    expect(seen(last("up", 0, 60), look("unknown", 0), 500)).toEqual(["60 unknown"]);
    expect(seen(last("unknown", 0, 60), look("unknown", 0), 500)).toEqual([]);
  });
});

describe("whatever is seen, and whenever somebody looks", () => {
  const state = fc.constantFrom<TunnelState>("up", "degraded", "down", "unknown");
  const looks = fc.array(fc.record({ state, pause: fc.integer({ min: 1, max: 400 }) }), { maxLength: 30 });

  it("the timeline covers the whole time without a gap, and time that nobody saw is unknown", () => {
    fc.assert(
      fc.property(looks, fc.integer({ min: 0, max: 600 }), (taken, rest) => {
        const { changes, lookedAt, times } = play(taken);
        const until = secondsOf(lookedAt) + rest;
        const parts = segmentsOf(
          { tunnelId: "t", changes, lookedAt, blindAfterMs: BLIND_AFTER_MS },
          after(0),
          after(until),
        );
        expect(sum(parts)).toBe(until * 1000);
        for (const [index, part] of parts.entries()) {
          expect(part.from.getTime()).toBeLessThan(part.until.getTime());
          if (index > 0) expect(part.from).toEqual(parts[index - 1]?.until);
        }
        const blind = times.filter((pause) => pause * 1000 > BLIND_AFTER_MS);
        const unseen =
          blind.reduce((total, pause) => total + pause, 0) + (rest * 1000 > BLIND_AFTER_MS ? rest : 0);
        const { share, unknownMs, knownMs } = availabilityOf(parts);
        expect(unknownMs).toBeGreaterThanOrEqual(unseen * 1000);
        expect(knownMs + unknownMs).toBe(until * 1000);
        if (share !== null) expect(share >= 0 && share <= 1).toBe(true);
      }),
    );
  });
});

/** Looks again and again, as the store does; the first pause is before the first look. */
function play(looks: { state: TunnelState; pause: number }[]) {
  let at = 0;
  let last = null as LastLook | null;
  const changes: StateChange[] = [];
  const times: number[] = [];
  for (const { state, pause } of looks) {
    at += pause;
    times.push(last ? pause : 0);
    const health = { tunnelId: "t", name: "t", state, since: after(at), connectors: [], seenAt: after(at) };
    const seen: StateChange[] = changesSeen(last, health, after(at), BLIND_AFTER_MS);
    changes.push(...seen);
    const changedAt: Date = seen.at(-1)?.at ?? last?.changedAt ?? after(at);
    last = { state, changedAt, lookedAt: after(at) };
  }
  return { changes, lookedAt: after(at), times };
}

function sum(parts: { from: Date; until: Date }[]): number {
  return parts.reduce((total, { from, until }) => total + until.getTime() - from.getTime(), 0);
}
