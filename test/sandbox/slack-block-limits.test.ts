// What Slack refuses: each limit of blocks and views, with its complaint.
import { expect, test } from "vitest";
import {
  actions,
  button,
  cell,
  inMessage,
  input,
  type Json,
  mrkdwn,
  option,
  options,
  plain,
  section,
  task,
  viewWith,
  x,
} from "./slack-block-samples.ts";

const BROKEN: [block: Json, complaint: string][] = [
  [
    { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "user" }] }] },
    "missing required field: user_id [json-pointer:/blocks/0/elements/0/elements/0]",
  ],
  [{ type: "hologram" }, "unsupported type: hologram [json-pointer:/blocks/0/type]"],
  [{ type: "toString" }, "unsupported type: toString [json-pointer:/blocks/0/type]"],
  [{}, "missing required field: type [json-pointer:/blocks/0]"],
  [{ type: "header", text: mrkdwn("m") }, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"],
  [
    { type: "header", text: plain(x(151)) },
    "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
  ],
  [section({ text: mrkdwn("") }), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"],
  [
    section({ text: mrkdwn(x(3001)) }),
    "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
  ],
  [
    section({ fields: Array(11).fill(mrkdwn("f")) }),
    "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
  ],
  [
    section({ fields: [mrkdwn(x(2001))] }),
    "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
  ],
  [{ type: "section" }, "must define either `text` or `fields` [json-pointer:/blocks/0]"],
  [section({ colour: "red" }), "invalid additional property: colour [json-pointer:/blocks/0]"],
  [section({ block_id: x(256) }), "must be less than 256 characters [json-pointer:/blocks/0/block_id]"],
  [section({ accessory: input({}) }), "unsupported type: input [json-pointer:/blocks/0/accessory/type]"],
  [
    { type: "context", elements: Array(11).fill(plain("p")) },
    "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
  ],
  [
    { type: "context", elements: [button()] },
    "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
  ],
  [actions(), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"],
  [actions(...Array(26).fill(button())), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"],
  [
    actions(button({ text: plain(x(76)) })),
    "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
  ],
  [
    actions(button({ text: mrkdwn("m") })),
    "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]",
  ],
  [
    actions(button({ value: x(2001) })),
    "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
  ],
  [
    actions(button({ style: "success" })),
    "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
  ],
  [actions(button({ url: "javascript:0" })), "must be a valid url [json-pointer:/blocks/0/elements/0/url]"],
  [
    actions(button({ action_id: x(256) })),
    "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
  ],
  [
    actions(button({ action_id: "a" }), button({ action_id: "a" })),
    '`action_id` "a" already exists in this block [json-pointer:/blocks/0/elements/1]',
  ],
  [
    actions(button({ confirm: { text: plain(x(301)) } })),
    "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
  ],
  [
    actions({ type: "plain_text_input" }),
    "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
  ],
  [
    actions({ type: "static_select", options: [] }),
    "no fewer than 1 items allowed [json-pointer:/blocks/0/elements/0/options]",
  ],
  [
    actions({ type: "static_select", options: options(101) }),
    "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
  ],
  [
    actions({ type: "static_select" }),
    "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]",
  ],
  [
    actions({ type: "static_select", options: options(1), initial_option: option("z") }),
    "initial options must exactly match the provided options [json-pointer:/blocks/0/elements/0]",
  ],
  [
    actions({ type: "static_select", options: [{ text: plain(x(76)), value: "v" }] }),
    "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
  ],
  [
    actions({ type: "static_select", options: [{ text: plain("t"), value: x(151) }] }),
    "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
  ],
  [
    actions({ type: "overflow", options: options(6) }),
    "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
  ],
  [
    actions({ type: "checkboxes", options: options(11) }),
    "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]",
  ],
  [
    actions({ type: "datepicker", initial_date: "tomorrow" }),
    "must be a valid date [json-pointer:/blocks/0/elements/0/initial_date]",
  ],
  [
    actions({ type: "timepicker", initial_time: "24:00" }),
    "must be a valid time [json-pointer:/blocks/0/elements/0/initial_time]",
  ],
  [
    { type: "image", alt_text: "a" },
    "must define either `image_url` or `slack_file` [json-pointer:/blocks/0]",
  ],
  [
    { type: "card", title: mrkdwn(x(151)) },
    "must be less than 151 characters [json-pointer:/blocks/0/title/text]",
  ],
  [
    { type: "card", title: mrkdwn("t"), actions: Array(4).fill(button()) },
    "no more than 3 items allowed [json-pointer:/blocks/0/actions]",
  ],
  [
    { type: "card" },
    "must define at least one of `hero_image`, `title`, `actions` or `body` [json-pointer:/blocks/0]",
  ],
  [
    { ...task, status: "done" },
    "must be one of: pending, in_progress, complete, error [json-pointer:/blocks/0/status]",
  ],
  [
    { type: "table", rows: Array(101).fill([cell]) },
    "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
  ],
  [
    { type: "table", rows: [Array(21).fill(cell)] },
    "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
  ],
  [
    { type: "table", rows: Array(6).fill([{ type: "raw_text", text: x(2000) }]) },
    "table must be less than 10001 characters [json-pointer:/blocks]",
  ],
];

test.each(BROKEN)("refused: %o", (block, complaint) => {
  expect(inMessage(block)).toEqual([complaint]);
});

test("a message takes 50 blocks, a view 100, and block ids do not repeat in either", () => {
  const divider = { type: "divider" };
  expect(inMessage(...Array(50).fill(divider))).toEqual([]);
  expect(inMessage(...Array(51).fill(divider))).toEqual([
    "no more than 50 items allowed [json-pointer:/blocks]",
  ]);
  expect(viewWith("modal", Array(100).fill(divider))).toEqual([]);
  expect(viewWith("home", Array(101).fill(divider))).toEqual([
    "no more than 100 items allowed [json-pointer:/view/blocks]",
  ]);
  const twice = [section({ block_id: "b" }), section({ block_id: "b" })];
  expect(inMessage(...twice)).toEqual(['`block_id` "b" already exists [json-pointer:/blocks/1/block_id]']);
  expect(viewWith("home", twice)).toEqual([
    '`block_id` "b" already exists [json-pointer:/view/blocks/1/block_id]',
  ]);
  const table = { type: "table", rows: [[cell]] };
  expect(inMessage(table, table)).toEqual(["only one table allowed per message [json-pointer:/blocks]"]);
});

test("a modal's own limits", () => {
  const modal = (more: Json, blocks: Json[] = [section()]) => viewWith("modal", blocks, more);
  expect(
    modal({ private_metadata: x(3000), callback_id: x(255), close: plain("C"), notify_on_close: true }),
  ).toEqual([]);
  expect(modal({ private_metadata: x(3001) })).toEqual([
    "must be less than 3001 characters [json-pointer:/view/private_metadata]",
  ]);
  expect(modal({ callback_id: x(256) })).toEqual([
    "must be less than 256 characters [json-pointer:/view/callback_id]",
  ]);
  expect(modal({ title: plain(x(25)) })).toEqual([
    "must be less than 25 characters [json-pointer:/view/title/text]",
  ]);
  expect(modal({ submit: plain(x(25)) })).toEqual([
    "must be less than 25 characters [json-pointer:/view/submit/text]",
  ]);
  expect(modal({ title: undefined })).toEqual(["missing required field: title [json-pointer:/view]"]);
  const needsSubmit = modal({ submit: undefined }, [input({ type: "plain_text_input" })]);
  expect(needsSubmit).toContain("missing required field: submit [json-pointer:/view]");
  const focused = input({ type: "plain_text_input", focus_on_load: true });
  expect(modal({}, [focused, focused])).toEqual([
    "only one element can set focus_on_load [json-pointer:/view/blocks]",
  ]);
});
