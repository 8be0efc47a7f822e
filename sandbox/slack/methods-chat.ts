// chat.*: messages posted, updated, deleted, and shown to one person only.
import type { SlackMessage } from "../contract.ts";
import { isObject, listOf, withIds } from "./elements.ts";
import { checkMessageBlocks } from "./message-rules.ts";
import { refuse } from "./refusal.ts";
import { flag, type Methods, objectArgument, optional, required } from "./web-api.ts";
import type { Channel, Json, Workspace } from "./workspace.ts";

const LONGEST_TEXT = 40_000;
/** chat.update allows less. https://docs.slack.dev/reference/methods/chat.update */
const LONGEST_UPDATE = 4_000;

export function chatMethods(workspace: Workspace): Methods {
  const write = ["chat:write"];
  return {
    "chat.postMessage": {
      token: "bot",
      scopes: write,
      tier: "special",
      special: (args) => String(args.channel),
      run: (args) => postMessage(workspace, args),
    },
    "chat.update": { token: "bot", scopes: write, tier: "T3", run: (args) => update(workspace, args) },
    "chat.delete": { token: "bot", scopes: write, tier: "T3", run: (args) => remove(workspace, args) },
    "chat.postEphemeral": {
      token: "bot",
      scopes: write,
      tier: "T4",
      run: (args) => postEphemeral(workspace, args),
    },
    "chat.getPermalink": { token: "bot", tier: "special", run: (args) => permalink(workspace, args) },
  };
}

/** A message as Slack's payloads and answers carry it. */
export function messageJson(workspace: Workspace, message: SlackMessage): Json {
  const bot = message.user === workspace.seed.botUserId;
  return {
    type: "message",
    user: message.user,
    ts: message.ts,
    ...(bot ? { bot_id: workspace.botId, app_id: workspace.appId } : {}),
    team: workspace.seed.teamId,
    text: message.text,
    ...(message.blocks.length > 0 ? { blocks: structuredClone(message.blocks) } : {}),
    ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
    ...(message.metadata ? { metadata: structuredClone(message.metadata) } : {}),
    ...(message.edited ? { edited: { user: message.user, ts: message.ts } } : {}),
  };
}

function postMessage(workspace: Workspace, args: Json): Json {
  const channel = writable(workspace, required(args, "channel", "channel_not_found"));
  const content = contentOf(args);
  const long = content.text.length > LONGEST_TEXT;
  const message = workspace.post({
    channel: channel.id,
    user: workspace.seed.botUserId,
    ...content,
    text: content.text.slice(0, LONGEST_TEXT),
    ...threadOf(workspace, channel, args),
    ...(flag(args, "reply_broadcast") ? { broadcast: true } : {}),
    metadata: objectArgument(args, "metadata"),
  });
  const warning = long ? { warning: "message_truncated" } : {};
  return { channel: channel.id, ts: message.ts, message: messageJson(workspace, message), ...warning };
}

function update(workspace: Workspace, args: Json): Json {
  const channel =
    workspace.channel(required(args, "channel", "channel_not_found")) ?? refuse("channel_not_found");
  const found = workspace.find(channel.id, required(args, "ts", "message_not_found"));
  if (!found || found.only) refuse("message_not_found");
  if (found.user !== workspace.seed.botUserId) refuse("cant_update_message");
  if (channel.archived) refuse("is_archived");
  if (args.text === undefined && args.blocks === undefined) refuse("no_text");
  const { text, blocks } = contentOf(args);
  if (text.length > LONGEST_UPDATE) refuse("msg_too_long");
  // Text without blocks takes the blocks away; blocks hide the "(edited)" mark.
  const metadata = objectArgument(args, "metadata");
  const message = workspace.edit(found, {
    ...(args.text === undefined ? {} : { text }),
    blocks,
    edited: blocks.length === 0,
    ...(metadata ? { metadata: Object.keys(metadata).length > 0 ? metadata : undefined } : {}),
  });
  return {
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: messageJson(workspace, message),
  };
}

function remove(workspace: Workspace, args: Json): Json {
  const channel =
    workspace.channel(required(args, "channel", "channel_not_found")) ?? refuse("channel_not_found");
  const message = workspace.find(channel.id, required(args, "ts", "message_not_found"));
  if (!message || message.only) refuse("message_not_found");
  if (message?.user !== workspace.seed.botUserId) refuse("cant_delete_message");
  workspace.remove(channel.id, String(args.ts));
  return { channel: channel.id, ts: args.ts };
}

function postEphemeral(workspace: Workspace, args: Json): Json {
  const channel = writable(workspace, required(args, "channel", "channel_not_found"));
  const user = required(args, "user", "user_not_found");
  if (!workspace.person(user)) refuse("user_not_found");
  if (!channel.members.includes(user)) refuse("user_not_in_channel");
  const content = contentOf(args);
  if (content.text.length > LONGEST_TEXT) refuse("msg_too_long");
  const thread = threadOf(workspace, channel, args);
  const message = workspace.post({
    channel: channel.id,
    user: workspace.seed.botUserId,
    ...content,
    ...thread,
    only: user,
  });
  return { message_ts: message.ts };
}

function permalink(workspace: Workspace, args: Json): Json {
  const channel =
    workspace.channel(required(args, "channel", "channel_not_found")) ?? refuse("channel_not_found");
  const message = workspace.find(channel.id, required(args, "message_ts", "message_not_found"));
  if (!message || message.only) refuse("message_not_found");
  const thread = message?.threadTs ? `?thread_ts=${message.threadTs}&cid=${channel.id}` : "";
  const at = `p${String(args.message_ts).replace(".", "")}`;
  const base = `https://${workspace.seed.teamDomain}.slack.com/archives/${channel.id}`;
  return { channel: channel.id, permalink: `${base}/${at}${thread}` };
}

/** Text and blocks of a message, checked as Slack checks them. */
export function contentOf(args: Json): { text: string; blocks: Json[] } {
  if (typeof args.blocks === "string") refuse("invalid_blocks_format");
  const blocks = args.blocks === undefined ? [] : checkMessageBlocks(args.blocks);
  const text = typeof args.text === "string" ? args.text : "";
  if (text.trim() === "" && blocks.length === 0 && listOf(args.attachments).length === 0) refuse("no_text");
  if (args.metadata !== undefined && !isMetadata(args.metadata)) refuse("invalid_metadata_format");
  return { text, blocks: withIds(blocks) };
}

function isMetadata(value: unknown): boolean {
  if (!isObject(value)) return false;
  return (
    Object.keys(value).length === 0 || (typeof value.event_type === "string" && isObject(value.event_payload))
  );
}

/** The channel that the bot may write to, given by id, by #name, or by a person's id. */
function writable(workspace: Workspace, given: string): Channel {
  const person = workspace.person(given);
  const named = workspace.channels().find((each) => !each.isIm && `#${each.name}` === given);
  const channel = (person ? workspace.openDm(given) : undefined) ?? named ?? workspace.channel(given);
  if (!channel || (channel.isPrivate && !channel.botIn)) refuse("channel_not_found");
  const found = channel as Channel;
  if (found.archived) refuse("is_archived");
  if (!found.botIn && !workspace.scopes.has("chat:write.public")) refuse("not_in_channel");
  return found;
}

function threadOf(workspace: Workspace, channel: Channel, args: Json): { threadTs?: string } {
  const given = optional(args, "thread_ts");
  if (given === undefined) return {};
  if (!/^\d+\.\d{6}$/.test(given)) refuse("invalid_thread_ts");
  // A reply to a reply joins the thread of its parent; Slack does not mind a parent that is gone.
  return { threadTs: workspace.find(channel.id, given)?.threadTs ?? given };
}
