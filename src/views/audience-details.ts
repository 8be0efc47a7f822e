// The whole audience as replies in the card's thread, for an audience that is too long for the card: approvers must be
// able to read everybody whom they let in.
import type { Exposure } from "../domain/exposure.ts";
import { audienceEntries, type Names } from "./audience-words.ts";
import { audienceFits } from "./exposure-plan-block.ts";
import { bold, bullets, paragraph, rich, type SlackMessage, words } from "./parts.ts";
import { spoken } from "./spoken.ts";

/** Each entry becomes at most some 250 characters of JSON; Slack refuses a message at about 13,000. */
const PER_MESSAGE = 40;

/** Empty where the card shows everybody. */
export function audienceDetails(exposure: Exposure, names: Names = {}): SlackMessage[] {
  const entries = audienceEntries(exposure.audience, names);
  if (audienceFits(entries)) return [];
  const starts = [...Array(Math.ceil(entries.length / PER_MESSAGE)).keys()].map((page) => page * PER_MESSAGE);
  return starts.map((start) => page(entries.slice(start, start + PER_MESSAGE), start, entries.length));
}

function page(entries: string[], start: number, total: number): SlackMessage {
  const title = `Whom the Access application lets in, ${start + 1} to ${start + entries.length} of ${total}`;
  const list = rich([bullets(entries.map((entry) => [words(entry || "-")]))]);
  return spoken(title, [rich([paragraph(bold(title))]), list], [list]);
}
