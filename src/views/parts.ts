// The few kinds of block that messages and forms are made of. Sentences of our own, with mentions and dates, are mrkdwn;
// whatever people or vendors wrote goes into plain or rich text, where nothing is parsed.
import type {
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  PlainTextElement,
  PlainTextOption,
  RichTextBlock,
  RichTextElement,
  RichTextSection,
  SectionBlock,
} from "@slack/types";
import { buttonValue } from "./ids.ts";
import { clip, clipEscaped, plain, plainLines } from "./plain-text.ts";
import { seconds, utcWords } from "./time-words.ts";

/** What a message needs: blocks for the eye, a text for notifications, search and screen readers. */
export type SlackMessage = { text: string; blocks: KnownBlock[] };

export function plainText(text: string, max: number): PlainTextElement {
  return { type: "plain_text", text: plain(text, max) || "-", emoji: false };
}

export function heading(text: string): HeaderBlock {
  return { type: "header", text: plainText(text, 150) };
}

/** Our own words only: mentions, dates and links that this folder made. */
export function sentence(ourWords: string): SectionBlock {
  return { type: "section", text: { type: "mrkdwn", text: clip(ourWords, 3000), verbatim: true } };
}

export function footnote(texts: string[], max = 300): ContextBlock {
  return { type: "context", elements: texts.slice(0, 10).map((text) => plainText(text, max)) };
}

export function rich(elements: RichTextBlock["elements"]): RichTextBlock {
  return { type: "rich_text", elements };
}

export function paragraph(...elements: RichTextElement[]): RichTextSection {
  return { type: "rich_text_section", elements };
}

export function bullets(items: RichTextElement[][]): RichTextBlock["elements"][number] {
  return { type: "rich_text_list", style: "bullet", elements: items.map((item) => paragraph(...item)) };
}

export function quote(text: string, max: number): RichTextBlock["elements"][number] {
  return {
    type: "rich_text_quote",
    elements: [{ type: "text", text: clipEscaped(plainLines(text, max), max) || "-" }],
  };
}

export function words(text: string, max = 300): RichTextElement {
  return { type: "text", text: clip(text, max) };
}

export function bold(text: string, max = 300): RichTextElement {
  return { type: "text", text: clip(text, max), style: { bold: true } };
}

/** Something to read letter by letter: a hostname, an id, an address. */
export function code(text: string, max: number): RichTextElement {
  return { type: "text", text: clipEscaped(plain(text, max), max) || "-", style: { code: true } };
}

export function person(slackId: string): RichTextElement {
  return /^[A-Z][A-Z0-9]+$/.test(slackId) ? { type: "user", user_id: slackId } : words("somebody");
}

export function link(hostname: string): RichTextElement {
  const host = hostname.toLowerCase().replace(/[^a-z0-9.-]/g, "");
  return {
    type: "link",
    url: `https://${host.slice(0, 100)}/`,
    text: `https://${plain(hostname, 100)}`,
  };
}

export function moment(date: Date): RichTextElement {
  return {
    type: "date",
    timestamp: seconds(date),
    format: "{date_short_pretty} {time}",
    fallback: utcWords(date),
  };
}

type ButtonLook = { style?: "primary" | "danger"; confirm?: Button["confirm"]; label?: string };

/** A button that carries the exposure and the plan that is shown beside it. */
export function button(
  text: string,
  actionId: string,
  exposure: { id: string; digest: string },
  look: ButtonLook = {},
): Button {
  return {
    type: "button",
    text: { type: "plain_text", text, emoji: false },
    action_id: actionId,
    value: buttonValue(exposure.id, exposure.digest),
    ...(look.style ? { style: look.style } : {}),
    ...(look.label ? { accessibility_label: plain(look.label, 75) } : {}),
    ...(look.confirm ? { confirm: look.confirm } : {}),
  };
}

export function option(text: string, value: string, description = ""): PlainTextOption {
  return {
    text: plainText(text, 75),
    value,
    ...(plain(description, 75) ? { description: plainText(description, 75) } : {}),
  };
}
