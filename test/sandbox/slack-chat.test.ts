// chat.* and files.*, through the real WebClient: what appears for whom, and what Slack refuses.
import { webApi } from "@slack/bolt";
import { expect, test } from "vitest";
import { clientOf, refusalOf, SCOPES, SEED, startBench } from "./slack-bench.ts";

const divider = { type: "divider" as const };

test("chat.postMessage posts for everyone, with ids for blocks that have none", async () => {
  const { slack, client } = await startBench();
  const first = await client.chat.postMessage({ channel: "C0OPS", text: "one", blocks: [divider] });
  const second = await client.chat.postMessage({ channel: "#ops", text: "two" });
  expect(first).toMatchObject({
    ok: true,
    channel: "C0OPS",
    message: { text: "one", bot_id: "B0BRIDGE", team: "T0HARBOR" },
  });
  expect(first.response_metadata?.scopes).toEqual(SCOPES);
  expect(Number(second.ts)).toBeGreaterThan(Number(first.ts));
  const [one] = slack.messages("C0OPS", "U0LEE");
  expect(one?.blocks[0]?.block_id).toMatch(/.+/);
});

test("chat.postMessage to a person opens the direct message, in which only the two of them are", async () => {
  const { slack, client } = await startBench();
  await client.chat.postMessage({ channel: "U0ASHA", text: "hello" });
  expect(slack.messages(slack.dm("U0ASHA"), "U0ASHA")).toMatchObject([{ text: "hello", user: "U0BRIDGE" }]);
  expect(slack.messages(slack.dm("U0ASHA"), "U0LEE")).toEqual([]);
});

test("replies join their parent's thread, and metadata comes back", async () => {
  const { slack, client } = await startBench();
  const metadata = { event_type: "exposure", event_payload: { id: "e1" } };
  const parent = await client.chat.postMessage({ channel: "C0OPS", text: "card", metadata });
  const reply = await client.chat.postMessage({ channel: "C0OPS", text: "note", thread_ts: parent.ts });
  await client.chat.postMessage({
    channel: "C0OPS",
    text: "more",
    thread_ts: reply.ts!,
    reply_broadcast: true,
  });
  expect(slack.messages("C0OPS")).toMatchObject([
    { text: "card", metadata },
    { text: "note", threadTs: parent.ts },
    { text: "more", threadTs: parent.ts, broadcast: true },
  ]);
  await client.chat.delete({ channel: "C0OPS", ts: parent.ts! });
  expect(slack.messages("C0OPS")[0]).toMatchObject({ deleted: true, text: "This message was deleted." });
});

test("a bad token is told apart from a missing one and from the wrong kind", async () => {
  const { slack } = await startBench();
  const none = new webApi.WebClient(undefined, { slackApiUrl: slack.apiUrl });
  expect(await refusalOf(none.chat.postMessage({ channel: "C0OPS", text: "x" }))).toMatchObject({
    error: "not_authed",
  });
  const bad = clientOf(slack.apiUrl, "xoxb-unknown");
  expect(await refusalOf(bad.auth.test())).toMatchObject({ error: "invalid_auth" });
  const app = clientOf(slack.apiUrl, SEED.appToken);
  expect(await refusalOf(app.auth.test())).toMatchObject({ error: "not_allowed_token_type" });
});

test("a missing scope names what is needed and what there is", async () => {
  const { slack, client } = await startBench();
  slack.setScopes(["commands"]);
  expect(await refusalOf(client.chat.postMessage({ channel: "C0OPS", text: "x" }))).toMatchObject({
    error: "missing_scope",
    needed: "chat:write",
    provided: "commands",
  });
});

test("channels that the bot may not write to", async () => {
  const { slack, client } = await startBench();
  const post = (channel: string) => client.chat.postMessage({ channel, text: "x" });
  expect(await refusalOf(post("C0NOWHERE"))).toMatchObject({ error: "channel_not_found" });
  expect(await refusalOf(post("G0LEADS"))).toMatchObject({ error: "channel_not_found" });
  expect(await refusalOf(post("C0QUIET"))).toMatchObject({ error: "not_in_channel" });
  slack.setScopes([...SCOPES, "chat:write.public"]);
  expect(await post("C0QUIET")).toMatchObject({ ok: true });
  slack.archive("C0OPS");
  expect(await refusalOf(post("C0OPS"))).toMatchObject({ error: "is_archived" });
});

test("messages without content or with broken blocks", async () => {
  const { client } = await startBench();
  const post = (more: Record<string, unknown>) =>
    client.apiCall("chat.postMessage", { channel: "C0OPS", ...more });
  expect(await refusalOf(post({}))).toMatchObject({ error: "no_text" });
  expect(await refusalOf(post({ blocks: "[{" }))).toMatchObject({ error: "invalid_blocks_format" });
  expect(await refusalOf(post({ text: "x", metadata: { id: 1 } }))).toMatchObject({
    error: "invalid_metadata_format",
  });
  expect(await refusalOf(post({ text: "x", thread_ts: "yesterday" }))).toMatchObject({
    error: "invalid_thread_ts",
  });
  const long = { type: "header", text: { type: "plain_text", text: "x".repeat(151) } };
  expect(await refusalOf(post({ blocks: [long] }))).toMatchObject({
    error: "invalid_blocks",
    response_metadata: {
      messages: ["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"],
    },
  });
  const wordy = { type: "section", text: { type: "mrkdwn", text: "x".repeat(2_900) } };
  expect(await refusalOf(post({ blocks: Array(5).fill(wordy) }))).toMatchObject({
    error: "msg_blocks_too_long",
  });
  expect(await post({ text: "x".repeat(40_001) })).toMatchObject({ warning: "message_truncated" });
});

test("chat.update replaces what is shown: text alone takes the blocks away, metadata stays unless given", async () => {
  const { slack, client } = await startBench();
  const metadata = { event_type: "exposure", event_payload: { id: "e1" } };
  const { ts } = await client.chat.postMessage({
    channel: "C0OPS",
    text: "card",
    blocks: [divider],
    metadata,
  });
  await client.chat.update({ channel: "C0OPS", ts: ts!, text: "new", blocks: [divider, divider] });
  expect(slack.messages("C0OPS")[0]).toMatchObject({ text: "new", edited: false, metadata });
  await client.chat.update({ channel: "C0OPS", ts: ts!, text: "plain" });
  expect(slack.messages("C0OPS")[0]).toMatchObject({ text: "plain", blocks: [], edited: true, metadata });
});

test("chat.update and chat.delete touch only the bot's own, present messages", async () => {
  const { slack, client } = await startBench();
  const update = (ts: string, text = "x") => client.chat.update({ channel: "C0OPS", ts, text });
  const said = slack.say("U0ASHA", "C0OPS", "mine");
  expect(await refusalOf(update(said.ts))).toMatchObject({ error: "cant_update_message" });
  const del = (ts: string) => client.chat.delete({ channel: "C0OPS", ts });
  expect(await refusalOf(del(said.ts))).toMatchObject({ error: "cant_delete_message" });
  expect(await refusalOf(update("1.000001"))).toMatchObject({ error: "message_not_found" });
  const { ts } = await client.chat.postMessage({ channel: "C0OPS", text: "card" });
  expect(await refusalOf(update(ts!, "x".repeat(4_001)))).toMatchObject({ error: "msg_too_long" });
  slack.deleteMessage("C0OPS", ts!);
  expect(await refusalOf(update(ts!))).toMatchObject({ error: "message_not_found" });
  expect(await refusalOf(del(ts!))).toMatchObject({ error: "message_not_found" });
  expect(slack.messages("C0OPS")).toMatchObject([{ text: "mine" }]);
});

test("chat.postEphemeral shows to one member of the channel only, and cannot be updated", async () => {
  const { slack, client } = await startBench();
  const post = (user: string) => client.chat.postEphemeral({ channel: "C0OPS", user, text: "psst" });
  const { message_ts: ts } = await post("U0ASHA");
  expect(slack.messages("C0OPS", "U0ASHA")).toMatchObject([{ text: "psst", only: "U0ASHA" }]);
  expect(slack.messages("C0OPS", "U0LEE")).toEqual([]);
  expect(slack.messages("C0OPS")).toEqual([]);
  expect(await refusalOf(post("U0GUEST"))).toMatchObject({ error: "user_not_in_channel" });
  expect(await refusalOf(post("U0NOBODY"))).toMatchObject({ error: "user_not_found" });
  expect(await refusalOf(client.chat.update({ channel: "C0OPS", ts: ts!, text: "x" }))).toMatchObject({
    error: "message_not_found",
  });
});

test("chat.getPermalink links to the message, in its thread", async () => {
  const { client } = await startBench();
  const parent = await client.chat.postMessage({ channel: "C0OPS", text: "card" });
  const reply = await client.chat.postMessage({ channel: "C0OPS", text: "note", thread_ts: parent.ts });
  const link = (ts?: string) => client.chat.getPermalink({ channel: "C0OPS", message_ts: ts! });
  const base = "https://harbor.slack.com/archives/C0OPS/p";
  expect((await link(parent.ts)).permalink).toBe(base + parent.ts!.replace(".", ""));
  expect((await link(reply.ts)).permalink).toContain(`?thread_ts=${parent.ts}&cid=C0OPS`);
  expect(await refusalOf(link("1.000001"))).toMatchObject({ error: "message_not_found" });
});

test("files.getUploadURLExternal and files.completeUploadExternal take a bundle to the channel", async () => {
  const { slack, client } = await startBench();
  await client.filesUploadV2({
    channel_id: "C0OPS",
    initial_comment: "the bundle",
    file_uploads: [{ file: Buffer.from("hello"), filename: "bundle.txt" }],
  });
  expect(slack.messages("C0OPS")).toMatchObject([{ text: "the bundle\nFile: bundle.txt" }]);
  const unknown = client.files.completeUploadExternal({ files: [{ id: "F0NONE" }] });
  expect(await refusalOf(unknown)).toMatchObject({ error: "file_not_found" });
});
