// The policy has no rule for a service any more: what waits can be denied or withdrawn, and nobody is asked to approve it.
import { expect, it } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import type { MessageKind } from "../../src/domain/notices.ts";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { noticeMessage } from "../../src/views/notices.ts";
import { buttonsOf, wordsOf } from "./reading.ts";
import { context, exposure, extension, later } from "./samples.ts";

const ADMINS = { groups: ["S0ADMINS"], people: [], denyOnly: true as const };
const NOBODY = { groups: [], people: [], denyOnly: true as const };

const wish = exposure("open", { extension: extension(), round: 2 });
const lastWish = exposure("open", { extension: extension({ lapsesAt: later(487) }), round: 2 });

function cardOf(of: Exposure, approvers = ADMINS) {
  return exposureCard(of, context({ approvers }));
}

it("the buttons that approve are gone", () => {
  expect(buttonsOf(cardOf(exposure("pending")))).toEqual(["Deny", "Withdraw"]);
  expect(buttonsOf(cardOf(wish))).toEqual(["Deny", "Withdraw", "Close"]);
});

const NO_RULE = "The policy has no rule for this service any more";

it.each([
  [ADMINS, "<!subteam^S0ADMINS> can deny it, and whoever asked can withdraw it."],
  [NOBODY, "Whoever asked can withdraw it."],
])("the card says who can deny it: %o", (approvers, who) => {
  const text = `${NO_RULE}, so this cannot be approved. ${who}`;
  expect(wordsOf(cardOf(exposure("pending"), approvers))).toContain(`${text} Otherwise it lapses <!date^`);
  expect(wordsOf(cardOf(wish, approvers))).toContain(`${text} Otherwise it lapses <!date^`);
  expect(wordsOf(cardOf(lastWish, approvers))).toContain(`${text} It closes <!date^`);
});

it.each<[MessageKind, Exposure, string]>([
  [
    "reminder",
    exposure("pending"),
    `this request still waits. ${NO_RULE}, so it can only be denied. Otherwise`,
  ],
  [
    "replanned",
    exposure("pending"),
    `the policy changed, and the plan with it. ${NO_RULE}, so it can only be`,
  ],
  ["extension-asked", wish, `asks for 2 h more. ${NO_RULE}, so it can only be denied. Otherwise it lapses`],
  ["extension-asked", lastWish, `${NO_RULE}, so it can only be denied. It closes <!date^`],
])("the message %s asks nobody to approve", (kind, of, text) => {
  expect(wordsOf(noticeMessage(kind, of, { approvers: ADMINS, notice: null }))).toContain(text);
});
