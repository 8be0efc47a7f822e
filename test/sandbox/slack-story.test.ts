// The whole life of a request, through the real Bolt: command, modal, suggestion, submission, message, click, update.
import type { App } from "@slack/bolt";
import { expect, test } from "vitest";
import { startBench, startBolt, until } from "./slack-bench.ts";

const FORM = {
  type: "modal" as const,
  callback_id: "expose",
  title: { type: "plain_text" as const, text: "Expose a service" },
  submit: { type: "plain_text" as const, text: "Request" },
  blocks: [
    {
      type: "input" as const,
      block_id: "svc",
      label: { type: "plain_text" as const, text: "Service" },
      element: { type: "external_select" as const, action_id: "svc", min_query_length: 0 },
    },
    {
      type: "input" as const,
      block_id: "why",
      label: { type: "plain_text" as const, text: "Reason" },
      element: { type: "plain_text_input" as const, action_id: "why", max_length: 50 },
    },
  ],
};

function registerStory(app: App): void {
  app.command("/expose", async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: FORM });
  });
  app.options("svc", async ({ ack, payload }) => {
    const names = ["api", "billing"].filter((name) => name.includes(payload.value));
    await ack({ options: names.map((name) => ({ text: { type: "plain_text", text: name }, value: name })) });
  });
  app.view("expose", async ({ ack, body, view, client }) => {
    const why = view.state.values.why?.why?.value ?? "";
    const service = view.state.values.svc?.svc?.selected_option?.value;
    if (why === "because") {
      await ack({ response_action: "errors", errors: { why: "Say a little more" } });
      return;
    }
    await ack();
    await client.chat.postMessage({
      channel: "C0OPS",
      text: `<@${body.user.id}> asks for ${service}`,
      blocks: [
        { type: "section", text: { type: "mrkdwn", text: `*${service}*: ${why}` } },
        {
          type: "actions",
          elements: [
            {
              type: "button",
              action_id: "approve",
              text: { type: "plain_text", text: "Approve" },
              value: "req-1",
            },
          ],
        },
      ],
    });
  });
  app.action("approve", async ({ ack, body, client, respond }) => {
    await ack();
    if (body.type !== "block_actions" || !body.message) throw new Error("no message");
    await client.chat.update({
      channel: "C0OPS",
      ts: body.message.ts,
      text: `approved by <@${body.user.id}>`,
    });
    await respond({ text: "Thank you", response_type: "ephemeral" });
  });
}

test("a request goes from the command to the approved card", async () => {
  const { slack } = await startBench();
  await startBolt(slack.apiUrl, registerStory);

  expect(await slack.command("U0ASHA", "C0OPS", "/expose", "")).toMatchObject({ outcome: "acked" });
  await until(() => slack.modals("U0ASHA").length === 1);
  const form = slack.modals("U0ASHA")[0]!;
  expect(form).toMatchObject({ callbackId: "expose", type: "modal", user: "U0ASHA" });

  const loaded = await slack.options("U0ASHA", form.id, "svc", "svc", "bill");
  expect(loaded).toMatchObject({ options: [{ value: "billing" }] });
  expect(slack.lastEnvelopes().at(-1)?.payload).toMatchObject({
    type: "block_suggestion",
    action_id: "svc",
    block_id: "svc",
    value: "bill",
    container: { type: "view", view_id: form.id },
  });

  const values = (why: string) => ({ svc: { svc: "billing" }, why: { why } });
  expect(await slack.submit("U0ASHA", form.id, values("because"))).toMatchObject({
    outcome: "acked",
    payload: { response_action: "errors" },
  });
  expect(slack.modals("U0ASHA")[0]?.errors).toEqual({ why: "Say a little more" });
  await slack.submit("U0ASHA", form.id, values("to show the demo"));
  expect(slack.modals("U0ASHA")).toEqual([]);

  await until(() => slack.messages("C0OPS").length === 1);
  const card = slack.messages("C0OPS")[0]!;
  expect(card.blocks[0]).toMatchObject({ text: { text: "*billing*: to show the demo" } });
  const click = await slack.act("U0LEE", { channel: "C0OPS", ts: card.ts }, { actionId: "approve" });
  expect(click).toMatchObject({ outcome: "acked" });

  await until(() => slack.messages("C0OPS", "U0LEE").length === 2);
  expect(slack.messages("C0OPS", "U0LEE")).toMatchObject([
    { text: "approved by <@U0LEE>", blocks: [], edited: true },
    { text: "Thank you", only: "U0LEE" },
  ]);
  expect(slack.messages("C0OPS", "U0ASHA")).toHaveLength(1);
  const again = slack.act("U0LEE", { channel: "C0OPS", ts: card.ts }, { actionId: "approve" });
  await expect(again).rejects.toThrow("no element approve here now");
});
