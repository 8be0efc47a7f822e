// What time alone calls for, at which moment, and once.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueEvent, isOverdue, reasonAtEnd, type Today } from "../../src/domain/due.ts";
import type { Exposure } from "../../src/domain/exposure.ts";
import { transition } from "../../src/domain/transition.ts";
import { approvedExposure, at, extendingExposure, openExposure, sampleExposure } from "./exposure-sample.ts";

function todayOf({ digest, approvalsNeeded }: Exposure): Today {
  return { digest, approvalsNeeded, closedAll: null };
}

function due(exposure: Exposure, now: number, digest = exposure.digest): string | null {
  const event = dueEvent(exposure, at(now), { ...todayOf(exposure), digest });
  return event && ("notice" in event ? `${event.kind} ${event.notice}` : event.kind);
}

/** Looks once a minute and tells what was said when. */
function told(exposure: Exposure, minutes: number[]): string[] {
  let current = exposure;
  return minutes.flatMap((minute) => {
    const event = dueEvent(current, at(minute), todayOf(current));
    const verdict = event && transition(current, event);
    if (!event || !verdict?.ok) return [];
    current = verdict.value;
    return [`${minute}: ${"notice" in event ? event.notice : event.kind}`];
  });
}

const EVERY_MINUTE = Array.from({ length: 600 }, (_, minute) => minute);

describe("a request that waits", () => {
  it.each([
    [239, null],
    [240, "reminded"],
    [479, "reminded"],
    [480, "lapse"],
    [9999, "lapse"],
  ])("at minute %i: %s", (now, expected) => {
    expect(due(sampleExposure(), now)).toBe(expected);
  });

  it("is reminded of once, and lapses once", () => {
    expect(told(sampleExposure(), EVERY_MINUTE)).toEqual(["240: reminded", "480: lapse"]);
  });

  it("starts over when the plan is another by the policy of today", () => {
    expect(due(sampleExposure(), 10, "another")).toBe("replan");
    expect(due(sampleExposure(), 480, "another")).toBe("lapse");
    expect(due(extendingExposure(), 20, "another")).toBe("replan");
    expect(due(openExposure(), 20, "another")).toBeNull();
    expect(due(approvedExposure(), 20, "another")).toBeNull();
  });

  it("starts over when the policy of today wants another number of approvals", () => {
    expect(dueEvent(sampleExposure(), at(10), { ...todayOf(sampleExposure()), approvalsNeeded: 2 })).toEqual({
      kind: "replan",
      approvalsNeeded: 2,
    });
  });
});

describe("a wish for more time", () => {
  it("lapses by its own time", () => {
    expect(due(extendingExposure(), 69)).toBe("noticed 1h");
    expect(due(extendingExposure(), 70)).toBe("lapse");
  });

  it("goes with the exposure that is past its end: one message tells of both", () => {
    expect(due(extendingExposure({ noticed: ["1h", "10m"] }), 124)).toBe("lapse");
    expect(due(extendingExposure(), 125)).toBeNull();
    expect(due(extendingExposure(), 125, "another")).toBeNull();
  });
});

describe("notices before the end", () => {
  it("come an hour and ten minutes before", () => {
    expect(told(openExposure(), EVERY_MINUTE)).toEqual(["65: 1h", "115: 10m"]);
  });

  it("are left out where they say nothing new", () => {
    expect(told(openExposure({ endsAt: at(65) }), EVERY_MINUTE)).toEqual(["55: 10m"]);
    expect(told(openExposure({ endsAt: at(15) }), EVERY_MINUTE)).toEqual([]);
  });

  it("never claim more time than is left: who was away for long hears the nearer one only", () => {
    expect(told(openExposure(), [0, 117, 118, 119, 120])).toEqual(["117: 10m"]);
    expect(told(openExposure(), [0, 90, 91, 120])).toEqual(["90: 1h", "120: 10m"]);
  });

  it("come anew after an extension", () => {
    const longer = openExposure({ noticed: ["1h", "10m"] });
    const event = {
      kind: "extend",
      by: longer.requester,
      minutes: 120,
      free: true,
      approvalsNeeded: 1,
      reason: "more",
      right: null,
    } as const;
    const verdict = transition(longer, { ...event, lapsesAt: at(500), at: at(120) });
    if (!verdict.ok) throw new Error(verdict.because);
    expect(told(verdict.value, EVERY_MINUTE.slice(120))).toEqual(["185: 1h", "235: 10m"]);
  });

  it("are for what is open and not over", () => {
    expect(due(openExposure({ phase: "opening" }), 100)).toBeNull();
    expect(due(openExposure({ phase: "closing" }), 100)).toBeNull();
    expect(due(openExposure(), 125)).toBeNull();
  });
});

it("is always something that can be done: nothing is called for that is then refused", () => {
  const exposure = fc
    .record({
      base: fc.constantFrom(sampleExposure(), approvedExposure(), openExposure(), extendingExposure()),
      phase: fc.option(fc.constantFrom<Exposure["phase"][]>("opening", "closing", "closed", "denied"), {
        freq: 2,
      }),
      noticed: fc.subarray<Exposure["noticed"][number]>(["1h", "10m"]),
    })
    .map(({ base, phase, noticed }) => ({ ...base, noticed, phase: phase ?? base.phase }));
  fc.assert(
    fc.property(
      exposure,
      fc.integer({ min: 0, max: 600 }),
      fc.constantFrom("digest", "another"),
      fc.constantFrom(null, at(0), at(300)),
      (each, now, digest, closedAll) => {
        // A repair keeps the wish for more time; every other phase has let go of it.
        const kept = each.phase === "open" || each.phase === "opening";
        const real = kept ? each : { ...each, extension: null };
        const event = dueEvent(real, at(now), { digest, approvalsNeeded: 1, closedAll });
        if (event) expect(transition(real, event).ok).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

describe("once everything was closed", () => {
  const end = (exposure: Exposure, closedAll: number) =>
    dueEvent(exposure, at(10), { ...todayOf(exposure), closedAll: at(closedAll) });

  it("what was approved by then ends", () => {
    const frozen = { kind: "end", because: "frozen", detail: null, at: at(10) };
    for (const each of [
      approvedExposure(),
      openExposure({ phase: "opening" }),
      openExposure(),
      extendingExposure(),
    ])
      expect(end(each, 5)).toEqual(frozen);
    // At the very same moment too.
    expect(end(approvedExposure({ decidedAt: at(5) }), 5)).toEqual(frozen);
    // Read back from Cloudflare: nobody knows who approved it.
    expect(end(openExposure({ decidedAt: null }), 5)).toEqual(frozen);
  });

  it("what still waited, is closing already, or was approved later does not", () => {
    expect(end(sampleExposure(), 5)).toBeNull();
    expect(end(openExposure({ phase: "closing" }), 5)).toBeNull();
    expect(end(approvedExposure({ decidedAt: at(6) }), 5)).toBeNull();
  });
});

describe("why it ends when its time is over", () => {
  it("is that openings were frozen, for what was never begun", () => {
    expect(reasonAtEnd(approvedExposure(), true)).toBe("openings-frozen");
    expect(reasonAtEnd(approvedExposure({ phase: "opening" }), true)).toBe("openings-frozen");
    expect(reasonAtEnd(approvedExposure(), false)).toBe("ended");
    expect(reasonAtEnd(openExposure(), true)).toBe("ended");
    expect(reasonAtEnd(openExposure({ phase: "opening" }), true)).toBe("ended");
  });
});

describe("a closing", () => {
  const closing = { because: "ended" as const, by: null, detail: null, at: at(125) };
  const trying = (change: object = {}) => {
    const exposure = openExposure({ phase: "closing", closing });
    return {
      ...exposure,
      progress: { ...exposure.progress, waiting: "Cloudflare does not answer.", ...change },
    };
  };

  it.each([
    [trying(), 129, null],
    [trying(), 130, "stuck"],
    [trying({ stuck: true }), 200, null],
    [trying({ waiting: null }), 200, null],
  ])("that does not get done is told once it has tried for a while (%#)", (exposure, now, expected) => {
    expect(due(exposure, now)).toBe(expected);
  });

  it("that begins anew is told anew, counted from its own beginning", () => {
    const ended = { ...trying({ stuck: true }), phase: "closed" as const };
    const again = transition(ended, { kind: "leftover", at: at(300) });
    const exposure = again.ok ? again.value : ended;
    const waiting = { ...exposure, progress: { ...exposure.progress, waiting: "Still there." } };
    expect([due(waiting, 304), due(waiting, 305)]).toEqual([null, "stuck"]);
  });
});

describe("overdue, so that somebody else than the bot has to close it", () => {
  const endsAt = at(100);
  const closing = { because: "requester" as const, by: "U1", detail: null, at: at(40) };
  it("is what was to end with everything", () => {
    const isIt = (change: object, now: number) =>
      isOverdue({ ...openExposure(), endsAt, ...change } as Exposure, at(now), 5, at(20));
    expect(isIt({}, 24)).toBe(false);
    expect(isIt({}, 25)).toBe(true);
    expect(isIt({ decidedAt: at(21) }, 25)).toBe(false);
    expect(isIt({ phase: "closed" }, 25)).toBe(false);
  });

  it.each([
    ["open, its end not come", { phase: "open" }, 99, false],
    ["open, within the grace", { phase: "open" }, 104, false],
    ["open", { phase: "open" }, 105, true],
    ["opening", { phase: "opening" }, 105, true],
    ["approved", { phase: "approved" }, 105, true],
    ["told to close and left alone", { phase: "closing", closing }, 45, true],
    ["told to close just now", { phase: "closing", closing }, 44, false],
    [
      "told to close just now, long past its end",
      { phase: "closing", closing: { ...closing, at: at(300) } },
      301,
      true,
    ],
    ["closed", { phase: "closed" }, 999, false],
    ["never opened", { phase: "lapsed" }, 999, false],
  ] as const)("%s", (_, change, now, expected) => {
    expect(isOverdue({ ...openExposure(), endsAt, ...change } as Exposure, at(now), 5, null)).toBe(expected);
  });
});
