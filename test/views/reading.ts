// Reads messages and modals as people do: their buttons, their words, and which of their text Slack would parse.
import type { Button, InputBlock, ModalView } from "@slack/types";

type Shown = { blocks: readonly unknown[] };
type Thing = Record<string, unknown>;

export function buttonsOf(shown: Shown): string[] {
  return buttons(shown).map((button) => button.text.text);
}

export function buttons(shown: Shown): Button[] {
  return things(shown.blocks).filter((thing) => thing.type === "button") as unknown as Button[];
}

/** What a person fills in. */
export function fieldsOf(view: ModalView): InputBlock[] {
  return view.blocks.filter((block): block is InputBlock => block.type === "input");
}

/** Everything there is to read, tokens as they are. */
export function wordsOf(shown: Shown): string {
  const read = (thing: Thing) => {
    if (thing.type === "user") return `<@${thing.user_id}>`;
    if (thing.type === "date") return `{${thing.timestamp}}`;
    return typeof thing.text === "string" ? thing.text : "";
  };
  return things(shown.blocks)
    .map(read)
    .filter(Boolean)
    .join(" ")
    .replace(/\s+/g, " ")
    .replace(/ ([,:.)])/g, "$1");
}

/** Every text that Slack parses for mentions, links and emphasis. */
export function parsedText(shown: Shown): string[] {
  return things(shown.blocks)
    .filter((thing) => thing.type === "mrkdwn" || thing.type === "markdown")
    .map((thing) => String(thing.text));
}

export function things(value: unknown): Thing[] {
  if (Array.isArray(value)) return value.flatMap(things);
  if (typeof value !== "object" || value === null) return [];
  return [value as Thing, ...Object.values(value).flatMap(things)];
}
