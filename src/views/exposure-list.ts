// The answer to /expose list: what stands now, what waits, and how to end it. Only the asker sees it.
import type { KnownBlock, RichTextElement } from "@slack/types";
import { type Exposure, isAsking, isClosable, type Phase } from "../domain/exposure.ts";
import { closeButton, withdrawButton } from "./card-buttons.ts";
import { fitting } from "./fitting.ts";
import {
  bold,
  code,
  footnote,
  heading,
  link,
  moment,
  paragraph,
  person,
  rich,
  type SlackMessage,
  sentence,
  words,
} from "./parts.ts";
import { PHASE_WORDS } from "./phase-words.ts";
import { plain } from "./plain-text.ts";
import { spoken } from "./spoken.ts";

/** Two blocks for each; Slack takes 50, and refuses a message from about 13,200 characters. */
const MOST_ROWS = 20;
const MOST_CHARACTERS = 11_000;

/** What stands or waits, by how near it is to people; below it whatever has ended, the newest first. */
const ORDER: readonly Phase[] = ["open", "closing", "opening", "approved", "pending"];

/** Of those that ended, no more than these are to be read for it, the latest. */
export const MOST_ENDED = 50;

export function exposureList(exposures: Exposure[], context: { mine: boolean; now: Date }): SlackMessage {
  if (exposures.length === 0) return empty(context.mine);
  const sorted = [...exposures].sort(byUrgency);
  const drawn = sorted.slice(0, MOST_ROWS).map((each) => row(each, context.now, context.mine));
  const rows = fitting(drawn, MOST_CHARACTERS);
  const title = `${context.mine ? "Your" : "All"} exposures: ${counts(exposures)}`;
  const left = sorted.slice(rows.length);
  const count = isCut(exposures) ? "" : `${left.length} `;
  const blocks = [
    heading(title),
    ...rows.flat(),
    ...(left.length > 0 ? [footnote([`and ${count}more. ${narrower(context.mine, left)}`])] : []),
  ];
  return spoken(`${title}.`, blocks, blocks.slice(1));
}

/** Whether more may have ended than was read. */
function isCut(exposures: Exposure[]): boolean {
  return exposures.filter(({ phase }) => !ORDER.includes(phase)).length >= MOST_ENDED;
}

/** `2 open, 1 waiting, 40 ended`. */
function counts(exposures: Exposure[]): string {
  const count = (word: string, ...phases: Phase[]) => {
    const found = exposures.filter(({ phase }) => phases.includes(phase)).length;
    return found > 0 ? [`${found} ${word}`] : [];
  };
  return [
    ...count("open", "open"),
    ...count("closing", "closing"),
    ...count("opening", "opening", "approved"),
    ...count("waiting", "pending"),
    ...(isCut(exposures)
      ? [`the latest ${MOST_ENDED} that ended`]
      : count("ended", "closed", "denied", "lapsed", "withdrawn")),
  ].join(", ");
}

function row(exposure: Exposure, now: Date, mine: boolean): KnownBlock[] {
  const where = exposure.phase === "open" ? link(exposure.hostname) : code(exposure.hostname, 100);
  const line = rich([
    paragraph(where, words("\n"), bold(PHASE_WORDS[exposure.phase]), ...ending(exposure, now)),
    paragraph(
      words(
        `${plain(exposure.service.name, 60)} for ${plain(exposure.audience.name, 60) || "its audience"}, asked for by `,
      ),
      person(exposure.requester.slackId),
    ),
  ]);
  const elements = [
    ...(isClosable(exposure) ? [closeButton(exposure)] : []),
    // Who asked need not be in the approvals channel, where the card has this button too.
    ...(mine && isAsking(exposure) ? [withdrawButton(exposure)] : []),
  ];
  const buttons: KnownBlock[] =
    elements.length > 0 ? [{ type: "actions", block_id: `list-${exposure.id}`, elements }] : [];
  return [line, ...buttons];
}

function ending(exposure: Exposure, now: Date): RichTextElement[] {
  const { phase, endsAt, lapsesAt } = exposure;
  if (phase === "pending")
    return now < lapsesAt ? [words(", lapses "), moment(lapsesAt)] : [words(", about to lapse")];
  const endedAt = whenEnded(exposure);
  if (endedAt) return [words(" "), moment(endedAt)];
  if (!endsAt || !isClosable(exposure)) return [];
  if (now >= endsAt) return [words(", its time is up")];
  return [
    words(", ends "),
    moment(endsAt),
    ...(isAsking(exposure) ? [words("; more time is asked for")] : []),
  ];
}

function byUrgency(a: Exposure, b: Exposure): number {
  return rankOf(a) - rankOf(b) || timeOf(a) - timeOf(b) || (a.hostname < b.hostname ? -1 : 1);
}

function rankOf({ phase }: Exposure): number {
  return ORDER.includes(phase) ? ORDER.indexOf(phase) : ORDER.length;
}

function timeOf(exposure: Exposure): number {
  const { phase, endsAt, lapsesAt } = exposure;
  if (!ORDER.includes(phase)) return -(whenEnded(exposure)?.getTime() ?? 0);
  return (phase === "pending" ? lapsesAt : (endsAt ?? lapsesAt)).getTime();
}

/** Null for what has not ended, and where that was not written down. */
function whenEnded({ phase, closedAt, decidedAt }: Exposure): Date | null {
  if (ORDER.includes(phase)) return null;
  return phase === "closed" ? closedAt : decidedAt;
}

function narrower(mine: boolean, left: Exposure[]): string {
  if (!mine) return "Those that end first are shown; /expose list shows only yours.";
  const shown = "What ends first is shown, then what ended last.";
  return left.some(isClosable) ? `${shown} /expose close <host> closes one that is not shown.` : shown;
}

function empty(mine: boolean): SlackMessage {
  const text = mine ? "Nothing of yours is open or waiting." : "Nothing is open or waiting.";
  const next = sentence(
    "Type `/expose` to open an internal Cloud Run service for the people you choose. An approver decides, and it closes by itself when its time is up.",
  );
  return spoken(text, [sentence(`*${text}*`), next], [next]);
}
