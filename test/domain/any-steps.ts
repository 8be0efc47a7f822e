// Anything that people and the bot may do to an exposure, in any order, with any pause before it.
import fc from "fast-check";
import type { Person } from "../../src/domain/exposure.ts";
import type { Event } from "../../src/domain/transition.ts";
import { asha, ashaAgain, at, lee, leeAgain, mina } from "./exposure-sample.ts";

const person = fc.constantFrom<Person[]>(asha, ashaAgain, lee, leeAgain, mina);
const minutes = fc.integer({ min: 1, max: 600 });
const right = fc.constantFrom(null, null, null, { because: "not-an-approver" } as const);
const digest = fc.constantFrom("digest", "digest", "digest", "another");

/** `at` is set when it is played: time only goes on. */
const event: fc.Arbitrary<Event> = fc
  .oneof(
    fc.record({ kind: fc.constant("approve"), by: person, right, digest, minutes: fc.option(minutes) }),
    fc.record({ kind: fc.constant("approve"), by: person, right, digest, minutes: fc.constant(null) }),
    fc.record({ kind: fc.constant("deny"), by: person, right, digest, reason: fc.constant("no") }),
    fc.record({ kind: fc.constant("withdraw"), by: person }),
    fc.record({ kind: fc.constantFrom("lapse", "begin", "opened", "closed", "reminded", "leftover") }),
    fc.record({ kind: fc.constantFrom("begin", "opened") }),
    fc.record({ kind: fc.constant("replan"), approvalsNeeded: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant("reopen"), waiting: fc.constant("drift") }),
    fc.record({ kind: fc.constant("drifted"), steps: fc.constant(["record"]) }),
    fc.record({ kind: fc.constant("end"), because: fc.constant("ended"), detail: fc.constant(null) }),
    fc.record({ kind: fc.constant("noticed"), notice: fc.constantFrom("1h", "10m") }),
    fc.record({
      kind: fc.constant("close"),
      by: person,
      right,
      because: fc.constant("requester"),
      detail: fc.constant(null),
    }),
    fc.record({
      kind: fc.constant("extend"),
      by: person,
      right,
      minutes,
      free: fc.boolean(),
      approvalsNeeded: fc.integer({ min: 1, max: 3 }),
      reason: fc.constant("more"),
      lapsesAt: fc.integer({ min: 0, max: 2000 }).map(at),
    }),
  )
  .map((each) => each as unknown as Event);

export const steps = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 90 })), { maxLength: 40 });
