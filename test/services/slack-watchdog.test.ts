// Nobody is left without an answer: what no listener answers in time, the watchdog does, once.
import type { App } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import type { SlackWorkspace } from "../../sandbox/contract.ts";
import { UNCONFIRMED } from "../../src/services/ack-watchdog.ts";
import { pause, slackApp, startWorkspace, unhandledDuring, until } from "./slack-world.ts";

const LIMITS = { limits: { ackMs: 150 } };

const input = (blockId: string) => ({
  type: "input",
  block_id: blockId,
  label: { type: "plain_text", text: "Reason" },
  element: { type: "plain_text_input", action_id: "text" },
});

const section = { type: "section", text: { type: "plain_text", text: "Sure?" } };

async function openModal(app: App, workspace: SlackWorkspace, blocks: object[]): Promise<string> {
  app.command("/form", async ({ ack, body, client }) => {
    await ack();
    const title = { type: "plain_text", text: "Expose" };
    const view = {
      type: "modal",
      callback_id: "expose",
      title,
      submit: { type: "plain_text", text: "Send" },
      blocks,
    };
    await client.views.open({ trigger_id: body.trigger_id, view: view as never });
  });
  await workspace.command("U0ASHA", "C0LEADS", "/form", "");
  await until("the modal", () => workspace.modals("U0ASHA").length === 1);
  return workspace.modals("U0ASHA")[0]!.id;
}

async function postButton(app: App): Promise<string> {
  const button = {
    type: "button",
    action_id: "approve",
    text: { type: "plain_text", text: "Approve" },
    value: "e1",
  };
  const blocks = [section, { type: "actions", block_id: "decide", elements: [button] }];
  const posted = await app.client.chat.postMessage({
    channel: "C0LEADS",
    text: "card",
    blocks: blocks as never,
  });
  return String(posted.ts);
}

describe("a command", () => {
  it.each([
    ["that nobody listens to", () => undefined],
    [
      "whose listener throws",
      (app: App) => app.command("/expose", () => Promise.reject(new Error("broken"))),
    ],
    ["whose listener forgets", (app: App) => app.command("/expose", async () => undefined)],
  ])("%s is answered with a friendly text", async (_, register) => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    register(slack.app);
    await slack.start();
    const unhandled = await unhandledDuring(async () => {
      const delivery = await workspace.command("U0ASHA", "C0LEADS", "/expose", "");
      expect(delivery).toMatchObject({
        outcome: "acked",
        payload: { text: UNCONFIRMED, response_type: "ephemeral" },
      });
    });
    expect(unhandled).toEqual([]);
    expect(workspace.messages("C0LEADS", "U0ASHA").at(-1)).toMatchObject({
      text: UNCONFIRMED,
      only: "U0ASHA",
    });
    expect(slack.stats().acks).toMatchObject({ count: 1, unanswered: 1 });
  });

  it("answered too late is not answered twice, and its listener goes on", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    let went = false;
    slack.app.command("/expose", async ({ ack }) => {
      await pause(300);
      await ack("too late");
      went = true;
    });
    await slack.start();
    const frames: unknown[] = [];
    const delivery = await workspace.command("U0ASHA", "C0LEADS", "/expose", "");
    frames.push(delivery.outcome === "acked" ? delivery.payload : null);
    await until("the listener's end", () => went);
    expect(frames).toEqual([{ response_type: "ephemeral", text: UNCONFIRMED }]);
    expect(workspace.messages("C0LEADS", "U0ASHA").map(({ text }) => text)).not.toContain("too late");
    expect(slack.stats().acks).toMatchObject({ count: 1, unanswered: 1, late: 1 });
  });

  it("answered in time is left alone", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    slack.app.command("/expose", async ({ ack }) => ack("hello"));
    await slack.start();
    expect(await workspace.command("U0ASHA", "C0LEADS", "/expose", "")).toMatchObject({
      payload: { text: "hello" },
    });
    await pause(250);
    expect(slack.stats().acks).toMatchObject({ count: 1, unanswered: 0, late: 0 });
  });

  it("logs what was asked, never what was typed", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    await slack.start();
    await workspace.command("U0ASHA", "C0LEADS", "/expose", "PRIVATE WORDS");
    const line = slack.lines.find((each) => each.includes("no listener answered Slack in time"));
    expect(JSON.parse(line!)).toMatchObject({
      severity: "ERROR",
      command: "/expose",
      envelopeType: "slash_commands",
    });
    expect(slack.lines.join("")).not.toContain("PRIVATE WORDS");
  });
});

describe("a form", () => {
  it("keeps what was entered and says so at its first field", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    await slack.start();
    const viewId = await openModal(slack.app, workspace, [section, input("reason"), input("more")]);
    const values = { reason: { text: "a" }, more: { text: "b" } };
    const delivery = await workspace.submit("U0ASHA", viewId, values);
    expect(delivery).toMatchObject({
      payload: { response_action: "errors", errors: { reason: UNCONFIRMED } },
    });
    expect(workspace.modals("U0ASHA")[0]).toMatchObject({ id: viewId, errors: { reason: UNCONFIRMED } });
  });

  it("without a field explains itself in place of the form", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    await slack.start();
    const viewId = await openModal(slack.app, workspace, [section]);
    expect(await workspace.submit("U0ASHA", viewId, {})).toMatchObject({
      payload: { response_action: "update" },
    });
    expect(JSON.stringify(workspace.modals("U0ASHA")[0]!.view)).toContain(UNCONFIRMED);
  });
});

describe("a click", () => {
  it("is answered to the person through the response URL", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    await slack.start();
    const ts = await postButton(slack.app);
    const click = await workspace.act("U0LEE", { channel: "C0LEADS", ts }, { actionId: "approve" });
    expect(click).toMatchObject({ outcome: "acked", payload: {} });
    await until("the text", () =>
      workspace.messages("C0LEADS", "U0LEE").some(({ text }) => text === UNCONFIRMED),
    );
    expect(workspace.messages("C0LEADS", "U0ASHA").map(({ text }) => text)).toEqual(["card"]);
  });

  it("whose response URL fails does not crash", async () => {
    const { workspace, faults, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    await slack.start();
    const ts = await postButton(slack.app);
    faults.add({ vendor: "slack", path: "^/response/", effect: { kind: "drop" } });
    const unhandled = await unhandledDuring(async () => {
      await workspace.act("U0LEE", { channel: "C0LEADS", ts }, { actionId: "approve" });
      await until("a line in the log", () => slack.messages().includes("could not tell the person"));
    });
    expect(unhandled).toEqual([]);
  });
});

describe("a payload without sense", () => {
  it.each([
    ["no payload", { type: "interactive" }],
    ["a list of nothing", { type: "interactive", payload: { type: "block_actions", actions: [null] } }],
    [
      "a form without blocks",
      { type: "interactive", payload: { type: "view_submission", view: { blocks: 7 } } },
    ],
    ["text for a payload", { type: "slash_commands", payload: "text" }],
  ])("is answered and hurts nobody: %s", async (_, envelope) => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, LIMITS);
    await slack.start();
    expect(await workspace.sendEnvelope(envelope)).toMatchObject({ outcome: "acked" });
  });
});

describe("an answer whose socket is gone", () => {
  it("is counted, and its listener goes on", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { connections: 1 });
    let went = false;
    slack.app.command("/expose", async ({ ack }) => {
      workspace.dropSockets();
      await pause(100);
      await ack("hello");
      went = true;
    });
    await slack.start();
    void workspace.command("U0ASHA", "C0LEADS", "/expose", "");
    await until("the listener's end", () => went);
    expect(slack.stats().acks).toMatchObject({ count: 0, lost: 1 });
    expect(slack.messages()).toContain("answer to Slack lost: its socket was gone");
  });
});
