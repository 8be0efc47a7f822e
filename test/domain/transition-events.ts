// Events as people and the bot send them to the sample exposure, and what comes of them.
import type { Exposure, Person } from "../../src/domain/exposure.ts";
import { type Event, transition } from "../../src/domain/transition.ts";
import { asha, at, lee } from "./exposure-sample.ts";

export function approve(by: Person, minutes: number | null = null, when = at(15)): Event {
  return { kind: "approve", by, minutes, digest: "digest", right: null, at: when };
}

export function deny(by: Person): Event {
  return { kind: "deny", by, digest: "digest", reason: "Not today", right: null, at: at(15) };
}

export function extend(change: object = {}): Event {
  const how = {
    minutes: 60,
    free: false,
    approvalsNeeded: 1,
    reason: "Not done yet",
    lapsesAt: at(70),
    right: null,
  };
  return { kind: "extend", by: asha, at: at(10), ...how, ...change };
}

export const close: Event = {
  kind: "close",
  by: lee,
  because: "approver",
  detail: null,
  right: null,
  at: at(20),
};
export const end: Event = { kind: "end", because: "ended", detail: null, at: at(20) };

export function done(exposure: Exposure, event: Event): Exposure {
  const verdict = transition(exposure, event);
  if (!verdict.ok) throw new Error(`refused: ${verdict.because}`);
  return verdict.value;
}

export function refusal(exposure: Exposure, event: Event): string | null {
  const verdict = transition(exposure, event);
  return verdict.ok ? null : verdict.because;
}

export function vote(
  person: Person,
  round: number,
  minutes: number | null = null,
): Exposure["votes"][number] {
  return { round, person, decision: "approve", minutes, at: at(10) };
}
