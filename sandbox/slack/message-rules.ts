// What a message's blocks must satisfy, and the codes that Slack refuses them with.
import { blocksRule } from "./block-list-rules.ts";
import { refuse, refuseWithMessages } from "./refusal.ts";
import { inspect } from "./rules.ts";
import type { Json } from "./workspace.ts";

const RULE = blocksRule(50);
/** Undocumented; seen from about 13,200 characters. https://github.com/slackapi/bolt-js/issues/2509 */
const LONGEST_BLOCKS = 13_200;

export function checkMessageBlocks(blocks: unknown): Json[] {
  if (!Array.isArray(blocks)) refuse("invalid_blocks_format");
  const complaints = inspect(RULE, blocks, "/blocks", "message");
  if (complaints.length > 0) refuseWithMessages("invalid_blocks", complaints);
  if (JSON.stringify(blocks).length > LONGEST_BLOCKS) refuse("msg_blocks_too_long");
  return blocks as Json[];
}
