// views.* and what people do with modals and the Home tab, through the real Bolt and WebClient.
import type { App, ViewClosedAction, ViewOutput } from "@slack/bolt";
import { expect, test } from "vitest";
import { createTriggers } from "../../sandbox/slack/triggers.ts";
import { refusalOf, startBench, startBolt, until } from "./slack-bench.ts";

const plain = (text: string) => ({ type: "plain_text" as const, text });

function modal(title: string, more: Record<string, unknown> = {}) {
  const blocks = [{ type: "section" as const, block_id: "note", text: plain("Hello") }];
  return {
    type: "modal" as const,
    callback_id: "form",
    title: plain(title),
    submit: plain("Send"),
    blocks,
    ...more,
  };
}

/** A bot whose command and shortcut only remember the trigger. */
async function withTriggers(register: (app: App) => void = () => undefined) {
  const bench = await startBench();
  const triggers: string[] = [];
  await startBolt(
    bench.slack.apiUrl,
    (app) => {
      app.command("/go", async ({ ack, body }) => {
        triggers.push(body.trigger_id);
        await ack();
      });
      app.action("next", async ({ ack, body }) => {
        if (body.type === "block_actions") triggers.push(body.trigger_id);
        await ack();
      });
      register(app);
    },
    300,
  );
  const trigger = async (user = "U0ASHA") => {
    await bench.slack.command(user, "C0OPS", "/go", "");
    return triggers.at(-1)!;
  };
  return { ...bench, trigger, triggers };
}

test("views.open needs a trigger that is known, fresh and unused", async () => {
  const { slack, client, trigger } = await withTriggers();
  const trigger_id = await trigger();
  const { view } = await client.views.open({ trigger_id, view: modal("One") });
  expect(view).toMatchObject({
    type: "modal",
    root_view_id: view!.id,
    previous_view_id: null,
    app_id: "A0DRAWBRIDGE",
  });
  expect(slack.modals("U0ASHA").map((each) => each.id)).toEqual([view!.id]);
  const open = (id: string) => client.views.open({ trigger_id: id, view: modal("Two") });
  expect(await refusalOf(open(trigger_id))).toMatchObject({ error: "exchanged_trigger_id" });
  expect(await refusalOf(open("1.2.abc"))).toMatchObject({ error: "invalid_trigger_id" });
  const late = await trigger();
  await new Promise((resolve) => setTimeout(resolve, 3_050));
  expect(await refusalOf(open(late))).toMatchObject({ error: "expired_trigger_id" });
});

test("a trigger lives three seconds to the end", () => {
  let now = 1_000;
  const triggers = createTriggers(() => now);
  const [first, second] = [triggers.issue({ user: "U0ASHA" }), triggers.issue({ user: "U0ASHA" })];
  now += 3_000;
  expect(triggers.exchange(first)).toEqual({ user: "U0ASHA" });
  now += 1;
  expect(triggers.exchange(second)).toBe("expired_trigger_id");
});

test("a broken view is refused with pointers, and its trigger is not spent", async () => {
  const { client, trigger } = await withTriggers();
  const trigger_id = await trigger();
  const open = (view: ReturnType<typeof modal>) => client.views.open({ trigger_id, view });
  expect(await refusalOf(open(modal("x".repeat(25))))).toMatchObject({
    error: "invalid_arguments",
    response_metadata: {
      messages: ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"],
    },
  });
  const text = "x".repeat(2_900);
  const blocks = Array.from({ length: 90 }, () => ({ type: "section", text: plain(text) }));
  expect(await refusalOf(open(modal("Large", { blocks })))).toMatchObject({ error: "view_too_large" });
  expect(await open(modal("Fine"))).toMatchObject({ ok: true });
});

test("views.update finds a view by id or external id and respects its hash", async () => {
  const { slack, client, trigger } = await withTriggers();
  const { view } = await client.views.open({
    trigger_id: await trigger(),
    view: modal("One", { external_id: "e-1" }),
  });
  const first = await client.views.update({ view_id: view!.id!, hash: view!.hash!, view: modal("Two") });
  expect(first.view?.hash).not.toBe(view!.hash);
  const stale = client.views.update({ view_id: view!.id!, hash: view!.hash!, view: modal("Three") });
  expect(await refusalOf(stale)).toMatchObject({ error: "hash_conflict" });
  expect(slack.modals("U0ASHA")[0]?.view).toMatchObject({ title: { text: "Two" } });
  const gone = client.views.update({ external_id: "e-1", view: modal("Four") });
  expect(await refusalOf(gone)).toMatchObject({ error: "not_found" });
  await client.views.update({ view_id: view!.id!, view: modal("Five", { external_id: "e-2" }) });
  expect(await client.views.update({ external_id: "e-2", view: modal("Six") })).toMatchObject({ ok: true });
});

test("an external id is taken as long as its view is open", async () => {
  const { slack, client, trigger } = await withTriggers();
  const view = modal("One", { external_id: "same" });
  await client.views.open({ trigger_id: await trigger("U0ASHA"), view });
  const lees = client.views.open({ trigger_id: await trigger("U0LEE"), view });
  expect(await refusalOf(lees)).toMatchObject({ error: "duplicate_external_id" });
  await slack.closeView("U0ASHA", slack.modals("U0ASHA")[0]!.id);
  expect(await client.views.open({ trigger_id: await trigger("U0LEE"), view })).toMatchObject({ ok: true });
});

test("views.push stacks up to three modals, from clicks inside them", async () => {
  const { slack, client, trigger, triggers } = await withTriggers();
  const button = { type: "button", action_id: "next", text: plain("Next") };
  const step = (title: string) => modal(title, { blocks: [{ type: "actions", elements: [button] }] });
  await client.views.open({ trigger_id: await trigger(), view: step("1") });
  const push = async (title: string) => {
    await slack.act("U0ASHA", { viewId: slack.modals("U0ASHA").at(-1)!.id }, { actionId: "next" });
    return client.views.push({ trigger_id: triggers.at(-1)!, view: step(title) });
  };
  const [root, second] = [slack.modals("U0ASHA")[0]!, (await push("2")).view!];
  expect(second).toMatchObject({ root_view_id: root.id, previous_view_id: root.id });
  await push("3");
  expect(await refusalOf(push("4"))).toMatchObject({ error: "push_limit_reached" });
  const outside = client.views.push({ trigger_id: await trigger(), view: step("5") });
  expect(await refusalOf(outside)).toMatchObject({ error: "invalid_trigger_id" });
  await slack.closeView("U0ASHA", slack.modals("U0ASHA").at(-1)!.id);
  expect(slack.modals("U0ASHA").map((each) => each.id)).toEqual([root.id, second.id]);
});

test("view_submission answers: errors keep the form, update and push change it, clear empties the stack", async () => {
  const input = {
    type: "input",
    block_id: "why",
    label: plain("Why"),
    element: { type: "plain_text_input", action_id: "why" },
  };
  const form = modal("Form", { blocks: [input] });
  const seen: ViewOutput[] = [];
  const { slack, client, trigger } = await withTriggers((app) => {
    app.view("form", async ({ ack, view }) => {
      seen.push(view);
      const answer = view.state.values.why?.why?.value;
      if (answer === "errors") await ack({ response_action: "errors", errors: { why: "no" } });
      else if (answer === "wrong") await ack({ response_action: "errors", errors: { nothing: "no" } });
      else if (answer === "update") await ack({ response_action: "update", view: form as never });
      else if (answer === "push") await ack({ response_action: "push", view: form as never });
      else await ack({ response_action: "clear" });
    });
  });
  await client.views.open({ trigger_id: await trigger(), view: form as never });
  const stack = () => slack.modals("U0ASHA");
  const submit = (why: string | null) => slack.submit("U0ASHA", stack().at(-1)!.id, { why: { why } });
  await expect(submit(null)).rejects.toThrow('"Why" must be filled in');
  expect(seen).toEqual([]);
  await submit("errors");
  expect(stack()[0]?.errors).toEqual({ why: "no" });
  await expect(submit("wrong")).rejects.toThrow("nothing is no input block");
  const before = stack()[0]!.hash;
  await submit("update");
  expect(stack()[0]).toMatchObject({ id: seen[0]!.id });
  expect(stack()[0]!.hash).not.toBe(before);
  await submit("push");
  expect(stack()).toHaveLength(2);
  await submit("clear");
  expect(stack()).toEqual([]);
});

test("a submission that nobody acks leaves the form open", async () => {
  const { slack, client, trigger } = await withTriggers();
  await client.views.open({ trigger_id: await trigger(), view: modal("Form") });
  slack.dropSockets();
  await until(() => slack.sockets() === 0);
  const open = slack.modals("U0ASHA")[0]!;
  expect(await slack.submit("U0ASHA", open.id, {})).toMatchObject({
    outcome: "failed",
    because: "no-connection",
  });
  expect(slack.modals("U0ASHA")).toHaveLength(1);
  // Let the client finish its reconnect: stopping it half-way rejects with undefined.
  await until(() => slack.sockets() === 1);
});

test("view_closed is sent to those who asked for it", async () => {
  const closed: string[] = [];
  const { slack, client, trigger } = await withTriggers((app) => {
    app.view({ callback_id: "form", type: "view_closed" }, async ({ ack, body, view }) => {
      closed.push(`${view.title.text} ${(body as ViewClosedAction).is_cleared}`);
      await ack();
    });
  });
  await client.views.open({ trigger_id: await trigger(), view: modal("Quiet") });
  expect(await slack.closeView("U0ASHA", slack.modals("U0ASHA")[0]!.id)).toBeNull();
  await client.views.open({ trigger_id: await trigger(), view: modal("Loud", { notify_on_close: true }) });
  expect(await slack.closeView("U0ASHA", slack.modals("U0ASHA")[0]!.id)).toMatchObject({ outcome: "acked" });
  expect(closed).toEqual(["Loud false"]);
});

test("views.publish draws the Home tab, with app_home_opened carrying the last one", async () => {
  const opened: unknown[] = [];
  const { slack, client } = await withTriggers((app) => {
    app.event("app_home_opened", async ({ event }) => {
      opened.push((event.view as { hash?: string } | undefined)?.hash);
    });
  });
  const home = (text: string) => ({
    type: "home" as const,
    blocks: [{ type: "header" as const, text: plain(text) }],
  });
  expect(slack.home("U0ASHA")).toBeNull();
  await slack.openHome("U0ASHA");
  const { view } = await client.views.publish({ user_id: "U0ASHA", view: home("Yours") });
  expect(slack.home("U0ASHA")).toMatchObject({
    type: "home",
    view: { blocks: [{ text: { text: "Yours" } }] },
  });
  await slack.openHome("U0ASHA");
  await until(() => opened.length === 2);
  expect(opened).toEqual([undefined, view!.hash]);
  const stale = client.views.publish({ user_id: "U0ASHA", hash: "1.old", view: home("Stale") });
  expect(await refusalOf(stale)).toMatchObject({ error: "hash_conflict" });
  const wrong = client.views.publish({ user_id: "U0ASHA", view: modal("Form") as never });
  expect(await refusalOf(wrong)).toMatchObject({ error: "invalid_arguments" });
});

test("a global shortcut carries a trigger", async () => {
  const { slack, client } = await withTriggers((app) => {
    app.shortcut("expose_new", async ({ ack, body }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: modal("New") });
    });
  });
  expect(await slack.shortcut("U0LEE", "expose_new")).toMatchObject({ outcome: "acked" });
  await until(() => slack.modals("U0LEE").length === 1);
});
