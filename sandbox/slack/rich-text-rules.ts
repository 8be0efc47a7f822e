// The inside of rich text: lists, quotes and code, and the pieces they are made of.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
import { ID } from "./element-rules.ts";
import { list, oneOf, shape, text, truth, typed, whole } from "./rules.ts";

const MOST = 1000;
const STYLE = {
  style: shape({}, { bold: truth, code: truth, italic: truth, strike: truth, underline: truth }),
};

const PIECES = {
  text: shape({ text: text(3000) }, STYLE),
  link: shape({ url: text(3000) }, { ...STYLE, text: text(3000), unsafe: truth }),
  user: shape({ user_id: text(50) }, STYLE),
  usergroup: shape({ usergroup_id: text(50) }, STYLE),
  channel: shape({ channel_id: text(50) }, STYLE),
  team: shape({ team_id: text(50) }, STYLE),
  emoji: shape({ name: text(100) }, { ...STYLE, unicode: text(100), url: text(3000) }),
  broadcast: shape({ range: oneOf("here", "channel", "everyone") }, STYLE),
  color: shape({ value: text(20) }, STYLE),
  date: shape(
    { timestamp: whole(0, 9_999_999_999), format: text(200) },
    { ...STYLE, url: text(3000), fallback: text(300) },
  ),
};

const ANY_PIECE = typed(PIECES);
const SECTION = { rich_text_section: shape({ elements: list(ANY_PIECE, 0, MOST) }) };
const BORDER = { border: whole(0, 1) };

const PART = typed({
  ...SECTION,
  rich_text_list: shape(
    { elements: list(typed(SECTION), 0, MOST), style: oneOf("bullet", "ordered") },
    { ...BORDER, indent: whole(0, 8), offset: whole(0, MOST) },
  ),
  rich_text_quote: shape({ elements: list(ANY_PIECE, 0, MOST) }, BORDER),
  rich_text_preformatted: shape(
    { elements: list(typed({ text: PIECES.text, link: PIECES.link }), 0, MOST) },
    { ...BORDER, language: text(50) },
  ),
});

export const RICH_TEXT_BLOCK = shape({ elements: list(PART, 0, MOST) }, { block_id: ID });
