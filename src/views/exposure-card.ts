// The card of an exposure in the approvals channel: one message, its whole life, redrawn from stored state.
import type { KnownBlock, RichTextElement } from "@slack/types";
import { type Exposure, type Extension, lapsesAtEnd, minutesAfter } from "../domain/exposure.ts";
import type { LoginsToShow } from "../domain/logins.ts";
import { wishUndecided } from "./approval-words.ts";
import { againButton, decisionButtons, extensionButtons, liveButtons } from "./card-buttons.ts";
import { countWords, type StatusContext, statusOf, withoutRule } from "./card-status.ts";
import { titleOf } from "./card-title.ts";
import {
  audienceBlock,
  cloudRunBlock,
  type PlanContext,
  planBlock,
  warningBlocks,
} from "./exposure-plan-block.ts";
import { stepsBlock } from "./exposure-steps.ts";
import { approverMentions, personMention } from "./mentions.ts";
import {
  bold,
  bullets,
  code,
  footnote,
  heading,
  link,
  moment,
  paragraph,
  person,
  quote,
  rich,
  type SlackMessage,
  sentence,
  words,
} from "./parts.ts";
import { escapeMrkdwn, plain } from "./plain-text.ts";
import { spoken } from "./spoken.ts";
import { dateToken, duration } from "./time-words.ts";

export type CardContext = StatusContext &
  PlanContext & {
    installation: string;
    /** Null where nothing is known of them. */
    logins: LoginsToShow | null;
  };

const LONGEST_REASON = 550;
const LONGEST_WISH = 400;
const MOST_LOGINS = 5;
/** Beside a wish for more time there is less room. */
const FEW_LOGINS = 2;

export function exposureCard(exposure: Exposure, context: CardContext): SlackMessage {
  const title = titleOf(exposure);
  const status = statusOf(exposure, context);
  const blocks = [
    heading(title),
    sentence(status),
    ...address(exposure),
    ...request(exposure),
    ...ending(exposure),
    ...body(exposure, context),
    ...extensionBlocks(exposure, context),
    ...decisionButtons(exposure, context.now, context.approvers.denyOnly),
    ...liveButtons(exposure),
    ...againButton(exposure),
    notes(exposure, context),
  ];
  return spoken(`${escapeMrkdwn(title)}. ${status}`, blocks, blocks.slice(2));
}

/** What stands between who asked and the buttons. */
function body(exposure: Exposure, context: CardContext): KnownBlock[] {
  switch (exposure.phase) {
    case "pending":
      return [...warningBlocks(exposure), planBlock(exposure, context), cloudRunBlock(exposure)];
    case "approved":
    case "opening":
      return [...warningBlocks(exposure), stepsBlock(exposure), planBlock(exposure, context)];
    case "open":
      return [
        ...warningBlocks(exposure),
        exposure.extension ? planBlock(exposure, context) : audienceBlock(exposure, context),
        ...loginsBlock(context, exposure.extension ? FEW_LOGINS : MOST_LOGINS),
      ];
    case "closing":
      return [stepsBlock(exposure)];
    default:
      return [];
  }
}

/** Shown only while it is open: before that, nobody should try it. */
function address(exposure: Exposure): KnownBlock[] {
  return exposure.phase === "open" ? [rich([paragraph(link(exposure.hostname))])] : [];
}

function request(exposure: Exposure): KnownBlock[] {
  const asked = [
    bold("Asked for by "),
    person(exposure.requester.slackId),
    words(", "),
    moment(exposure.requestedAt),
  ];
  return [rich([paragraph(...asked), quote(exposure.reason, LONGEST_REASON)])];
}

/** In somebody's words: why it was denied or closed, or what failed. */
function ending({ phase, closing }: Exposure): KnownBlock[] {
  if (!closing?.detail || !["closing", "closed", "denied"].includes(phase)) return [];
  const said = closing.by ? "Reason" : "What happened";
  return [rich([paragraph(bold(said)), quote(closing.detail, LONGEST_REASON)])];
}

function extensionBlocks(exposure: Exposure, { now, approvers }: CardContext): KnownBlock[] {
  const { extension } = exposure;
  if (exposure.phase !== "open" || !extension) return [];
  const wish = `*More time asked for:* ${duration(extension.minutes)} more, by ${personMention(extension.by.slackId)}.`;
  const next = approvers.denyOnly
    ? `${withoutRule(approvers)} ${lapsesAtEnd(exposure) ? "It closes" : "Otherwise it lapses"} ${dateToken(extension.lapsesAt)}.`
    : `${approverMentions(approvers)} can approve it.${newEnd(exposure, extension)}${countWords(exposure)} ${wishUndecided(exposure, extension)}`;
  return [
    { type: "divider" },
    sentence(`${wish} ${next}`),
    rich([quote(extension.reason, LONGEST_WISH)]),
    ...extensionButtons(exposure, now, approvers.denyOnly),
  ];
}

function newEnd({ endsAt }: Exposure, { minutes }: Extension): string {
  return endsAt ? ` It would then end ${dateToken(minutesAfter(endsAt, minutes))}.` : "";
}

/** They are looked for every minute or so: the card says until when it knows of them. */
function loginsBlock({ logins, now }: CardContext, most: number): KnownBlock[] {
  if (logins === null) return [];
  const { last, read, from } = logins;
  if (last.length === 0) return [rich([paragraph(bold("Access log-ins: "), ...nobody(from, now))])];
  const shown = last.slice(0, most).map((login) => [code(login.email, 64), words(" "), moment(login.at)]);
  const more: RichTextElement[][] = last.length > most ? [[words(`${last.length - most} earlier`)]] : [];
  const until = read && most === MOST_LOGINS ? [words(" until "), moment(now)] : [];
  const missing = from ? [words("; some before "), moment(from), words(" may be missing")] : [];
  return [rich([paragraph(bold("Access log-ins"), ...until, ...missing), bullets([...shown, ...more])])];
}

/** In an account where many log in, what is read of the log may not reach back to the opening. */
function nobody(from: Date | null, now: Date): RichTextElement[] {
  if (!from) return [words("nobody until "), moment(now)];
  return [
    words("nobody from "),
    moment(from),
    words(" until "),
    moment(now),
    words("; the log was not read further back"),
  ];
}

function notes(exposure: Exposure, { installation }: CardContext): KnownBlock {
  return footnote([`Drawbridge ${plain(installation, 60)}, request ${exposure.id}`]);
}
