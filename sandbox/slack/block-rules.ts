// Slack's limits for blocks: where each may stand, how many parts it takes, how long its texts are.
// https://docs.slack.dev/reference/block-kit/blocks
import { anyText, elements, ID, IMAGE_ELEMENT, mrkdwn, plain } from "./element-rules.ts";
import { isObject, listOf } from "./elements.ts";
import { RICH_TEXT_BLOCK } from "./rich-text-rules.ts";
import { all, anything, list, oneOf, type Rule, shape, text, truth, typed, when } from "./rules.ts";

const SELECTS = ["static", "external", "users", "conversations", "channels"];
const PICKERS = [
  ...SELECTS.map((kind) => `${kind}_select`),
  ...SELECTS.map((kind) => `multi_${kind}_select`),
];
const CHOICES = ["radio_buttons", "checkboxes", "datepicker", "timepicker"];
const ACTION_ELEMENTS = ["button", "overflow", "datetimepicker", "rich_text_input", ...PICKERS, ...CHOICES];
const ACCESSORIES = ["button", "overflow", "image", ...PICKERS, ...CHOICES];
const TEXT_INPUTS = [
  "plain_text_input",
  "email_text_input",
  "url_text_input",
  "number_input",
  "rich_text_input",
];

const RICH_TEXT = typed({ rich_text: RICH_TEXT_BLOCK });
const CELL = typed({
  rich_text: RICH_TEXT_BLOCK,
  raw_text: shape({ text: text(3000) }),
  raw_number: shape({ value: anything }, { text: text(3000) }),
});
const IMAGE = typed({ image: IMAGE_ELEMENT });
const STATUS = oneOf("pending", "in_progress", "complete", "error");
const SOURCE = typed({ url: shape({ url: text(3000), text: text(3000) }) });

const taskCard = shape(
  { task_id: text(255), title: text(3000), status: STATUS },
  { block_id: ID, details: RICH_TEXT, output: RICH_TEXT, sources: list(SOURCE, 0, 100) },
);
const card = shape(
  {},
  {
    block_id: ID,
    hero_image: IMAGE,
    icon: IMAGE,
    title: mrkdwn(150),
    subtitle: mrkdwn(150),
    body: mrkdwn(200),
    actions: list(elements("button"), 1, 3),
  },
);

const BLOCKS: Record<string, Rule> = {
  header: shape({ text: plain(150) }, { block_id: ID }),
  section: all(
    shape(
      {},
      {
        block_id: ID,
        text: anyText(3000),
        fields: list(anyText(2000), 1, 10),
        accessory: elements(...ACCESSORIES),
        expand: truth,
      },
    ),
    when(
      (value) => value.text === undefined && value.fields === undefined,
      "must define either `text` or `fields`",
    ),
  ),
  context: shape(
    {
      elements: list(
        typed({ image: IMAGE_ELEMENT, plain_text: anyText(3000), mrkdwn: anyText(3000) }),
        1,
        10,
      ),
    },
    { block_id: ID },
  ),
  actions: all(
    shape({ elements: list(elements(...ACTION_ELEMENTS), 1, 25) }, { block_id: ID }),
    uniqueActionIds,
  ),
  context_actions: all(
    shape({ elements: list(elements("icon_button", "feedback_buttons"), 1, 5) }, { block_id: ID }),
    uniqueActionIds,
  ),
  divider: shape({}, { block_id: ID }),
  input: shape(
    { label: plain(2000), element: elements(...TEXT_INPUTS, ...PICKERS, ...CHOICES, "datetimepicker") },
    { block_id: ID, hint: plain(2000), optional: truth, dispatch_action: truth },
  ),
  rich_text: RICH_TEXT_BLOCK,
  image: all(
    shape(
      { alt_text: text(2000) },
      { block_id: ID, title: plain(2000), image_url: text(3000), slack_file: anything },
    ),
    when(
      (value) => (value.image_url === undefined) === (value.slack_file === undefined),
      "must define either `image_url` or `slack_file`",
    ),
  ),
  markdown: shape({ text: text(12_000) }, { block_id: ID }),
  alert: shape(
    { text: anyText(200) },
    { block_id: ID, level: oneOf("default", "info", "warning", "error", "success") },
  ),
  card: all(
    card,
    uniqueActionIds,
    when(
      (value) =>
        [value.title, value.body, value.hero_image, value.actions].every((each) => each === undefined),
      "must define at least one of `hero_image`, `title`, `actions` or `body`",
    ),
  ),
  carousel: shape({ elements: list(typed({ card }), 1, 10) }, { block_id: ID }),
  task_card: taskCard,
  plan: shape({ title: text(3000) }, { block_id: ID, tasks: list(typed({ task_card: taskCard }), 0, 50) }),
  table: shape(
    { rows: list(list(CELL, 1, 20), 1, 100) },
    {
      block_id: ID,
      column_settings: list(shape({}, { align: oneOf("left", "center", "right"), is_wrapped: truth }), 0, 20),
    },
  ),
  file: shape({ external_id: ID, source: oneOf("remote") }, { block_id: ID }),
  container: containerRule,
};

export const ANY_BLOCK = typed(BLOCKS);

const CONTAINED = [
  "actions",
  "context",
  "divider",
  "file",
  "header",
  "image",
  "input",
  "rich_text",
  "section",
  "table",
];

function containerRule(value: unknown, at: string, on: Parameters<Rule>[2]): void {
  const children = typed(Object.fromEntries(CONTAINED.map((type) => [type, BLOCKS[type]!])));
  const rule = shape(
    { child_blocks: list(children, 1, 10) },
    {
      block_id: ID,
      title: plain(150),
      rich_text_title: RICH_TEXT,
      subtitle: anyText(150),
      width: oneOf("narrow", "standard", "wide", "full"),
      icon: IMAGE,
      is_collapsible: truth,
      default_collapsed: truth,
      has_header_divider: truth,
    },
  );
  rule(value, at, on);
}

function uniqueActionIds(value: unknown, at: string, on: Parameters<Rule>[2]): void {
  if (!isObject(value)) return;
  const seen = new Set<unknown>();
  for (const [index, element] of [...listOf(value.elements), ...listOf(value.actions)].entries()) {
    const { action_id: id } = element;
    const where = `${at}/${value.type === "card" ? "actions" : "elements"}/${index}`;
    if (id !== undefined && seen.has(id))
      on.complain(`\`action_id\` "${id}" already exists in this block`, where);
    seen.add(id);
  }
}
