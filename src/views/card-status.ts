// Where an exposure stands, in a sentence or two of our own words: mentions and dates are tokens, so this is mrkdwn, and
// nothing that anybody typed may enter it.
import { approvalsOf, shortfallOf } from "../domain/approvals.ts";
import type { Exposure, Phase, Vote } from "../domain/exposure.ts";
import type { Deciders } from "../domain/policy.ts";
import { ifUndecided, onlyCame } from "./approval-words.ts";
import { approverMentions, personMention } from "./mentions.ts";
import { endingOf } from "./phase-words.ts";
import { dateToken, duration } from "./time-words.ts";

export type StatusContext = { now: Date; approvers: Deciders };

const STATUS: Record<Phase, (exposure: Exposure, context: StatusContext) => string> = {
  pending,
  approved,
  opening,
  open,
  closing: (exposure) => `Closing since ${when(exposure.closing?.at)}. ${whyClosed(exposure)}`,
  closed: (exposure) => `Closed ${when(exposure.closedAt)}. ${whyClosed(exposure)}${whoElse(exposure)}`,
  denied: (exposure) =>
    `Denied by ${personMention(exposure.closing?.by ?? "")} ${when(exposure.decidedAt)}. Nothing was opened.`,
  withdrawn: (exposure) =>
    `Withdrawn by ${personMention(exposure.requester.slackId)} ${when(exposure.decidedAt)}. Nothing was opened.`,
  lapsed: (exposure) =>
    `${unanswered(exposure)} by ${when(exposure.lapsesAt)}, which counts as a no. Nothing was opened. Ask again with /expose.`,
};

export function statusOf(exposure: Exposure, context: StatusContext): string {
  return STATUS[exposure.phase](exposure, context).trim();
}

/** Who approved in the round that was decided, and whether for less time than was asked. */
export function approvedBy(exposure: Exposure): string {
  const { decidedAt } = exposure;
  if (!decidedAt) return "";
  const until = approvals(exposure).filter((vote) => vote.at <= decidedAt);
  // Votes of an earlier round are void: the plan changed after them.
  const deciding = Math.max(...until.map((vote) => vote.round));
  const names = until
    .filter((vote) => vote.round === deciding)
    .map((vote) => personMention(vote.person.slackId));
  const shorter =
    exposure.approvedMinutes !== null && exposure.approvedMinutes < exposure.minutes
      ? ` for ${duration(exposure.approvedMinutes)} instead of ${duration(exposure.minutes)}`
      : "";
  return `Approved by ${names.join(" and ") || "somebody"} ${when(decidedAt)}${shorter}.${longerBy(exposure)}`;
}

/** Whose approval gave more time the last time. */
function longerBy(exposure: Exposure): string {
  const last = approvals(exposure).findLast(({ round }) => round === exposure.lengthenedInRound);
  return last ? ` More time was given by ${personMention(last.person.slackId)} ${when(last.at)}.` : "";
}

/** Approvals of the present round, and how many are still missing. */
export function countWords(exposure: Exposure): string {
  const votes = approvalsOf(exposure);
  if (exposure.approvalsNeeded < 2) return "";
  const names = votes.map((vote) => {
    const shorter = vote.minutes === null ? "" : ` (for ${duration(vote.minutes)})`;
    return `${personMention(vote.person.slackId)}${shorter}`;
  });
  const so = names.length > 0 ? `: ${names.join(", ")}` : "";
  return ` ${votes.length} of ${exposure.approvalsNeeded} approvals so far${so}.`;
}

function approvals(exposure: Exposure): Vote[] {
  return exposure.votes.filter((vote) => vote.decision === "approve");
}

function pending(exposure: Exposure, { now, approvers }: StatusContext): string {
  if (now >= exposure.lapsesAt) return `${unanswered(exposure)} in time, so this request is about to lapse.`;
  if (approvers.denyOnly) return `${withoutRule(approvers)} Otherwise it lapses ${when(exposure.lapsesAt)}.`;
  const needed = exposure.approvalsNeeded > 1 ? `${exposure.approvalsNeeded} approvals` : "approval";
  const deadline = `It lapses ${when(exposure.lapsesAt)} ${ifUndecided(exposure)}.`;
  return `Waiting for ${needed} by ${approverMentions(approvers)}.${countWords(exposure)} ${deadline}`;
}

/** What waits for a decision, where the policy has no rule that would let anybody approve it. */
export function withoutRule(deciders: Deciders): string {
  const named = deciders.groups.length + deciders.people.length > 0;
  const denied = named ? `${approverMentions(deciders)} can deny it, and whoever` : "Whoever";
  return `${NO_RULE}, so this cannot be approved. ${denied} asked can withdraw it.`;
}

export const NO_RULE = "The policy has no rule for this service any more";

/** Of a request that lapses. */
export function unanswered(exposure: Exposure): string {
  const shortfall = shortfallOf(exposure);
  return shortfall ? onlyCame(shortfall) : "Nobody answered";
}

/** Openings may be frozen: the end that was stored at the approval comes all the same. */
function approved(exposure: Exposure): string {
  const soon = exposure.progress.waiting === null;
  const said = soon
    ? `It is about to open. ${endWords(exposure)}`
    : `It waits to be opened. If it is not open by ${when(exposure.endsAt)}, it ends unopened.`;
  return `${approvedBy(exposure)} ${said}`;
}

function opening(exposure: Exposure): string {
  if (exposure.openedAt) {
    return `Something was not as approved, so the route was taken away first. It is being opened anew. ${endWords(exposure)}`;
  }
  return `${approvedBy(exposure)} Opening now. The address is shown once it was seen from outside that Access stops a stranger.`;
}

function open(exposure: Exposure, { now }: StatusContext): string {
  if (exposure.endsAt && now >= exposure.endsAt) return "Its time is up. Closing begins in a moment.";
  return `${endWords(exposure)} ${approvedBy(exposure)}`;
}

function endWords(exposure: Exposure): string {
  const end = when(exposure.endsAt);
  if (exposure.phase !== "open") return `It ends ${end} at the latest.`;
  return exposure.untilClosed
    ? `Open until somebody closes it. It is reviewed ${end} and ends then unless it is extended.`
    : `Open until ${end}.`;
}

function whyClosed(exposure: Exposure): string {
  const { closing } = exposure;
  if (!closing) return "";
  const { what, next } = endingOf(exposure);
  const said = closing.by ? what.replace(/\.$/, ` (${personMention(closing.by)}).`) : what;
  return next ? `${said} ${next}` : said;
}

/** The hostname fell back to somebody else's record, such as a wildcard of its zone. */
function whoElse({ progress }: Exposure): string {
  if (!progress.steps.some((each) => each.step === "answered-elsewhere")) return "";
  return " A DNS record that Drawbridge did not make leads this hostname to something else now, which answers there.";
}

function when(date: Date | null | undefined): string {
  return date ? dateToken(date) : "at a time not recorded";
}
