// Whatever happens in whatever order: the state machine is never left, an end never comes nearer, a vote counts once.
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Exposure, PHASES_ON_THE_ROAD, type Phase, samePerson } from "../../src/domain/exposure.ts";
import { type Event, transition } from "../../src/domain/transition.ts";
import { steps } from "./any-steps.ts";
import { at, sampleExposure } from "./exposure-sample.ts";

const NEXT: Record<Phase, Phase[]> = {
  pending: ["pending", "approved", "denied", "withdrawn", "lapsed"],
  approved: ["approved", "opening", "closing"],
  opening: ["opening", "open", "closing"],
  open: ["open", "opening", "closing"],
  closing: ["closing", "closed"],
  closed: ["closed"],
  denied: ["denied"],
  withdrawn: ["withdrawn"],
  lapsed: ["lapsed"],
};

function expectLawful(before: Exposure, after: Exposure, kind: Event["kind"]): void {
  const leftover = kind === "leftover" && !PHASES_ON_THE_ROAD.includes(before.phase);
  expect(leftover ? ["closing"] : NEXT[before.phase]).toContain(after.phase);
  expect(after.round).toBeGreaterThanOrEqual(before.round);
  expect(after.votes.slice(0, before.votes.length)).toEqual(before.votes);
  if (before.phase === "open" && after.phase === "open")
    expect(after.endsAt!.getTime()).toBeGreaterThanOrEqual(before.endsAt!.getTime());
  if (["approved", "opening", "open"].includes(after.phase)) {
    expect(after.endsAt).not.toBeNull();
    expect(after.until!.getTime()).toBeGreaterThanOrEqual(after.endsAt!.getTime());
    expect(after.approvedMinutes).toBeLessThanOrEqual(after.minutes);
  }
  if (after.extension) expect(after.phase).toMatch(/^(open|opening)$/);
  if (["closing", "closed", "denied"].includes(after.phase)) expect(after.closing).not.toBeNull();
  if (after.phase !== before.phase && after.phase === "approved") expectQuorum(after);
  if (kind === "approve" && before.extension && !after.extension)
    expectQuorum({ ...after, round: before.round });
}

function expectQuorum(after: Exposure): void {
  const round = after.votes.filter((vote) => vote.round === after.round && vote.decision === "approve");
  expect(round.length).toBeGreaterThanOrEqual(after.approvalsNeeded);
}

function expectVotesUnique({ votes, requester }: Exposure): void {
  votes.forEach((vote, index) => {
    expect(samePerson(vote.person, requester)).toBe(false);
    for (const other of votes.slice(index + 1))
      expect(other.round === vote.round && samePerson(other.person, vote.person)).toBe(false);
  });
}

it("never leaves the state machine", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), (all, approvalsNeeded) => {
      let exposure = sampleExposure({ approvalsNeeded });
      let now = 0;
      for (const [each, pause] of all) {
        now += pause;
        const verdict = transition(exposure, { ...each, at: at(now) } as Event);
        if (!verdict.ok) continue;
        expectLawful(exposure, verdict.value, each.kind);
        expectVotesUnique(verdict.value);
        exposure = verdict.value;
      }
    }),
    { numRuns: 3000 },
  );
});

it("never changes the exposure that it was given", () => {
  fc.assert(
    fc.property(steps, (all) => {
      let exposure = sampleExposure();
      for (const [each] of all) {
        const before = structuredClone(exposure);
        const verdict = transition(exposure, { ...each, at: at(1) } as Event);
        expect(exposure).toEqual(before);
        if (verdict.ok) exposure = verdict.value;
      }
    }),
  );
});
