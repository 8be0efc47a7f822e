// The text of a message: what a phone's notification shows, and all that a screen reader reads of a message with blocks.
// https://docs.slack.dev/block-kit#accessibility
import type { KnownBlock, RichTextBlock, RichTextElement } from "@slack/types";
import { fitting } from "./fitting.ts";
import { personMention } from "./mentions.ts";
import type { SlackMessage } from "./parts.ts";
import { escapeMrkdwn } from "./plain-text.ts";

/** Slack recommends 4,000 at the most. */
const LONGEST = 3_800;

/** `lead`: the point, in mrkdwn, for who reads no more than a line. `rest`: the blocks that say more than it. */
export function spoken(lead: string, blocks: KnownBlock[], rest: KnownBlock[] = blocks): SlackMessage {
  const lines = rest.flatMap(linesOf).map((line) => line.replace(/\s+/g, " ").trim());
  const all = [lead, ...lines.filter(Boolean)];
  // Whole lines, so that no token is cut.
  const shown = fitting(all, LONGEST);
  return { text: [...shown, ...(shown.length < all.length ? ["…"] : [])].join("\n"), blocks };
}

function linesOf(block: KnownBlock): string[] {
  switch (block.type) {
    case "header":
      return [escapeMrkdwn(block.text.text)];
    case "section":
      return block.text ? [block.text.text] : [];
    case "context":
      return block.elements.flatMap((each) => ("text" in each ? [escapeMrkdwn(each.text)] : []));
    case "rich_text":
      return block.elements.flatMap(richLines);
    default:
      return [];
  }
}

function richLines(element: RichTextBlock["elements"][number]): string[] {
  if (element.type === "rich_text_list") return element.elements.flatMap(richLines);
  // What people wrote is never put where Slack parses.
  return element.type === "rich_text_quote" ? [] : [element.elements.map(inline).join("")];
}

function inline(element: RichTextElement): string {
  switch (element.type) {
    case "text":
      return escapeMrkdwn(element.text);
    case "link":
      return escapeMrkdwn(element.text ?? element.url);
    case "user":
      return personMention(element.user_id);
    case "date":
      return `<!date^${element.timestamp}^${element.format}|${element.fallback}>`;
    default:
      return "";
  }
}
