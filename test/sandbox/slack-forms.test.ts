// What forms hold: state.values for every kind of element, initial values, and what a person cannot enter.
import type { BlockAction } from "@slack/bolt";
import { expect, test } from "vitest";
import { carriedOver, stateValues, unsendable } from "../../sandbox/slack/form-state.ts";
import { startBench, startBolt, until } from "./slack-bench.ts";

const plain = (text: string) => ({ type: "plain_text", text });
const option = (value: string) => ({ text: plain(value), value });
const options = [option("a"), option("b"), option("c")];
const around = {
  known: () => [option("far")],
  personExists: (id: string) => id.startsWith("U"),
  channelExists: (id: string) => id.startsWith("C"),
};

function input(element: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return {
    type: "input",
    block_id: "b",
    label: plain("Field"),
    element: { action_id: "x", ...element },
    ...more,
  };
}

const CASES: [
  element: Record<string, unknown>,
  entered: string | string[] | null,
  state: Record<string, unknown>,
][] = [
  [{ type: "plain_text_input" }, "hello", { value: "hello" }],
  [{ type: "plain_text_input", initial_value: "old" }, null, { value: null }],
  [{ type: "static_select", options }, "b", { selected_option: option("b") }],
  [
    { type: "static_select", option_groups: [{ label: plain("g"), options }] },
    "c",
    { selected_option: option("c") },
  ],
  [{ type: "external_select" }, "far", { selected_option: option("far") }],
  [{ type: "radio_buttons", options }, "a", { selected_option: option("a") }],
  [{ type: "multi_static_select", options }, ["a", "c"], { selected_options: [option("a"), option("c")] }],
  [{ type: "multi_external_select" }, ["far"], { selected_options: [option("far")] }],
  [{ type: "checkboxes", options }, [], { selected_options: [] }],
  [{ type: "users_select" }, "U1", { selected_user: "U1" }],
  [{ type: "multi_users_select" }, ["U1", "U2"], { selected_users: ["U1", "U2"] }],
  [{ type: "conversations_select" }, "C1", { selected_conversation: "C1" }],
  [{ type: "multi_conversations_select" }, ["C1"], { selected_conversations: ["C1"] }],
  [{ type: "channels_select" }, "C1", { selected_channel: "C1" }],
  [{ type: "multi_channels_select" }, ["C1"], { selected_channels: ["C1"] }],
  [{ type: "datepicker" }, "2026-11-30", { selected_date: "2026-11-30" }],
  [{ type: "timepicker" }, "09:30", { selected_time: "09:30" }],
  [{ type: "datetimepicker" }, "1795415845", { selected_date_time: 1_795_415_845 }],
];

test.each(CASES)("the state of %o", (element, entered, state) => {
  const values = stateValues([input(element)], { b: { x: entered } }, around);
  expect(values).toEqual({ b: { x: { type: element.type, ...state } } });
});

test("untouched fields hold their initial values", () => {
  const held = (element: Record<string, unknown>) => stateValues([input(element)], {}, around).b?.x;
  expect(held({ type: "plain_text_input", initial_value: "old" })).toMatchObject({ value: "old" });
  expect(held({ type: "plain_text_input" })).toMatchObject({ value: null });
  expect(held({ type: "static_select", options, initial_option: option("b") })).toMatchObject({
    selected_option: option("b"),
  });
  expect(held({ type: "checkboxes", options, initial_options: [option("a")] })).toMatchObject({
    selected_options: [option("a")],
  });
  expect(held({ type: "multi_users_select" })).toMatchObject({ selected_users: [] });
  expect(held({ type: "users_select", initial_user: "U9" })).toMatchObject({ selected_user: "U9" });
});

const IMPOSSIBLE: [element: Record<string, unknown>, entered: string | string[], why: string][] = [
  [{ type: "static_select", options }, "z", 'has no option "z"'],
  [{ type: "external_select" }, "near", "load its options first"],
  [{ type: "checkboxes", options }, ["a", "z"], 'has no option "z"'],
  [{ type: "multi_static_select", options, max_selected_items: 1 }, ["a", "b"], "at most 1"],
  [{ type: "users_select" }, "W1", "does not exist"],
  [{ type: "plain_text_input" }, ["a"], "takes one value"],
];

test.each(IMPOSSIBLE)("a person cannot enter into %o: %o", (element, entered, why) => {
  expect(() => stateValues([input(element)], { b: { x: entered } }, around)).toThrow(why);
});

test("a value for a field that is not there is refused by name", () => {
  const blocks = [input({ type: "plain_text_input" })];
  expect(() => stateValues(blocks, { b: { y: "1" } }, around)).toThrow("no field b/y here; there are: b/x");
});

test("the client keeps a form that is not filled in", () => {
  const faults = (block: Record<string, unknown>, x: string | string[] | null) =>
    unsendable([block], stateValues([block], { b: { x } }, around));
  expect(faults(input({ type: "plain_text_input" }), null)).toEqual(['"Field" must be filled in']);
  expect(faults(input({ type: "plain_text_input" }, { optional: true }), null)).toEqual([]);
  expect(faults(input({ type: "checkboxes", options }), [])).toEqual(['"Field" must be filled in']);
  expect(faults(input({ type: "plain_text_input", max_length: 3 }), "four")).toEqual([
    '"Field" takes at most 3 characters',
  ]);
  expect(faults(input({ type: "plain_text_input", min_length: 3 }), "no")).toEqual([
    '"Field" needs at least 3 characters',
  ]);
});

test("what was entered outlives an update with the same ids, and nothing else does", () => {
  const before = [input({ type: "static_select", options })];
  const values = stateValues(before, { b: { x: "b" } }, around);
  expect(carriedOver(before, [input({ type: "static_select", options })], values)).toEqual({ b: { x: "b" } });
  expect(carriedOver(before, [input({ type: "radio_buttons", options })], values)).toEqual({});
  const fewer = [input({ type: "static_select", options: [option("a")] })];
  expect(carriedOver(before, fewer, values)).toEqual({ b: { x: "b" } });
  expect(carriedOver(before, [{ ...before[0], block_id: "new" }], values)).toEqual({});
});

test("block_actions: a click carries its element's value, the message as it is now and the state around it", async () => {
  const { slack, client } = await startBench();
  const clicks: BlockAction[] = [];
  await startBolt(slack.apiUrl, (app) => {
    app.action(/.*/, async ({ ack, body }) => {
      clicks.push(body as BlockAction);
      await ack();
    });
  });
  const elements = [
    { type: "static_select", action_id: "hours", placeholder: plain("Hours"), options },
    { type: "overflow", action_id: "more", options },
    { type: "button", action_id: "go", text: plain("Go"), value: "v1", style: "primary" },
  ];
  const blocks = [{ type: "actions", block_id: "acts", elements }];
  const { ts } = await client.chat.postMessage({ channel: "C0OPS", text: "card", blocks: blocks as never });
  const target = { channel: "C0OPS", ts: ts! };
  await slack.act("U0LEE", target, { actionId: "hours", value: "b" });
  await slack.act("U0LEE", target, { actionId: "more", value: "c" });
  await slack.act("U0LEE", target, { actionId: "go", blockId: "acts" }, { acts: { hours: "b" } });
  await until(() => clicks.length === 3);
  expect(clicks.map((each) => each.actions[0])).toMatchObject([
    { type: "static_select", block_id: "acts", selected_option: option("b"), placeholder: plain("Hours") },
    { type: "overflow", selected_option: option("c") },
    { type: "button", value: "v1", text: plain("Go"), style: "primary" },
  ]);
  expect(clicks[0]?.state?.values).toMatchObject({ acts: { hours: { selected_option: option("b") } } });
  expect(clicks[2]).toMatchObject({
    container: { type: "message", message_ts: ts, channel_id: "C0OPS", is_ephemeral: false },
    message: { ts, text: "card", blocks },
    channel: { id: "C0OPS", name: "ops" },
    state: { values: { acts: { hours: { selected_option: option("b") } } } },
    user: { id: "U0LEE", team_id: "T0HARBOR" },
  });
});

test("a person cannot press what is not there for them", async () => {
  const { slack, client } = await startBench();
  const blocks = [
    { type: "actions", elements: [{ type: "button", action_id: "go", text: plain("Go"), value: "v1" }] },
  ];
  const { ts } = await client.chat.postMessage({ channel: "G0CREW", text: "card", blocks: blocks as never });
  const press = (user: string, value?: string) =>
    slack.act(user, { channel: "G0CREW", ts: ts! }, { actionId: "go", value });
  await expect(press("U0ASHA")).rejects.toThrow("does not see channel");
  await expect(press("U0LEE", "other")).rejects.toThrow("value cannot be chosen");
  slack.setPerson("U0LEE", { deleted: true });
  await expect(press("U0LEE")).rejects.toThrow("deactivated");
  slack.setPerson("U0LEE", { deleted: false });
  slack.deleteMessage("G0CREW", ts!);
  await expect(press("U0LEE")).rejects.toThrow("sees no message");
  expect(slack.lastEnvelopes()).toEqual([]);
});
