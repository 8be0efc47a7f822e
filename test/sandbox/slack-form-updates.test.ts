// A form whose view is updated while a person fills it in, and elements that report each change.
import type { BlockAction, ViewOutput } from "@slack/bolt";
import { expect, test } from "vitest";
import { startBench, startBolt, until } from "./slack-bench.ts";

const plain = (text: string) => ({ type: "plain_text" as const, text });
const option = (value: string) => ({ text: plain(value), value });

function form(reasonBlock: string, initialReason?: string) {
  const service = { type: "external_select" as const, action_id: "svc", min_query_length: 0 };
  const reason = { type: "plain_text_input" as const, action_id: "why", initial_value: initialReason };
  return {
    type: "modal" as const,
    callback_id: "form",
    title: plain("Form"),
    submit: plain("Send"),
    blocks: [
      {
        type: "input" as const,
        block_id: "svc",
        dispatch_action: true,
        label: plain("Service"),
        element: service,
      },
      { type: "input" as const, block_id: reasonBlock, label: plain("Why"), element: reason },
    ],
  };
}

function lengthForm(block: string, lengths: string[]) {
  const [first = ""] = lengths;
  const length = {
    type: "static_select" as const,
    action_id: "length",
    options: lengths.map(option),
    initial_option: option(first),
  };
  const field = { type: "input" as const, block_id: block, label: plain("Length"), element: length };
  return { ...form("why"), blocks: [field] };
}

async function withForm() {
  const bench = await startBench();
  const clicks: BlockAction[] = [];
  const sent: ViewOutput["state"]["values"][] = [];
  await startBolt(bench.slack.apiUrl, (app) => {
    app.command("/go", async ({ ack, body, client }) => {
      await client.views.open({ trigger_id: body.trigger_id, view: form("why") });
      await ack();
    });
    app.options("svc", async ({ ack }) => ack({ options: [option("api"), option("billing")] }));
    app.action("svc", async ({ ack, body }) => {
      clicks.push(body as BlockAction);
      await ack();
    });
    app.view("form", async ({ ack, view }) => {
      sent.push(view.state.values);
      await ack();
    });
  });
  await bench.slack.command("U0ASHA", "C0OPS", "/go", "");
  const { id } = bench.slack.modals("U0ASHA")[0]!;
  const values = () => {
    const { state } = bench.slack.modals("U0ASHA")[0]!.view as { state: { values: Record<string, unknown> } };
    return state.values;
  };
  return { ...bench, clicks, sent, id, values };
}

test("a changed field is reported at once where its input asks for it, with the whole form's state", async () => {
  const { slack, clicks, id } = await withForm();
  const pick = (value: string) =>
    slack.act("U0ASHA", { viewId: id }, { actionId: "svc", value }, { why: { why: "demo" } });
  await expect(pick("api")).rejects.toThrow("load its options first");
  await slack.options("U0ASHA", id, "svc", "svc", "");
  await pick("api");
  await until(() => clicks.length === 1);
  expect(clicks[0]).toMatchObject({
    container: { type: "view", view_id: id },
    actions: [{ type: "external_select", action_id: "svc", selected_option: option("api") }],
    view: {
      id,
      state: {
        values: { svc: { svc: { selected_option: option("api") } }, why: { why: { value: "demo" } } },
      },
    },
  });
  const silent = slack.act("U0ASHA", { viewId: id }, { actionId: "why", value: "x" });
  await expect(silent).rejects.toThrow("no dispatch_action");
});

test("views.update keeps what was entered under the same ids, even against a new initial value", async () => {
  const { slack, client, id, values } = await withForm();
  await slack.options("U0ASHA", id, "svc", "svc", "");
  await slack.act("U0ASHA", { viewId: id }, { actionId: "svc", value: "billing" }, { why: { why: "demo" } });
  await client.views.update({ view_id: id, view: form("why", "prefilled") });
  expect(values()).toMatchObject({
    svc: { svc: { selected_option: option("billing") } },
    why: { why: { value: "demo" } },
  });
  await client.views.update({ view_id: id, view: form("why-2", "prefilled") });
  expect(values()).toMatchObject({ svc: { svc: { selected_option: option("billing") } } });
  expect(values()["why-2"]).toMatchObject({ why: { value: "prefilled" } });
});

test("views.update keeps a choice under the same ids though it is offered no more, and that is what is sent", async () => {
  const { slack, client, id, sent, values } = await withForm();
  await client.views.update({ view_id: id, view: lengthForm("length", ["30", "60"]) });
  await client.views.update({ view_id: id, view: lengthForm("length", ["60", "240"]) });
  expect(values()).toMatchObject({ length: { length: { selected_option: option("30") } } });
  await client.views.update({ view_id: id, view: lengthForm("length.1", ["60", "240"]) });
  expect(values()).toMatchObject({ "length.1": { length: { selected_option: option("60") } } });
  await client.views.update({ view_id: id, view: lengthForm("length.1", ["240"]) });
  const sending = (value: string) => slack.submit("U0ASHA", id, { "length.1": { length: value } });
  await expect(sending("90")).rejects.toThrow('has no option "90"');
  await sending("60");
  expect(sent).toMatchObject([{ "length.1": { length: { selected_option: option("60") } } }]);
});
