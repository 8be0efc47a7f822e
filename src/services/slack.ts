// What the bot says to Slack and asks it, in our own types. Blocks and views come ready from views/. Links are never
// unfolded: Slack would visit the hostnames that we guard.
import type { Block, KnownBlock, View } from "@slack/types";
import type { MessageRef } from "../domain/exposure.ts";
import { isServiceFailure } from "./failure.ts";
import type { Age } from "./remembered.ts";
import {
  createSlackClients,
  type SlackClients,
  type SlackClientsOptions,
  type WebClient,
} from "./slack-clients.ts";
import { fromCode, fromStatus, known, toSlackFailure } from "./slack-failure.ts";
import { createFileCalls, type FileUpload } from "./slack-files.ts";
import { lookUps } from "./slack-lookups.ts";

export type SlackBlock = KnownBlock | Block;

/** `text` is what notifications and screen readers say, and stands alone where there are no blocks. */
export type MessageContent = { text: string; blocks?: SlackBlock[] };

export type Posting = MessageContent & {
  threadTs?: string;
  /** Shows the reply of a thread in the channel too. */
  broadcast?: boolean;
  /** Travels with the message, unseen: the id of what it is about. */
  metadata?: { type: string; payload: Record<string, string | number | boolean> };
};

export type SlackPerson = {
  id: string;
  realName: string;
  /** null: none, none that we may read, or one that was never confirmed. */
  email: string | null;
  isBot: boolean;
  isGuest: boolean;
  /** From another workspace, here through a shared channel. */
  isStranger: boolean;
  deleted: boolean;
  /** The workspaces that they belong to: one, or several of an Enterprise organization. Empty where Slack names none. */
  teamIds: string[];
};

export type Slack = {
  openView(triggerId: string, view: View): Promise<{ viewId: string }>;
  /** With `hash`, refuses as `conflict` when the view changed since. */
  updateView(change: { viewId: string; hash?: string; view: View }): Promise<void>;
  /** Slack has no way to post once only. A `retry` failure other than `ratelimited` leaves it open whether the message
   *  stands, so the caller stores `ts` as soon as it has it, and decides on a failure whether a second message is worse than
   *  none. `metadata` tells the two apart for whoever reads the channel. */
  postMessage(message: Posting & { channel: string }): Promise<MessageRef>;
  /** Without blocks the message loses those it had. */
  updateMessage(message: MessageRef & MessageContent): Promise<void>;
  directMessage(user: string, message: Posting): Promise<MessageRef>;
  /** Needs the optional scope files:write. The file appears some moments after the answer. */
  uploadFile(file: FileUpload): Promise<void>;
  permalink(message: MessageRef): Promise<string>;
  /** Answers a command or click, seen by that person alone, through its response URL: five times within thirty minutes. */
  respond(responseUrl: string, answer: Answer): Promise<void>;
  /** The id of the workspace that the bot token belongs to. Asked once. */
  teamId(): Promise<string>;
  /** What the bot token may do, at most ten minutes old. */
  grantedScopes(): Promise<string[]>;
  /** This and the next are asked anew unless `age` allows an older answer: rights hang on them. */
  userGroupMembers(groupId: string, age?: Age): Promise<string[]>;
  person(userId: string, age?: Age): Promise<SlackPerson>;
};

export type Answer = Partial<MessageContent> & {
  replaceOriginal?: boolean;
  deleteOriginal?: boolean;
};

/** @example const slack = createSlack({ botToken, log }); await slack.postMessage({ channel, text, blocks }); */
export function createSlack(options: SlackClientsOptions): Slack {
  const clients = createSlackClients(options);
  const { interactive, background } = clients;
  const respondMs = options.timeouts?.interactiveMs ?? 2500;
  const dms = new Map<string, string>();

  async function postMessage(message: Posting & { channel: string }): Promise<MessageRef> {
    const job = { operation: "chat.postMessage", key: message.channel, idempotent: false };
    const { channel, ts } = await background(job, (client) => client.chat.postMessage(postingOf(message)));
    return { channel: known(channel, job.operation), ts: known(ts, job.operation) };
  }

  async function openDm(user: string): Promise<string> {
    const job = { operation: "conversations.open", idempotent: true };
    const { channel } = await background(job, (client) => client.conversations.open({ users: user }));
    const id = known(channel?.id, job.operation);
    dms.set(user, id);
    return id;
  }

  const dmOf = async (user: string) => dms.get(user) ?? (await openDm(user));

  return {
    ...viewCalls(interactive),
    ...messageCalls(clients),
    ...createFileCalls(clients, dmOf),
    ...lookUps(clients),
    postMessage,
    async directMessage(user, message) {
      try {
        return await postMessage({ ...message, channel: await dmOf(user) });
      } catch (error) {
        // Opened anew the next time: it is that call which tells whether the person is there.
        if (isServiceFailure(error) && error.kind !== "retry") dms.delete(user);
        throw error;
      }
    },
    respond: (responseUrl, answer) => respond(responseUrl, answer, respondMs),
  };
}

function viewCalls(interactive: SlackClients["interactive"]): Pick<Slack, "openView" | "updateView"> {
  return {
    async openView(triggerId, view) {
      const ask = (client: WebClient) => client.views.open({ trigger_id: triggerId, view });
      const { view: opened } = await interactive("views.open", ask);
      return { viewId: known(opened?.id, "views.open") };
    },
    async updateView({ viewId, hash, view }) {
      const ask = (client: WebClient) => client.views.update({ view_id: viewId, hash, view });
      await interactive("views.update", ask);
    },
  };
}

function messageCalls({ background }: SlackClients): Pick<Slack, "updateMessage" | "permalink"> {
  return {
    async updateMessage({ channel, ts, text, blocks }) {
      const job = { operation: "chat.update", idempotent: true };
      await background(job, (client) =>
        client.chat.update({ channel, ts, text, ...(blocks ? { blocks } : {}) }),
      );
    },
    async permalink({ channel, ts }) {
      const job = { operation: "chat.getPermalink", idempotent: true };
      const ask = (client: WebClient) => client.chat.getPermalink({ channel, message_ts: ts });
      return known((await background(job, ask)).permalink, job.operation);
    },
  };
}

function postingOf({ channel, text, blocks, threadTs, broadcast, metadata }: Posting & { channel: string }) {
  const quiet = { unfurl_links: false, unfurl_media: false };
  const carried = metadata
    ? { metadata: { event_type: metadata.type, event_payload: metadata.payload } }
    : {};
  const message = { channel, text, ...(blocks ? { blocks } : {}), ...carried, ...quiet };
  if (threadTs === undefined) return message;
  return broadcast
    ? { ...message, thread_ts: threadTs, reply_broadcast: true as const }
    : { ...message, thread_ts: threadTs };
}

async function respond(responseUrl: string, answer: Answer, timeoutMs: number): Promise<void> {
  const operation = "response_url";
  const { text, blocks, replaceOriginal = false, deleteOriginal = false } = answer;
  const body = {
    ...(text === undefined ? {} : { text }),
    ...(blocks ? { blocks } : {}),
    ...(deleteOriginal ? { delete_original: true } : { replace_original: replaceOriginal }),
    response_type: "ephemeral",
    unfurl_links: false,
    unfurl_media: false,
  };
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(responseUrl, { ...request, signal: AbortSignal.timeout(timeoutMs) }).catch(
    (error) => {
      throw toSlackFailure(operation, error);
    },
  );
  if (response.ok) return void (await response.body?.cancel());
  if (response.status === 429 || response.status >= 500) throw fromStatus(operation, response.status);
  const told = /[a-z]+(?:_[a-z]+)+/.exec(await response.text().catch(() => ""))?.[0];
  throw fromCode(operation, told ?? (response.status === 404 ? "expired_url" : "refused"));
}
