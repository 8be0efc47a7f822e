// How long: what an approval grants, what more time adds, and what a repair or a late opening does to the end.
import { describe, expect, it } from "vitest";
import { freshProgress } from "../../src/domain/progress.ts";
import { type Event, MINUTES_TO_OPEN } from "../../src/domain/transition.ts";
import {
  approvedExposure,
  asha,
  at,
  extendingExposure,
  lee,
  mina,
  openExposure,
  sampleExposure,
} from "./exposure-sample.ts";
import { approve, close, deny, done, end, extend, refusal, vote } from "./transition-events.ts";

describe("approval", () => {
  it("stores a provisional end before anything is called, and lets the time run from when it is seen open", () => {
    const approved = done(sampleExposure(), approve(lee));
    expect(approved).toMatchObject({
      phase: "approved",
      approvedMinutes: 120,
      decidedAt: at(15),
      endsAt: at(15 + MINUTES_TO_OPEN + 120),
    });
    const opening = done(approved, { kind: "begin", at: at(15) });
    expect(done(opening, { kind: "opened", at: at(20) })).toMatchObject({
      openedAt: at(20),
      endsAt: at(140),
    });
  });

  it("needs its quorum, of different people in one round", () => {
    const one = done(sampleExposure({ approvalsNeeded: 2 }), approve(lee));
    expect(one).toMatchObject({ phase: "pending", approvedMinutes: null, endsAt: null });
    expect(done(one, approve(mina)).phase).toBe("approved");
    const voided = done(one, { kind: "replan", approvalsNeeded: 2 });
    expect(done(voided, approve(mina)).phase).toBe("pending");
    expect(done(done(voided, approve(mina)), approve(lee)).phase).toBe("approved");
  });

  it("takes the shortest time that any of the round agreed to", () => {
    const asked = sampleExposure({ approvalsNeeded: 3, votes: [vote(mina, 0, 5)] });
    const votes = [
      approve(lee, 30),
      approve(mina, 90),
      approve({ slackId: "U0KEN", email: "ken@lakeside.example" }),
    ];
    expect(votes.reduce(done, asked).approvedMinutes).toBe(30);
  });

  it("of a shorter time sets a time where none was asked for", () => {
    const asked = sampleExposure({ untilClosed: true });
    expect(done(asked, approve(lee)).untilClosed).toBe(true);
    expect(done(asked, approve(lee, 60))).toMatchObject({ untilClosed: false, approvedMinutes: 60 });
    const two = done({ ...asked, approvalsNeeded: 2 }, approve(lee, 60));
    expect(two.untilClosed).toBe(true);
    expect(done(two, approve(mina)).untilClosed).toBe(false);
    expect(done(sampleExposure(), approve(lee)).untilClosed).toBe(false);
  });

  it("of a shorter time must be shorter", () => {
    expect(refusal(sampleExposure(), approve(lee, 120))).toBe("nothing-shorter");
    expect(refusal(sampleExposure(), approve(lee, 500))).toBe("nothing-shorter");
    expect(done(sampleExposure(), approve(lee, 119)).approvedMinutes).toBe(119);
    expect(refusal(extendingExposure(), approve(lee, 60))).toBe("nothing-shorter");
  });

  it("is undone by one who denies, with the reason kept", () => {
    const one = done(sampleExposure({ approvalsNeeded: 2 }), approve(lee));
    expect(done(one, deny(mina))).toMatchObject({
      phase: "denied",
      closing: { because: "approver", by: "U0MINA", detail: "Not today" },
    });
  });
});

describe("more time", () => {
  it("is asked for in a round of its own, and added to the end", () => {
    const asking = done(openExposure({ votes: [vote(lee, 1)] }), extend());
    expect(asking).toMatchObject({ round: 2, endsAt: at(125), extension: { minutes: 60, by: asha } });
    expect(done(asking, approve(lee))).toMatchObject({
      round: 3,
      lengthenedInRound: 2,
      extension: null,
      endsAt: at(185),
      until: at(240),
      openedAt: at(5),
    });
  });

  it("can be granted shorter, and then still adds", () => {
    expect(done(extendingExposure(), approve(lee, 30)).endsAt).toEqual(at(155));
  });

  it("needs the quorum again", () => {
    const one = done(
      extendingExposure({ approvalsNeeded: 2, votes: [vote(mina, 1), vote(lee, 1)] }),
      approve(lee, 45),
    );
    expect(one).toMatchObject({ endsAt: at(125), extension: { minutes: 60 } });
    expect(done(one, approve(mina)).endsAt).toEqual(at(170));
  });

  it("needs as many approvals as the policy asks for today", () => {
    const votes = [vote(lee, 1)];
    const one = done(done(openExposure({ votes }), extend({ approvalsNeeded: 2 })), approve(lee));
    expect(one).toMatchObject({ endsAt: at(125), approvalsNeeded: 2, extension: { minutes: 60 } });
    expect(done(one, approve(mina))).toMatchObject({ endsAt: at(185), extension: null });
    const lowered = done(openExposure({ approvalsNeeded: 2, votes }), extend());
    expect(done(lowered, approve(lee)).endsAt).toEqual(at(185));
    const free = done(openExposure({ votes }), extend({ free: true, approvalsNeeded: 2 }));
    expect(free.approvalsNeeded).toBe(1);
  });

  it("is free within what policy allows, is counted, and makes the notices due anew", () => {
    const longer = done(openExposure({ noticed: ["1h", "10m"] }), extend({ free: true }));
    expect(longer).toMatchObject({
      endsAt: at(185),
      until: at(240),
      extendedMinutes: 60,
      lengthenedInRound: null,
      noticed: [],
      extension: null,
    });
    expect(done(longer, extend({ free: true, minutes: 5 })).extendedMinutes).toBe(65);
  });

  it("waits for one answer at a time", () => {
    expect(refusal(extendingExposure(), extend())).toBe("extension-pending");
    expect(refusal(extendingExposure(), extend({ free: true }))).toBe("extension-pending");
  });

  it("is forgotten when the exposure ends", () => {
    expect(done(extendingExposure(), end)).toMatchObject({
      phase: "closing",
      extension: null,
      unmetExtension: { how: "ended", asker: asha, by: null },
    });
    expect(done(openExposure(), end).unmetExtension).toBeNull();
  });

  it("that lapses, or goes with the exposure, keeps how many had approved in its round, if anybody had", () => {
    const votes = [vote(mina, 1), vote(lee, 2)];
    const asking = extendingExposure({ approvalsNeeded: 2, votes });
    const lapse = { kind: "lapse", at: at(70) } as const;
    const shortfall = { came: 1, needed: 2 };
    expect(done(asking, lapse).unmetExtension).toEqual({ how: "lapsed", asker: asha, by: null, shortfall });
    expect(done(asking, end).unmetExtension).toEqual({ how: "ended", asker: asha, by: null, shortfall });
    const unanswered = { ...asking, votes: [vote(mina, 1)] };
    expect(done(unanswered, lapse).unmetExtension).toEqual({ how: "lapsed", asker: asha, by: null });
    expect(done(asking, deny(mina)).unmetExtension).toEqual({ how: "denied", asker: asha, by: mina });
  });

  it.each([
    ["by its own time", 70, 70],
    ["when the exposure ends, if that is sooner", 500, 125],
  ])("lapses %s", (_, asked, lapses) => {
    expect(done(openExposure(), extend({ lapsesAt: at(asked) })).extension?.lapsesAt).toEqual(at(lapses));
  });

  it("is not to be had once the time is up", () => {
    for (const free of [true, false]) {
      expect(refusal(openExposure(), extend({ free, at: at(125) }))).toBe("not-open");
      expect(refusal(openExposure(), extend({ free, at: at(124) }))).toBeNull();
    }
  });
});

describe("what the bot sees", () => {
  it("keeps the end through a repair", () => {
    const proved = openExposure({ progress: { ...freshProgress(), gateProofs: 3 } });
    const repairing = done(proved, { kind: "reopen", waiting: "drift", at: at(60) });
    expect(repairing).toMatchObject({
      phase: "opening",
      endsAt: at(125),
      progress: { gateProofs: 0, waiting: "drift" },
    });
    expect(done(repairing, { kind: "opened", at: at(70) })).toMatchObject({
      openedAt: at(5),
      endsAt: at(125),
    });
  });

  it("stays open through what is put right in place, until the whole way is gone anew", () => {
    const drifted = done(openExposure(), { kind: "drifted", steps: ["record"] });
    expect(drifted).toEqual({
      ...openExposure(),
      progress: { ...openExposure().progress, drifted: ["record"] },
    });
    const again = done(drifted, { kind: "drifted", steps: ["application", "record"] });
    expect(again.progress.drifted).toEqual(["record", "application"]);
    for (const anew of [{ kind: "reopen", waiting: "drift", at: at(60) } as const, close])
      expect(done(again, anew).progress.drifted).toEqual([]);
  });

  it("never lets the end lie behind what the marks at the vendors say", () => {
    const late = done(approvedExposure({ phase: "opening" }), { kind: "opened", at: at(100) });
    expect(late.endsAt).toEqual(at(220));
    expect(late.until!.getTime()).toBeGreaterThanOrEqual(at(220).getTime());
  });

  it("keeps the first reason of a close when leftovers are taken down later", () => {
    const closed = done(done(openExposure(), close), { kind: "closed", at: at(30) });
    expect(done(closed, { kind: "leftover", at: at(90) })).toMatchObject({
      phase: "closing",
      closing: { because: "approver", by: "U0LEE" },
    });
  });

  it("says of a leftover that nobody had decided on, for all that is stored, that the store was restored", () => {
    const votes = [vote(lee, 1)];
    for (const phase of ["pending", "lapsed", "withdrawn"] as const)
      expect(done(sampleExposure({ phase, votes }), { kind: "leftover", at: at(90) })).toMatchObject({
        phase: "closing",
        votes,
        endsAt: null,
        closing: { because: "store-restored", by: null, detail: null, at: at(90) },
      });
  });

  it("remembers each notice once", () => {
    const notice: Event = { kind: "noticed", notice: "1h" };
    expect(done(done(openExposure(), notice), notice).noticed).toEqual(["1h"]);
  });
});
