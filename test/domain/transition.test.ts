// The life of an exposure, event by event: what each one does in each phase, and why it does nothing.
import { describe, expect, it } from "vitest";
import type { Exposure, Phase } from "../../src/domain/exposure.ts";
import { type Event, transition } from "../../src/domain/transition.ts";
import {
  asha,
  ashaAgain,
  at,
  extendingExposure,
  lee,
  leeAgain,
  mina,
  NOON,
  openExposure,
  sampleExposure,
} from "./exposure-sample.ts";
import { approve, close, deny, done, end, extend, refusal, vote } from "./transition-events.ts";

const PHASES: Phase[] = [
  "pending",
  "approved",
  "opening",
  "open",
  "closing",
  "closed",
  "denied",
  "withdrawn",
  "lapsed",
];

describe("every event in every phase", () => {
  // One column for each phase, in the order of PHASES: the phase afterwards, or `-` where the event does nothing.
  it.each<[string, Event, string]>([
    ["approve", approve(lee), "approved - - - - - - - -"],
    ["deny", deny(lee), "denied - - - - - - - -"],
    ["withdraw", { kind: "withdraw", by: asha, at: at(15) }, "withdrawn - - - - - - - -"],
    ["lapse", { kind: "lapse", at: at(480) }, "lapsed - - - - - - - -"],
    ["reminded", { kind: "reminded" }, "pending - - - - - - - -"],
    ["replan", { kind: "replan", approvalsNeeded: 2 }, "pending - - - - - - - -"],
    ["extend", extend(), "- - - open - - - - -"],
    ["extend freely", extend({ free: true }), "- - - open - - - - -"],
    ["close", close, "- closing closing closing - - - - -"],
    ["begin", { kind: "begin", at: at(1) }, "- opening - - - - - - -"],
    ["opened", { kind: "opened", at: at(5) }, "- - open - - - - - -"],
    ["reopen", { kind: "reopen", waiting: "why", at: at(9) }, "- - - opening - - - - -"],
    ["drifted", { kind: "drifted", steps: ["record"] }, "- - - open - - - - -"],
    ["end", end, "- closing closing closing - - - - -"],
    ["closed", { kind: "closed", at: at(30) }, "- - - - closed - - - -"],
    ["leftover", { kind: "leftover", at: at(40) }, "closing - - - - closing closing closing closing"],
  ])("%s", (_, event, expected) => {
    const afterwards = PHASES.map((phase) => {
      const verdict = transition(sampleExposure({ phase }), event);
      return verdict.ok ? verdict.value.phase : "-";
    });
    expect(afterwards.join(" ")).toBe(expected);
  });

  it("withdraws, denies and lets lapse a wish for more time, and stays open", () => {
    for (const [event, unmetExtension] of [
      [deny(lee), { how: "denied", asker: asha, by: lee }],
      [
        { kind: "withdraw", by: asha, at: at(15) },
        { how: "withdrawn", asker: asha, by: asha },
      ],
      [
        { kind: "lapse", at: at(70) },
        { how: "lapsed", asker: asha, by: null },
      ],
    ] as [Event, Exposure["unmetExtension"]][])
      expect(done(extendingExposure(), event)).toMatchObject({
        phase: "open",
        extension: null,
        unmetExtension,
        round: 3,
        endsAt: at(125),
      });
  });
});

describe("who may decide", () => {
  it.each<[string, Exposure, Event, string]>([
    ["the requester", sampleExposure(), approve(asha), "own-request"],
    ["the requester under another account", sampleExposure(), approve(ashaAgain), "own-request"],
    ["the requester, to deny", sampleExposure(), deny(ashaAgain), "own-request"],
    ["who asked for more time", extendingExposure({ requester: mina }), approve(ashaAgain), "own-request"],
    [
      "the requester, when another asked for more time",
      extendingExposure({ requester: lee }),
      approve(leeAgain),
      "own-request",
    ],
    [
      "who voted before",
      sampleExposure({ approvalsNeeded: 2, votes: [vote(lee, 1)] }),
      approve(lee),
      "already-voted",
    ],
    [
      "who voted under another account",
      sampleExposure({ approvalsNeeded: 2, votes: [vote(lee, 1)] }),
      approve(leeAgain),
      "already-voted",
    ],
    [
      "who voted before, to deny",
      sampleExposure({ approvalsNeeded: 2, votes: [vote(lee, 1)] }),
      deny(leeAgain),
      "already-voted",
    ],
    ["a stale plan", sampleExposure({ digest: "another" }), approve(lee), "stale-plan"],
    ["after the lapse", sampleExposure(), approve(lee, null, at(481)), "lapsed"],
    ["at the lapse", sampleExposure(), approve(lee, null, at(480)), "lapsed"],
    [
      "at the lapse of a wish for more time",
      extendingExposure(),
      approve(lee, null, at(70)),
      "extension-lapsed",
    ],
    ["when it is open and nobody asks", openExposure(), approve(lee), "already-decided"],
  ])("not %s", (_, exposure, event, because) => {
    expect(refusal(exposure, event)).toBe(because);
  });

  it("nobody whom policy refuses, whatever the reason", () => {
    const right = { because: "lookup-failed", what: "approver-groups", mayPass: true } as const;
    expect(refusal(sampleExposure(), { ...approve(lee), right } as Event)).toBe("lookup-failed");
    expect(refusal(sampleExposure(), { ...deny(lee), right } as Event)).toBe("lookup-failed");
    expect(refusal(openExposure(), { ...close, right: { because: "not-yours" } } as Event)).toBe("not-yours");
    expect(refusal(openExposure(), extend({ right: { because: "not-yours" }, free: true }))).toBe(
      "not-yours",
    );
  });

  it("nobody who gives no reason where one is needed", () => {
    for (const reason of ["", "  \n"]) {
      expect(refusal(sampleExposure(), { ...deny(lee), reason } as Event)).toBe("reason-missing");
      expect(refusal(openExposure(), extend({ reason }))).toBe("reason-missing");
    }
  });

  it("a last moment before the lapse is in time", () => {
    expect(refusal(sampleExposure(), approve(lee, null, new Date(at(480).getTime() - 1)))).toBeNull();
  });

  it("nothing lapses before its time", () => {
    const lapse = (when: Date): Event => ({ kind: "lapse", at: new Date(when.getTime() - 1) });
    expect(refusal(sampleExposure(), lapse(at(480)))).toBe("already-decided");
    expect(refusal(extendingExposure(), lapse(at(70)))).toBe("already-decided");
  });

  it("only the requester withdraws, from any account of theirs", () => {
    expect(refusal(sampleExposure(), { kind: "withdraw", by: lee, at: NOON })).toBe("not-the-requester");
    expect(refusal(extendingExposure(), { kind: "withdraw", by: lee, at: NOON })).toBe("not-the-requester");
    expect(refusal(sampleExposure(), { kind: "withdraw", by: ashaAgain, at: NOON })).toBeNull();
  });
});

it("counts both of two approvals made at the same moment, whichever is stored first", () => {
  const first = done(sampleExposure({ approvalsNeeded: 2 }), approve(mina, null, at(16)));
  const second = done(first, approve(lee, null, at(15)));
  expect(second.decidedAt).toEqual(at(16));
  expect(second.votes.every((each) => second.decidedAt && each.at <= second.decidedAt)).toBe(true);
});
