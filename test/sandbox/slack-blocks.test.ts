// What Slack accepts: every kind of block and element, on the surfaces that take it.
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
  richText,
  section,
  task,
  viewWith,
  x,
} from "./slack-block-samples.ts";

const EVERYWHERE: Json[] = [
  { type: "header", text: plain(x(150)) },
  section({ text: mrkdwn(x(3000)) }),
  { type: "section", fields: Array(10).fill(mrkdwn(x(100))) },
  section({ accessory: button({ value: x(2000), action_id: x(255) }) }),
  section({ accessory: { type: "overflow", action_id: "o", options: options(5) } }),
  section({ accessory: { type: "image", image_url: "https://harbor.example/i.png", alt_text: "i" } }),
  {
    type: "context",
    elements: [mrkdwn("m"), plain("p"), { type: "image", image_url: "https://a.example/i", alt_text: "i" }],
  },
  actions(
    button({
      style: "danger",
      confirm: { title: plain("t"), text: mrkdwn("m"), confirm: plain("y"), deny: plain("n") },
    }),
  ),
  actions(
    { type: "static_select", action_id: "s", options: options(100) },
    { type: "users_select", action_id: "u" },
  ),
  actions({ type: "datepicker", initial_date: "2026-11-30" }, { type: "timepicker", initial_time: "23:59" }),
  actions({ type: "radio_buttons", options: options(10), initial_option: option("o3") }),
  { type: "divider" },
  richText,
  { type: "image", image_url: "https://harbor.example/i.png", alt_text: "i", title: plain("t") },
  { type: "card", title: mrkdwn("t"), body: mrkdwn(x(200)), actions: [button(), button({ value: "b" })] },
];

test.each(EVERYWHERE)("everywhere: %o", (block) => {
  expect(inMessage(block)).toEqual([]);
  expect(viewWith("modal", [block])).toEqual([]);
  expect(viewWith("home", [block])).toEqual([]);
});

const INPUTS: Json[] = [
  { type: "plain_text_input", action_id: "p", multiline: true, max_length: 3000, placeholder: plain("p") },
  { type: "external_select", action_id: "e", min_query_length: 0, placeholder: plain("p") },
  { type: "multi_external_select", action_id: "e", min_query_length: 0, max_selected_items: 3 },
  { type: "multi_static_select", option_groups: [{ label: plain("g"), options: options(2) }] },
  { type: "multi_users_select", initial_users: ["U0ASHA"] },
  { type: "conversations_select", filter: { include: ["public"] }, response_url_enabled: true },
  { type: "channels_select", initial_channel: "C0OPS" },
  { type: "checkboxes", options: options(10), initial_options: [option("o1")] },
];

test.each(INPUTS)("an input for %o, in modals and Home only", (element) => {
  const block = input(element, { hint: plain("h"), optional: true, dispatch_action: true });
  expect(viewWith("modal", [block])).toEqual([]);
  expect(viewWith("home", [block])).toEqual([]);
  expect(inMessage(block)).toEqual(["unsupported type: input [json-pointer:/blocks/0/type]"]);
});

const SURFACES: [block: Json, on: ("message" | "modal" | "home")[]][] = [
  [{ type: "alert", text: mrkdwn(x(200)), level: "warning" }, ["modal"]],
  [{ type: "markdown", text: "**bold**" }, ["message"]],
  [task, ["message"]],
  [{ type: "plan", title: "Opening", tasks: [task] }, ["message"]],
  [{ type: "table", rows: [[cell, cell]], column_settings: [{ align: "right" }] }, ["message", "home"]],
  [{ type: "carousel", elements: [{ type: "card", title: mrkdwn("t") }] }, ["message", "home"]],
  [{ type: "container", title: plain("t"), child_blocks: [section()] }, ["message", "home"]],
];

test.each(SURFACES)("%o stands on its surfaces only", (block, on) => {
  const refused = {
    message: inMessage(block),
    modal: viewWith("modal", [block]),
    home: viewWith("home", [block]),
  };
  for (const surface of ["message", "modal", "home"] as const) {
    const at = surface === "message" ? "/blocks/0/type" : "/view/blocks/0/type";
    const expected = on.includes(surface) ? [] : [`unsupported type: ${block.type} [json-pointer:${at}]`];
    expect(refused[surface]).toEqual(expected);
  }
});
