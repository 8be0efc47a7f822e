// What people read when Drawbridge says no: what happened, and what happens next. One table by code, so that another
// language is another table.
import type { Phase } from "../domain/exposure.ts";
import type { LookedUp, Refusal, WhyNotMember } from "../domain/refusal.ts";
import { bare } from "./plain-text.ts";
import { duration } from "./time-words.ts";

type Sentences = { [B in Refusal["because"]]: (refusal: Extract<Refusal, { because: B }>) => string };

const WHY_NOT_YOU: Record<WhyNotMember, string> = {
  guest: "Guests cannot use Drawbridge. Ask a full member of this workspace to do it for you.",
  stranger:
    "People of other workspaces cannot use Drawbridge. Ask a member of this workspace to do it for you.",
  bot: "Bots cannot use Drawbridge. A person has to do this.",
  deactivated: "This account is deactivated, so nothing was changed.",
  "no-email":
    "Your Slack profile has no email address, so Access could not know you. Ask a workspace admin to add one.",
  "email-domain":
    "Your email address is not in a domain that the policy allows. Ask a Drawbridge admin to add the domain.",
};

const PHASES: Record<Phase, string> = {
  pending: "This request is still waiting for a decision",
  approved: "This request was already approved",
  opening: "This request was already approved and is being opened",
  // The click may have been on a wish for more time.
  open: "Nothing about this exposure waits for a decision any more",
  closing: "This exposure is already being closed",
  closed: "This exposure is already closed",
  denied: "This request was already denied",
  withdrawn: "This request was withdrawn by its requester",
  lapsed: "This request lapsed because no decision came in time",
};

const LOOKED_UP: Record<LookedUp, string> = {
  account: "your account",
  requester: "who asked",
  "requester-groups": "the requester groups",
  "approver-groups": "the approver groups",
  "admin-groups": "the admin groups",
};

const WITHOUT_RULE =
  "The policy no longer allows this service, so nothing can be approved or extended. A Drawbridge admin can deny what waits, and whoever asked can withdraw it; what is open stays so until its end.";

const ENGLISH: Sentences = {
  "not-found": () =>
    "This request is not on record any more, so nothing was changed. Start a new one with `/expose`.",
  "stale-plan": () =>
    "The plan has changed since that button was shown, so nothing was decided. Read the card again, then decide.",
  "already-decided": ({ phase }) =>
    `${PHASES[phase]}, so your click changed nothing. The card shows ${phase === "open" ? "until when it is open" : "where it stands"}.`,
  "already-voted": () => "Your decision is already counted. The request still waits for somebody else's.",
  "own-request": () => "Nobody decides on their own request. Another approver has to.",
  "not-an-approver": () =>
    "Only the approvers named on the card can decide on this request. They have been told about it.",
  "not-yours": () =>
    "Only the person who asked, or an approver, can do this. A Drawbridge admin can close it.",
  "not-the-requester": () => "Only the person who asked can withdraw it. An approver can deny it instead.",
  lapsed: () =>
    "This request lapsed because no decision came in time. Its requester can ask again with `/expose`.",
  "extension-lapsed": () =>
    "This request for more time lapsed because no decision came in time. As long as the card has Extend, more can be asked for again.",
  "not-open": () =>
    "This exposure is not open, so there is nothing to change. The card shows where it stands.",
  "still-pending": () =>
    "This request still waits for a decision, so nothing is open yet. Its requester can withdraw it on the card, or by `/expose list`.",
  "not-a-member": ({ why }) => WHY_NOT_YOU[why],
  "may-not-ask": ({ service }) =>
    `The policy does not let you ask for ${bare(service, 120)}. Ask one of its owners, or a Drawbridge admin to change the policy.`,
  "requester-out": () =>
    "Whoever asked for this may not ask for it any more, so no time is given in their name. It can still be denied or closed, and somebody else can ask with `/expose`.",
  "policy-forbids": ({ what }) =>
    what === "service"
      ? WITHOUT_RULE
      : `The policy no longer allows this ${what}, so it cannot be approved or extended. It can be asked for anew with \`/expose\`.`,
  "over-maximum": ({ maxMinutes }) =>
    `The policy allows ${duration(maxMinutes)} at the most. Choose a shorter time, or press Approve Shorter.`,
  "extension-over-maximum": ({ maxMinutes }) =>
    `The policy allows ${duration(maxMinutes)} more at the most, so this cannot be approved. Deny it, and less can be asked for.`,
  "extension-pending": () => "More time was already asked for and waits for a decision. The card shows it.",
  "nobody-could-approve": ({ approvals, approvers, requesterCould }) =>
    `${tooFew(approvals, approvers)}, so it would wait in vain. ${requesterCould ? "Let whoever asked for this exposure ask for more, or ask" : "Ask"} a Drawbridge admin to name more approvers.`,
  "nothing-shorter": () =>
    "That is not shorter than what was asked for. Use Approve, or choose a shorter time.",
  "lookup-failed": ({ what, mayPass }) =>
    mayPass
      ? `Drawbridge could not look up ${LOOKED_UP[what]} just now. To be safe, nothing was changed. Please try again in a minute.`
      : `Slack does not let Drawbridge look up ${LOOKED_UP[what]}. To be safe, nothing was changed. Waiting does not help: ask whoever runs Drawbridge to look at its policy file and log.`,
  "not-an-admin": () => "Only Drawbridge admins can do this. The policy file names them.",
  "openings-frozen": () =>
    "New openings are frozen at the moment. Ask a Drawbridge admin when the freeze will be lifted.",
  "reason-missing": () => "Please say why. The reason is shown on the card and kept in the audit.",
  "no-such-exposure": ({ hostname }) => nothingAt(hostname),
  "no-such-incident": () =>
    "This incident is not on record any more, so nothing was changed. See how the tunnels are with `/expose status`.",
  "incident-over": () => "This incident is over, so nothing was changed. The message shows how it ended.",
  "incident-acknowledged": () =>
    "Somebody has acknowledged this already. The message says who. Thank you all the same.",
  "incident-muted": () => "This is muted already. The message says by whom and until when.",
  "several-exposures": ({ hostnames }) =>
    `That could be ${bare(hostnames.join(" or "), 300)}. Type the whole hostname, so that the right one is closed.`,
};

/** Of a wish for more time. */
function tooFew(approvals: number, approvers: number): string {
  if (approvers === 0) return "Nobody else could approve more time";
  const others = approvers === 1 ? "only one other person" : `only ${approvers} other people`;
  return `More time needs ${approvals} approvals, and ${others} could give one`;
}

/** Somebody who means everything must not take this for the answer that everything is closed. */
function nothingAt(hostname: string): string {
  if (hostname === "")
    return "Say which one: `/expose close billing.example.com`. `/expose list all` shows what is open.";
  const name = bare(hostname, 120);
  const where = name ? `"${name}"` : "that hostname";
  const all = ["all", "everything"].includes(name)
    ? " An admin closes everything with `/expose close-all`."
    : "";
  return `Drawbridge has nothing open at ${where}, so nothing was closed. See what is open with \`/expose list all\`.${all}`;
}

/** For a message. */
export function refusalText(refusal: Refusal): string {
  const say = ENGLISH[refusal.because] as (refusal: Refusal) => string;
  return say(refusal);
}

/** For a field of a form, which shows plain text. */
export function fieldRefusalText(refusal: Refusal): string {
  return refusalText(refusal).replaceAll("`", "");
}
