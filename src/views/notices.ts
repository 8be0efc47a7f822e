// Direct messages to the requester and replies in the card's thread: short, each with what happens next. What people
// wrote is quoted in rich text.
import type { ActionsBlock, KnownBlock } from "@slack/types";
import { voidApproversOf } from "../domain/approvals.ts";
import { type Exposure, lapsesAtEnd, type Notice } from "../domain/exposure.ts";
import type { MessageKind } from "../domain/notices.ts";
import type { Deciders } from "../domain/policy.ts";
import { ifUndecided, onlyCame } from "./approval-words.ts";
import { approvedBy, NO_RULE, unanswered } from "./card-status.ts";
import { titleOf } from "./card-title.ts";
import { actions } from "./ids.ts";
import { approverMentions, personMention } from "./mentions.ts";
import { button, code, link, paragraph, quote, rich, type SlackMessage, sentence, words } from "./parts.ts";
import { endingOf } from "./phase-words.ts";
import { escapeMrkdwn, plain } from "./plain-text.ts";
import { publicWarning } from "./service-words.ts";
import { dateToken, duration } from "./time-words.ts";

/** `reason`: what the person wrote whose act this tells of. */
export type NoticeContext = { approvers: Deciders; notice: Notice | null; reason?: string };

const ONLY_DENIED = `${NO_RULE}, so it can only be denied.`;
const LONGEST_QUOTE = 600;
const LEFT: Record<Notice, string> = { "1h": "within the hour", "10m": "within 10 minutes" };

type Telling = (exposure: Exposure, context: NoticeContext) => SlackMessage;

const NOTICES: Record<MessageKind, Telling> = {
  approved: approvedNotice,
  denied: deniedNotice,
  lapsed: lapsedNotice,
  reminder: (exposure, { approvers }) => reminderNotice(exposure, approvers),
  replanned: (exposure, { approvers }) => replannedNotice(exposure, approvers),
  open: openNotice,
  "could-not-open": couldNotOpenNotice,
  repairing: repairingNotice,
  ending: (exposure, { notice }) => endingNotice(exposure, notice ?? "1h"),
  extended: extendedNotice,
  "extension-asked": (exposure, { approvers }) => extensionAskedNotice(exposure, approvers),
  "extension-denied": (exposure, { reason }) => extensionDeniedNotice(exposure, reason),
  "extension-withdrawn": extensionWithdrawnNotice,
  "service-public": (exposure) =>
    tell(exposure, publicWarning(exposure.service) ?? "Its service is internal again."),
  closed: closedNotice,
  "cannot-close": cannotCloseNotice,
  "closed-at-last": (exposure) => tell(exposure, "It is closed now. Nothing is left to do."),
};

export function noticeMessage(kind: MessageKind, exposure: Exposure, context: NoticeContext): SlackMessage {
  return NOTICES[kind](exposure, context);
}

function approvedNotice(exposure: Exposure): SlackMessage {
  return tell(exposure, `${approvedBy(exposure)} You get the address as soon as it is open.`);
}

function deniedNotice(exposure: Exposure): SlackMessage {
  const by = personMention(exposure.closing?.by ?? "");
  return tell(exposure, `Denied by ${by}. Nothing was opened.`, exposure.closing?.detail);
}

function lapsedNotice(exposure: Exposure): SlackMessage {
  return tell(exposure, `${unanswered(exposure)} in time, so nothing was opened. Ask again with /expose.`);
}

/** In the card's thread. */
function reminderNotice(exposure: Exposure, approvers: Deciders): SlackMessage {
  const until = dateToken(exposure.lapsesAt);
  if (approvers.denyOnly)
    return tell(
      exposure,
      `${approverMentions(approvers)}: this request still waits. ${ONLY_DENIED} Otherwise it lapses ${until}.`,
    );
  const lapses = `It lapses ${until} ${ifUndecided(exposure)}.`;
  return tell(exposure, `${approverMentions(approvers)}: this request still waits for you. ${lapses}`);
}

/** In the card's thread. */
function replannedNotice(exposure: Exposure, approvers: Deciders): SlackMessage {
  const next = approvers.denyOnly ? ONLY_DENIED : "Read the card above again, then decide.";
  const changed = "the policy changed, and the plan with it.";
  return tell(exposure, `${approverMentions(approvers)}: ${changed}${voidWords(exposure)} ${next}`);
}

function voidWords(exposure: Exposure): string {
  const names = voidApproversOf(exposure).map(({ slackId }) => personMention(slackId));
  if (names.length === 0) return "";
  const those = names.length > 1 ? "approvals" : "approval";
  return ` The ${those} by ${names.join(" and ")} ${names.length > 1 ? "do" : "does"} not count any more.`;
}

function openNotice(exposure: Exposure): SlackMessage {
  const end = exposure.endsAt ? ` It ends ${dateToken(exposure.endsAt)}.` : "";
  const message = tell(
    exposure,
    `It is open: a visit from outside without a log-in is stopped by Access.${end}`,
  );
  return { ...message, blocks: [...message.blocks, rich([paragraph(link(exposure.hostname))])] };
}

function couldNotOpenNotice(exposure: Exposure): SlackMessage {
  const { what, next } = endingOf(exposure, "cannot-open");
  return tell(
    exposure,
    [what, "Nothing is left open.", next].filter(Boolean).join(" "),
    exposure.closing?.detail,
  );
}

function repairingNotice(exposure: Exposure): SlackMessage {
  const next = exposure.phase === "open" ? "It is open again" : "It is being opened anew";
  const said = `Something was not as approved, so the route was taken away first. ${next}; the end stays.`;
  return tell(exposure, said, exposure.progress.waiting);
}

function endingNotice(exposure: Exposure, notice: Notice): SlackMessage {
  const end = exposure.endsAt ? `, ${dateToken(exposure.endsAt)}` : "";
  const ends = `It ends ${LEFT[notice]}${end}.`;
  // A second wish would be refused.
  if (exposure.extension)
    return tell(
      exposure,
      `${ends} More time was asked for, and no decision has come yet. Ask an approver to decide on the card.`,
    );
  const message = tell(exposure, `${ends} Press Extend if you need it for longer.`);
  return { ...message, blocks: [...message.blocks, extendButton(exposure)] };
}

function extendedNotice(exposure: Exposure): SlackMessage {
  const end = exposure.endsAt ? dateToken(exposure.endsAt) : "later than before";
  return tell(exposure, `It stays open for longer: it ends ${end}.`);
}

/** In the card's thread. */
function extensionAskedNotice(exposure: Exposure, approvers: Deciders): SlackMessage {
  const { extension } = exposure;
  if (!extension)
    return tell(exposure, "More time was asked for, and nothing waits for a decision any more.");
  const wish = `${personMention(extension.by.slackId)} asks for ${duration(extension.minutes)} more.`;
  const until = dateToken(extension.lapsesAt);
  const unanswered = approvers.denyOnly
    ? `${ONLY_DENIED} ${lapsesAtEnd(exposure) ? "It closes" : "Otherwise it lapses"} ${until}.`
    : unlessApproved(exposure, until);
  return tell(exposure, `${approverMentions(approvers)}: ${wish} ${unanswered}`, extension.reason);
}

function unlessApproved(exposure: Exposure, until: string): string {
  const { approvalsNeeded } = exposure;
  const enough = approvalsNeeded > 1 ? `${approvalsNeeded} of you approve` : "one of you approves";
  return lapsesAtEnd(exposure)
    ? `It closes ${until} unless ${enough} on the card above.`
    : `Decide on the card above. It lapses ${until} ${ifUndecided(exposure)}.`;
}

function extensionDeniedNotice(exposure: Exposure, reason?: string): SlackMessage {
  return tell(exposure, `${noMoreTime(exposure)}${stillEnds(exposure)}`, reason);
}

function noMoreTime({ unmetExtension: unmet }: Exposure): string {
  if (unmet?.how === "denied" && unmet.by) return `${personMention(unmet.by.slackId)} gave no more time.`;
  if (!unmet?.shortfall) return "Nobody gave more time.";
  return `${onlyCame(unmet.shortfall)} in time, so no more time was given.`;
}

/** To the one of the two who did not do it. */
function extensionWithdrawnNotice(exposure: Exposure): SlackMessage {
  const unmet = exposure.unmetExtension;
  const by = unmet?.how === "withdrawn" && unmet.by ? ` by ${personMention(unmet.by.slackId)}` : "";
  return tell(exposure, `The request for more time was withdrawn${by}.${stillEnds(exposure)}`);
}

/** What became of a wish is told even where the exposure has ended since. */
function stillEnds({ phase, endsAt }: Exposure): string {
  return endsAt && (phase === "open" || phase === "opening") ? ` It still ends ${dateToken(endsAt)}.` : "";
}

function closedNotice(exposure: Exposure): SlackMessage {
  const { what, next } = endingOf(exposure);
  const by = exposure.closing?.by ? ` (${personMention(exposure.closing.by)})` : "";
  const said = `It is closed, and a visit from outside no longer reaches it. ${what.replace(/\.$/, `${by}.`)}`;
  return tell(exposure, next ? `${said} ${next}` : said, exposure.closing?.detail);
}

/** In the alerts channel. */
function cannotCloseNotice(exposure: Exposure): SlackMessage {
  const since = exposure.closing ? ` since ${dateToken(exposure.closing.at)}` : "";
  const said = `It has been closing${since} and is still not closed. Drawbridge keeps trying. Mend what is named here; the card shows how far it got.`;
  return tell(exposure, said, exposure.progress.waiting);
}

/** `ourWords` are mrkdwn; `theirWords` are anybody's. */
function tell(exposure: Exposure, ourWords: string, theirWords: string | null = null): SlackMessage {
  const service = plain(exposure.service.name, 60);
  const about = rich([paragraph(words(`${service} at `), code(exposure.hostname, 100))]);
  const quoted: KnownBlock[] = theirWords ? [rich([quote(theirWords, LONGEST_QUOTE)])] : [];
  return {
    text: `${escapeMrkdwn(titleOf(exposure))}. ${ourWords}`,
    blocks: [about, sentence(ourWords), ...quoted],
  };
}

function extendButton(exposure: Exposure): ActionsBlock {
  const label = `Extend ${plain(exposure.hostname, 40)}`;
  return {
    type: "actions",
    block_id: `ending-${exposure.version}`,
    elements: [button("Extend", actions.extend, exposure, { label })],
  };
}
