// The policy changed under what waits for a decision: the thread says whose approvals are void, and who decides now.
import { expect, it } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { noticeMessage } from "../../src/views/notices.ts";
import { wordsOf } from "./reading.ts";
import { exposure, extension, later, vote } from "./samples.ts";

const approvers = { groups: ["S0LEADS"], people: ["U0TOM"] };
const wish = { extension: extension({ requestedAt: later(20) }), approvalsNeeded: 2 };

it.each<[string, Exposure, string]>([
  ["nobody's", exposure("pending", { round: 2 }), ""],
  [
    "one",
    exposure("pending", { round: 2, votes: [vote("U0LEE")] }),
    "The approval by <@U0LEE> does not count any more. ",
  ],
  [
    "two, one of them twice",
    exposure("pending", {
      round: 3,
      votes: [vote("U0LEE"), vote("U0LEE", { round: 2 }), vote("U0KIM", { round: 2 })],
    }),
    "The approvals by <@U0LEE> and <@U0KIM> do not count any more. ",
  ],
  [
    "one that was given anew",
    exposure("pending", { round: 2, votes: [vote("U0LEE"), vote("U0LEE", { round: 2 })] }),
    "",
  ],
  [
    "one of a wish for more time, and none of the request",
    exposure("open", {
      ...wish,
      round: 3,
      votes: [vote("U0KIM"), vote("U0LEE", { round: 2, at: later(25) })],
    }),
    "The approval by <@U0LEE> does not count any more. ",
  ],
])("void: %s", (_, of, words) => {
  expect(wordsOf(noticeMessage("replanned", of, { approvers, notice: null }))).toContain(
    `<!subteam^S0LEADS> or <@U0TOM>: the policy changed, and the plan with it. ${words}Read the card above again, then decide.`,
  );
});
