// A message that is sent late: what it says must still be so, or it is not sent.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueEvent } from "../../src/domain/due.ts";
import { type Exposure, isAsking, isOver, lapseOf } from "../../src/domain/exposure.ts";
import { type MessageKind, messagesFor } from "../../src/domain/notices.ts";
import { isStillTrue } from "../../src/domain/still-true.ts";
import { type Event, transition } from "../../src/domain/transition.ts";
import { steps } from "./any-steps.ts";
import {
  approvedExposure,
  asha,
  at,
  extendingExposure,
  lee,
  NOON,
  openExposure,
  sampleExposure,
} from "./exposure-sample.ts";

const opening = approvedExposure({ phase: "opening" });
const reopening = openExposure({ phase: "opening" });
const closing = openExposure({ phase: "closing" });
const closed = openExposure({ phase: "closed" });
const unopened = approvedExposure({ phase: "closed" });
const stuck = { ...closing, progress: { ...closing.progress, stuck: true } };
const denied = openExposure({ unmetExtension: { how: "denied", asker: asha, by: lee } });

type Case = [kind: MessageKind, where: string, exposure: Exposure, minute: number, isTrue: boolean];

describe("a message that is sent late", () => {
  it.each<Case>([
    ["approved", "approved", approvedExposure(), 20, true],
    ["approved", "opening", opening, 20, true],
    ["approved", "open", openExposure(), 20, true],
    ["approved", "approved, its time over", approvedExposure(), 180, false],
    ["approved", "closing", closing, 20, false],
    ["approved", "closed, never open", unopened, 200, false],
    ["denied", "denied", sampleExposure({ phase: "denied" }), 9000, true],
    ["denied", "denied, and swept", sampleExposure({ phase: "closing" }), 9000, true],
    ["lapsed", "lapsed", sampleExposure({ phase: "lapsed" }), 9000, true],
    ["reminder", "pending", sampleExposure(), 479, true],
    ["reminder", "pending, about to lapse", sampleExposure(), 480, false],
    ["reminder", "approved", approvedExposure(), 20, false],
    ["reminder", "lapsed", sampleExposure({ phase: "lapsed" }), 500, false],
    ["reminder", "withdrawn", sampleExposure({ phase: "withdrawn" }), 20, false],
    ["replanned", "pending", sampleExposure(), 479, true],
    ["replanned", "pending, about to lapse", sampleExposure(), 480, false],
    ["replanned", "approved", approvedExposure(), 20, false],
    ["replanned", "open, and more time is asked for", extendingExposure(), 69, true],
    ["replanned", "open, and that lapses", extendingExposure(), 70, false],
    ["replanned", "open, and answered", openExposure(), 20, false],
    ["replanned", "withdrawn", sampleExposure({ phase: "withdrawn" }), 20, false],
    ["open", "open", openExposure(), 124, true],
    ["open", "open, its time over", openExposure(), 125, false],
    ["open", "opened anew", reopening, 20, false],
    ["open", "closing", closing, 20, false],
    ["open", "closed", closed, 200, false],
    ["could-not-open", "closed", unopened, 9000, true],
    ["repairing", "opened anew", reopening, 20, true],
    ["repairing", "open again", openExposure(), 20, true],
    ["repairing", "closed", closed, 200, false],
    ["extended", "open", openExposure(), 20, true],
    ["extended", "opened anew", reopening, 20, true],
    ["extended", "open, its time over", openExposure(), 125, false],
    ["extended", "closed", closed, 200, false],
    ["extension-asked", "open, and waits", extendingExposure(), 69, true],
    ["extension-asked", "open, and lapses", extendingExposure(), 70, false],
    ["extension-asked", "open, and answered", openExposure(), 20, false],
    ["extension-asked", "closed", closed, 200, false],
    ["extension-denied", "open", denied, 20, true],
    ["extension-denied", "closed", { ...denied, phase: "closed" }, 200, true],
    ["extension-denied", "open for longer since", openExposure(), 20, false],
    ["extension-withdrawn", "open", denied, 20, true],
    ["extension-withdrawn", "open for longer since", openExposure(), 20, false],
    ["service-public", "closed", closed, 200, true],
    ["closed", "closed", closed, 9000, true],
    ["closed", "closed, and swept", closing, 9000, true],
    ["cannot-close", "closing", stuck, 9000, true],
    ["cannot-close", "closed", { ...stuck, phase: "closed" }, 9000, false],
    ["cannot-close", "closed, and swept", closing, 9000, false],
    ["closed-at-last", "closed", closed, 9000, true],
  ])("%s, when it is %s", (kind, _, exposure, minute, isTrue) => {
    const late = { notice: null, calledAt: NOON, now: at(minute) };
    expect(isStillTrue(kind, exposure, late)).toBe(isTrue);
  });

  const open = openExposure({ noticed: ["1h", "10m"] });
  it.each<[string, "1h" | "10m", Exposure, called: number, minute: number, isTrue: boolean]>([
    ["at once", "1h", open, 65, 65, true],
    ["half an hour late", "1h", open, 65, 95, true],
    ["when ten minutes are left", "1h", open, 65, 115, false],
    ["at once, ten minutes before", "10m", open, 115, 115, true],
    ["a minute before the end", "10m", open, 115, 124, true],
    ["at the end", "10m", open, 115, 125, false],
    ["when it is closed", "10m", { ...open, phase: "closed" }, 115, 120, false],
    ["while it is opened anew", "10m", { ...open, phase: "opening" }, 115, 120, false],
    ["when the end was put off", "10m", { ...open, endsAt: at(185), noticed: [] }, 115, 120, false],
    ["when an hour is left of the time added", "1h", { ...open, endsAt: at(185) }, 65, 126, false],
    ["when the new end is as near as the old one was", "1h", { ...open, noticed: [] }, 80, 90, false],
  ])("before the end, %s (%s)", (_, notice, exposure, called, minute, isTrue) => {
    const late = { notice, calledAt: at(called), now: at(minute) };
    expect(isStillTrue("ending", exposure, late)).toBe(isTrue);
  });
});

/** As it comes about: what time calls for comes first, and nobody asks for what has lapsed already. */
function eventAt(exposure: Exposure, event: Event, now: Date, minute: number): Event | null {
  const isStanding = ["approved", "opening", "open"].includes(exposure.phase);
  if (isStanding && isOver(exposure, now)) return { kind: "end", because: "ended", detail: null, at: now };
  if (event.kind === "lapse" || event.kind === "reminded" || event.kind === "noticed")
    return dueEvent(exposure, now, { ...exposure, closedAll: null });
  if (event.kind === "replan" && isAsking(exposure) && lapseOf(exposure) <= now)
    return { kind: "lapse", at: now };
  const lapsing = event.kind === "extend" ? { lapsesAt: at(minute + 30) } : {};
  return { ...event, ...lapsing, at: now } as Event;
}

type Called = { kind: MessageKind; notice: "1h" | "10m" | null; calledAt: Date };

/** Plays a life; `see` is shown each change, and all that was called for so far. */
function live(all: [Event, number][], see: (exposure: Exposure, called: Called[], now: Date) => void): void {
  let exposure = sampleExposure();
  const called: Called[] = [];
  let minute = 0;
  for (const [each, pause] of all) {
    minute += pause;
    const now = at(minute);
    const event = eventAt(exposure, each, now, minute);
    const verdict = event && transition(exposure, event);
    if (!verdict?.ok) continue;
    const after = { ...verdict.value, version: exposure.version + 1 };
    const fresh = messagesFor(exposure, after).map((message) => ({ ...message, calledAt: now }));
    for (const { kind, ...message } of fresh)
      expect([kind, isStillTrue(kind, after, { ...message, now })]).toEqual([kind, true]);
    called.push(...fresh);
    see(after, called, now);
    exposure = after;
  }
}

const OF_A_LIFE: MessageKind[] = [
  ...(["approved", "reminder", "replanned", "open", "repairing", "ending", "extended"] as const),
  "extension-asked",
];
const OF_AN_END: MessageKind[] = ["denied", "lapsed", "could-not-open", "closed"];

it("is true when it is called for; once all is over nothing of the life is, and what tells of the end stays so", () => {
  fc.assert(
    fc.property(steps, (all) => {
      live(all, (exposure, called, now) => {
        if (["pending", "approved", "opening", "open"].includes(exposure.phase)) return;
        for (const { kind, ...late } of called) {
          const isTrue = isStillTrue(kind, exposure, { ...late, now });
          if (OF_A_LIFE.includes(kind)) expect([kind, isTrue]).toEqual([kind, false]);
          if (OF_AN_END.includes(kind)) expect([kind, isTrue]).toEqual([kind, true]);
        }
      });
    }),
    { numRuns: 2000 },
  );
});
