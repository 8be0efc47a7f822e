// Which messages a change calls for: each once, to the right place, and none for what changed nothing for people.
import { describe, expect, it } from "vitest";
import type { Exposure, Person } from "../../src/domain/exposure.ts";
import { messagesFor } from "../../src/domain/notices.ts";
import { type Event, transition } from "../../src/domain/transition.ts";
import { asha, ashaAgain, at, lee, mina, openExposure, sampleExposure } from "./exposure-sample.ts";

type Story = { exposure: Exposure; sent: string[] };

/** Plays events as the store does, and keeps what was sent: a key that was used before is not sent again. */
function play(events: Event[], from: Exposure = sampleExposure()): Story {
  let exposure = from;
  const sent = new Map<string, string>();
  for (const event of events) {
    const verdict = transition(exposure, event);
    if (!verdict.ok) continue;
    const after = { ...verdict.value, version: exposure.version + 1 };
    for (const { key, kind, recipient } of messagesFor(exposure, after))
      if (!sent.has(key))
        sent.set(key, `${kind} to ${recipient.to === "person" ? recipient.slackId : recipient.to}`);
    exposure = after;
  }
  return { exposure, sent: [...sent.values()] };
}

const approve: Event = { kind: "approve", by: lee, digest: "digest", minutes: null, right: null, at: at(2) };
const deny: Event = { kind: "deny", by: lee, digest: "digest", reason: "no", right: null, at: at(20) };
const begin: Event = { kind: "begin", at: at(3) };
const opened: Event = { kind: "opened", at: at(5) };
const reopen: Event = { kind: "reopen", waiting: "drift", at: at(9) };
const end: Event = { kind: "end", because: "ended", detail: null, at: at(125) };
const closed: Event = { kind: "closed", at: at(126) };
const leftover: Event = { kind: "leftover", at: at(200) };
const ask: Event = {
  kind: "extend",
  by: asha,
  minutes: 30,
  free: false,
  approvalsNeeded: 1,
  reason: "more",
  lapsesAt: at(70),
  right: null,
  at: at(10),
};

describe("messages", () => {
  it.each<[string, Event[], string[]]>([
    [
      "a whole life",
      [approve, begin, opened, end, closed],
      ["approved to U0ASHA", "open to U0ASHA", "closed to U0ASHA"],
    ],
    ["a denial", [deny], ["denied to U0ASHA"]],
    [
      "a lapse after a reminder",
      [{ kind: "reminded" }, { kind: "reminded" }, { kind: "lapse", at: at(480) }],
      ["reminder to thread", "lapsed to U0ASHA"],
    ],
    [
      "a closing that does not get done at once",
      [approve, begin, opened, end, { kind: "stuck" }, { kind: "stuck" }, closed],
      [
        "approved to U0ASHA",
        "open to U0ASHA",
        "cannot-close to alerts",
        "closed to U0ASHA",
        "closed-at-last to alerts",
      ],
    ],
    ["a withdrawal", [{ kind: "withdraw", by: asha, at: at(1) }], []],
    [
      "an opening that fails",
      [approve, begin, end, closed],
      ["approved to U0ASHA", "could-not-open to U0ASHA"],
    ],
    [
      "what was approved and opened after the backup that the store was restored to",
      [leftover, closed],
      ["could-not-open to U0ASHA"],
    ],
    [
      "leftovers, taken down twice",
      [approve, begin, opened, end, closed, leftover, closed, leftover, closed],
      ["approved to U0ASHA", "open to U0ASHA", "closed to U0ASHA"],
    ],
  ])("of %s", (_, events, sent) => {
    expect(play(events).sent).toEqual(sent);
  });

  it("tell every repair, and that it is open again", () => {
    expect(play([reopen, opened, reopen, opened], openExposure()).sent).toEqual([
      "repairing to U0ASHA",
      "open to U0ASHA",
      "repairing to U0ASHA",
      "open to U0ASHA",
    ]);
  });

  it("tell each notice once for each end", () => {
    const notice: Event = { kind: "noticed", notice: "10m" };
    const free: Event = { ...ask, free: true };
    expect(play([notice, notice, free, notice, notice], openExposure()).sent).toEqual([
      "ending to U0ASHA",
      "extended to U0ASHA",
      "ending to U0ASHA",
    ]);
    expect(
      messagesFor(openExposure(), openExposure({ noticed: ["1h", "10m"] })).map((each) => each.notice),
    ).toEqual(["1h", "10m"]);
  });

  it("tell a wish for more time to those who decide, and the answer to who asked", () => {
    expect(play([ask, { ...approve, at: at(20) }], openExposure()).sent).toEqual([
      "extension-asked to thread",
      "extended to U0ASHA",
    ]);
    expect(play([ask, deny, { ...ask, at: at(30) }, { ...deny, at: at(31) }], openExposure()).sent).toEqual([
      "extension-asked to thread",
      "extension-denied to U0ASHA",
      "extension-asked to thread",
      "extension-denied to U0ASHA",
    ]);
    expect(play([ask, end, closed], openExposure()).sent).toEqual([
      "extension-asked to thread",
      "closed to U0ASHA",
    ]);
  });

  const byMina: Event = { ...ask, by: mina };
  const withdraw = (by: Person): Event => ({ kind: "withdraw", by, at: at(20) });
  it.each<[string, Event[], string[]]>([
    ["withdrawn by the requester who asked", [ask, withdraw(asha)], []],
    ["withdrawn by the same person under another account", [ask, withdraw(ashaAgain)], []],
    ["withdrawn by another who asked", [byMina, withdraw(mina)], ["extension-withdrawn to U0ASHA"]],
    ["another's, withdrawn by the requester", [byMina, withdraw(asha)], ["extension-withdrawn to U0MINA"]],
    ["another's, denied", [byMina, deny], ["extension-denied to U0ASHA", "extension-denied to U0MINA"]],
    [
      "another's, lapsed",
      [byMina, { kind: "lapse", at: at(70) }],
      ["extension-denied to U0ASHA", "extension-denied to U0MINA"],
    ],
    [
      "another's, granted",
      [byMina, { ...approve, at: at(20) }],
      ["extended to U0ASHA", "extended to U0MINA"],
    ],
    ["another's, unanswered at the end", [byMina, end, closed], ["closed to U0ASHA", "closed to U0MINA"]],
    [
      "another's, moot since it was closed",
      [byMina, { ...end, because: "hole" }, closed],
      ["closed to U0ASHA"],
    ],
    ["unanswered at the end", [ask, end, closed], ["closed to U0ASHA"]],
    ["lapsed", [ask, { kind: "lapse", at: at(70) }], ["extension-denied to U0ASHA"]],
    [
      "withdrawn, and the next one denied",
      [ask, withdraw(asha), { ...ask, at: at(30) }, { ...deny, at: at(31) }],
      ["extension-asked to thread", "extension-denied to U0ASHA"],
    ],
  ])(
    "of a wish for more time that is %s go to the two whom it concerns, but not to who did it",
    (_, events, sent) => {
      expect(play(events, openExposure()).sent).toEqual(["extension-asked to thread", ...sent]);
    },
  );

  it("tell in the thread of each plan that changed with the policy, once", () => {
    const two = sampleExposure({ approvalsNeeded: 2 });
    const replan: Event = { kind: "replan", approvalsNeeded: 3 };
    expect(play([approve, replan, { ...approve, by: mina }], two).sent).toEqual(["replanned to thread"]);
    expect(play([replan, { kind: "reminded" }, replan], two).sent).toEqual([
      "replanned to thread",
      "reminder to thread",
      "replanned to thread",
    ]);
    expect(play([ask, { ...approve, at: at(20) }, replan], openExposure()).sent).toEqual([
      "extension-asked to thread",
      "extended to U0ASHA",
    ]);
    const wish = { ...ask, approvalsNeeded: 2 } as Event;
    expect(play([wish, { ...approve, at: at(20) }, replan], openExposure()).sent).toEqual([
      "extension-asked to thread",
      "replanned to thread",
    ]);
  });

  it("say nothing of a vote that decides nothing, and of progress", () => {
    const two = sampleExposure({ approvalsNeeded: 2 });
    expect(play([approve], two).sent).toEqual([]);
    const open = openExposure();
    const progress = { ...open.progress, gateProofs: 2, waiting: "propagation" };
    expect(messagesFor(open, { ...open, progress, version: 9 })).toEqual([]);
  });

  it("are all different when one change calls for several", () => {
    const keys = messagesFor(openExposure(), openExposure({ endsAt: at(300), noticed: ["1h", "10m"] })).map(
      ({ key }) => key,
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(3);
  });
});
