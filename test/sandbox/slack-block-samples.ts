// Small blocks to test with, and the complaints that a message or view of them meets.
import { checkMessageBlocks } from "../../sandbox/slack/message-rules.ts";
import { SlackRefusal } from "../../sandbox/slack/refusal.ts";
import { checkView } from "../../sandbox/slack/view-rules.ts";

export type Json = Record<string, unknown>;

export const plain = (text: string) => ({ type: "plain_text", text });
export const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
export const x = (length: number) => "x".repeat(length);
export const option = (value: string) => ({ text: plain(value), value });
export const options = (count: number) => Array.from({ length: count }, (_, index) => option(`o${index}`));
export const button = (more: Json = {}) => ({ type: "button", text: plain("Go"), ...more });
export const actions = (...elements: Json[]) => ({ type: "actions", elements });
export const section = (more: Json = {}) => ({ type: "section", text: mrkdwn("Hi"), ...more });
export const input = (element: Json, more: Json = {}) => ({
  type: "input",
  label: plain("L"),
  element,
  ...more,
});
export const richText = {
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "t" }] }],
};
export const task = { type: "task_card", task_id: "t1", title: "DNS", status: "complete" };
export const cell = { type: "raw_text", text: "cell" };

/** The complaints, without Slack's prefix. */
function complaints(check: () => unknown): string[] {
  try {
    check();
  } catch (fault) {
    if (!(fault instanceof SlackRefusal)) throw fault;
    const { messages = [fault.code] } = (fault.details.response_metadata ?? {}) as { messages?: string[] };
    return messages.map((message) => message.replace("[ERROR] ", ""));
  }
  return [];
}

export const inMessage = (...blocks: Json[]) => complaints(() => checkMessageBlocks(blocks));
export const viewWith = (type: "modal" | "home", blocks: Json[], more: Json = {}) =>
  complaints(() =>
    checkView(
      { type, ...(type === "modal" ? { title: plain("T"), submit: plain("S") } : {}), blocks, ...more },
      type,
    ),
  );
