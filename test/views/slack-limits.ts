// Slack's limits, held against what the views make. The rules for single blocks are the sandbox's; what is stricter here
// is what we promise for ourselves.
import type { KnownBlock, ModalView } from "@slack/types";
import { checkMessageBlocks } from "../../sandbox/slack/message-rules.ts";
import { SlackRefusal } from "../../sandbox/slack/refusal.ts";
import { checkView } from "../../sandbox/slack/view-rules.ts";
import type { SlackMessage } from "../../src/views/parts.ts";

const MOST_BLOCKS = 49;
/** Slack refuses a message from about 13,200 characters of blocks. */
const MOST_CHARACTERS = 12_000;
const LONGEST_TEXT = 4000;

/** Every fault of a message, in words; empty for one that Slack takes. */
export function faultsOfMessage({ text, blocks }: SlackMessage): string[] {
  const size = JSON.stringify(blocks).length;
  return [
    ...refusals(() => checkMessageBlocks(blocks)),
    ...(blocks.length > MOST_BLOCKS ? [`${blocks.length} blocks`] : []),
    ...(size >= MOST_CHARACTERS ? [`${size} characters of blocks`] : []),
    ...(text.trim() === "" || text.length > LONGEST_TEXT ? [`a text of ${text.length} characters`] : []),
    ...emptyRichText(blocks),
  ];
}

export function faultsOfModal(view: ModalView): string[] {
  const fields = view.blocks.filter((block) => block.type === "input").length;
  return [
    ...refusals(() => checkView(view as unknown as Record<string, unknown>, "modal")),
    ...(fields > 7 ? [`${fields} fields`] : []),
    ...emptyRichText(view.blocks as KnownBlock[]),
  ];
}

function refusals(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return [`${error.code} ${JSON.stringify(error.details)}`];
  }
}

/** Slack refuses text elements of no characters; the sandbox's rules do not look so deep. */
function emptyRichText(blocks: KnownBlock[]): string[] {
  const rich = blocks.filter((block) => block.type === "rich_text");
  const empty = JSON.stringify(rich).match(/"type":"text","text":""|"elements":\[\]/g) ?? [];
  return empty.map((found) => `empty rich text: ${found}`);
}
