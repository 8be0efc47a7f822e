// Views and answers to a command, from a real trigger to what the person sees.
import { expect, it } from "vitest";
import { createSlack } from "../../src/services/slack.ts";
import { BOT_TOKEN, recorder, slackApp, startWorkspace, until } from "./slack-world.ts";

function modal(words: string) {
  const text = { type: "plain_text" as const, text: words };
  const title = { type: "plain_text" as const, text: "Expose" };
  return {
    type: "modal" as const,
    callback_id: "expose",
    title,
    blocks: [{ type: "section" as const, text }],
  };
}

it("opens a form, fills it, refuses a stale change, and answers through the response URL", async () => {
  const { workspace, apiUrl } = await startWorkspace();
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl, log: recorder().log });
  const bot = slackApp(apiUrl, { connections: 1 });
  let command: { trigger_id: string; response_url: string } | null = null;
  bot.app.command("/expose", async ({ ack, body }) => {
    await ack();
    command = body;
  });
  await bot.start();
  await workspace.command("U0ASHA", "C0LEADS", "/expose", "");
  await until("the command", () => command !== null);

  const opened = await slack.openView(command!.trigger_id, modal("Loading"));
  await expect(slack.openView(command!.trigger_id, modal("Again"))).rejects.toMatchObject({
    kind: "missing",
    message: "That click was used already. Please try again.",
  });
  const [loading] = workspace.modals("U0ASHA");
  expect(opened).toEqual({ viewId: loading?.id });
  const asSeen = { ...opened, hash: loading?.hash };
  await slack.updateView({ ...asSeen, view: modal("Ready") });
  await expect(slack.updateView({ ...asSeen, view: modal("Stale") })).rejects.toMatchObject({
    kind: "conflict",
    code: "hash_conflict",
  });
  expect(JSON.stringify(workspace.modals("U0ASHA")[0]?.view)).toContain("Ready");

  for (let each = 1; each <= 5; each += 1)
    await slack.respond(command!.response_url, { text: `answer ${each}` });
  const sixth = slack.respond(command!.response_url, { text: "answer 6" });
  await expect(sixth).rejects.toMatchObject({ kind: "missing", code: "used_url" });
  expect(workspace.messages("C0LEADS", "U0ASHA").map(({ text }) => text)).toHaveLength(5);
  expect(workspace.messages("C0LEADS", "U0LEE")).toHaveLength(0);
});
