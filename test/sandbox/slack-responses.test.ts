// response_url and acks that carry a message.
import { RespondError, type RespondFn } from "@slack/bolt";
import { expect, test } from "vitest";
import { startBench, startBolt, until } from "./slack-bench.ts";

const button = { type: "button", action_id: "go", text: { type: "plain_text", text: "Go" }, value: "1" };
const blocks = [{ type: "actions", elements: [button] }] as never;

/** A bot that hands out the `respond` of the last command or click. */
async function withRespond() {
  const bench = await startBench();
  const responds: RespondFn[] = [];
  await startBolt(bench.slack.apiUrl, (app) => {
    app.command("/go", async ({ ack, respond, command }) => {
      responds.push(respond);
      await (command.text === "" ? ack() : ack({ text: command.text, response_type: "in_channel" }));
    });
    app.action("go", async ({ ack, respond }) => {
      responds.push(respond);
      await ack();
    });
  });
  const commanded = async () => {
    await bench.slack.command("U0ASHA", "C0QUIET", "/go", "");
    return responds.at(-1)!;
  };
  const clicked = async (ts: string, channel = "C0OPS") => {
    await bench.slack.act("U0ASHA", { channel, ts }, { actionId: "go" });
    return responds.at(-1)!;
  };
  return { ...bench, commanded, clicked };
}

test("a response is for the person alone unless it says otherwise, even where the bot is no member", async () => {
  const { slack, commanded } = await withRespond();
  const respond = await commanded();
  await respond("only you");
  await respond({ text: "all of you", response_type: "in_channel" });
  expect(slack.messages("C0QUIET", "U0ASHA")).toMatchObject([
    { text: "only you", only: "U0ASHA" },
    { text: "all of you" },
  ]);
  expect(slack.messages("C0QUIET", "U0LEE")).toMatchObject([{ text: "all of you" }]);
});

test("an ack can carry the first message", async () => {
  const { slack } = await withRespond();
  const delivery = await slack.command("U0ASHA", "C0OPS", "/go", "hello all");
  expect(delivery).toMatchObject({ outcome: "acked", payload: { text: "hello all" } });
  expect(slack.messages("C0OPS")).toMatchObject([{ text: "hello all", user: "U0BRIDGE" }]);
});

test("a click's response can replace or delete what was clicked, ephemeral or not", async () => {
  const { slack, client, clicked } = await withRespond();
  const { ts } = await client.chat.postMessage({ channel: "C0OPS", text: "card", blocks });
  await (await clicked(ts!))({ text: "done", replace_original: true });
  expect(slack.messages("C0OPS")).toMatchObject([{ ts, text: "done", blocks: [] }]);
  const { message_ts: own } = await client.chat.postEphemeral({
    channel: "C0OPS",
    user: "U0ASHA",
    text: "psst",
    blocks,
  });
  const respond = await clicked(own!);
  expect(slack.lastEnvelopes().at(-1)?.payload).toMatchObject({ container: { is_ephemeral: true } });
  await respond({ text: "still psst", replace_original: true });
  expect(slack.messages("C0OPS", "U0ASHA").at(-1)).toMatchObject({
    ts: own,
    text: "still psst",
    only: "U0ASHA",
  });
  await respond({ delete_original: true });
  expect(slack.messages("C0OPS", "U0ASHA")).toHaveLength(1);
});

test("a response_url works five times, and for thirty minutes", async () => {
  const { clock, commanded } = await withRespond();
  const respond = await commanded();
  for (let use = 0; use < 5; use += 1) await respond(`use ${use}`);
  await expect(respond("one too many")).rejects.toThrow(RespondError);
  const second = await commanded();
  clock.forward(30 * 60_000 - 1_000);
  await second("just in time");
  clock.forward(2_000);
  await expect(second("late")).rejects.toThrow(RespondError);
});

test("broken blocks are refused without using it up", async () => {
  const { slack, commanded } = await withRespond();
  const respond = await commanded();
  await expect(respond({ blocks: [{ type: "hologram" }] as never })).rejects.toThrow(RespondError);
  for (let use = 0; use < 5; use += 1) await respond("fine");
  await until(() => slack.messages("C0QUIET", "U0ASHA").length === 5);
});
