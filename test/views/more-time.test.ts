// Who gave more time, as the card tells it: whoever granted a wish, and nobody who only approved one that came to nothing.
import { expect, it } from "vitest";
import type { Exposure, Person } from "../../src/domain/exposure.ts";
import { type Event, transition } from "../../src/domain/transition.ts";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { wordsOf } from "./reading.ts";
import { context, exposure, later } from "./samples.ts";

const [asha, lee, kim, first] = ["asha", "lee", "kim", "void"].map((name) => ({
  slackId: `U0${name.toUpperCase()}`,
  email: `${name}@example.com`,
})) as [Person, Person, Person, Person];

function play(from: Exposure, events: Event[]): Exposure {
  return events.reduce((before, event) => {
    const verdict = transition(before, event);
    if (!verdict.ok) throw new Error(`${event.kind}: ${verdict.because}`);
    return verdict.value;
  }, from);
}

function approve(by: Person, minute: number): Event {
  return { kind: "approve", by, digest: "d1g3st", minutes: null, right: null, at: later(minute) };
}

function ask(minute: number): Event {
  const wish = { minutes: 60, free: false, approvalsNeeded: 2, reason: "more", lapsesAt: later(400) };
  return { kind: "extend", ...wish, by: asha, right: null, at: later(minute) };
}

function deny(by: Person, minute: number): Event {
  return { kind: "deny", by, digest: "d1g3st", reason: "no", right: null, at: later(minute) };
}

const replan: Event = { kind: "replan", approvalsNeeded: 1 };
const withdraw: Event = { kind: "withdraw", by: asha, at: later(40) };
const opened = play(exposure("pending", { approvalsNeeded: 2 }), [
  approve(first, 1),
  replan,
  approve(lee, 2),
  { kind: "begin", at: later(3) },
  { kind: "opened", at: later(7) },
]);
const granted = play(opened, [ask(10), approve(kim, 20), approve(lee, 30)]);

function read(of: Exposure): string {
  return wordsOf(exposureCard(of, context({ now: later(50) })));
}

it.each<[string, Event[]]>([
  ["denied", [deny(lee, 40)]],
  ["withdrawn", [withdraw]],
  ["lapsed", [{ kind: "lapse", at: later(400) }]],
  ["void, since the policy changed", [replan]],
])("a wish that somebody approved and that is then %s gave no time", (_, events) => {
  const shown = read(play(opened, [ask(10), approve(kim, 20), ...events]));
  expect(shown).toContain("Approved by <@U0LEE> <!date^");
  expect(shown).not.toContain("More time was given");
  expect(shown).not.toContain("U0VOID");
});

it("a wish that was granted did, whatever became of the next one", () => {
  const given = `More time was given by <@U0LEE> <!date^${later(30).getTime() / 1000}^`;
  expect(read(granted)).toContain(given);
  expect(read(granted)).toContain("Approved by <@U0LEE> <!date^");
  expect(read(play(granted, [ask(35), approve(kim, 36), withdraw]))).toContain(given);
  expect(read(play(granted, [ask(35), approve(lee, 36), approve(kim, 37)]))).toContain(
    "More time was given by <@U0KIM>",
  );
});

it("of what was stored before it was kept who gave more time, nothing is said", () => {
  expect(read({ ...granted, lengthenedInRound: null })).not.toContain("More time was given");
});
