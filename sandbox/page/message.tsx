// One message: author, time, text or blocks, and the way into its thread.
import { useState } from "preact/hooks";
import type { SlackMessage } from "../contract.ts";
import { post } from "./api.ts";
import { Avatar } from "./avatar.tsx";
import { Blocks } from "./blocks/block.tsx";
import { fullTime, timeOf } from "./blocks/dates.ts";
import { useForm } from "./blocks/form.ts";
import { Mrkdwn } from "./blocks/mrkdwn.tsx";
import { useNames } from "./blocks/names.ts";
import { type Surface, SurfaceContext } from "./blocks/surface.ts";
import type { Block } from "./blocks/types.ts";
import { dateOf } from "./channel.tsx";
import { failureWords, useDesk } from "./desk.ts";
import { EyeIcon, ThreadIcon } from "./icons.tsx";
import type { PageChannel } from "./state.ts";

type Props = { message: SlackMessage; channel: PageChannel; compact?: boolean; inThread?: boolean };

export function MessageView({ message, channel, compact, inThread }: Props) {
  const { state, openThread } = useDesk();
  const names = useNames();
  const date = dateOf(message);
  const isApp = message.user === state.botUserId;
  const author = isApp ? state.app.name : names.person(message.user);
  const replies = channel.messages.filter(
    (each) => each.threadTs === message.ts && each.ts !== message.ts && !each.deleted,
  );
  const startsThread = !inThread && !message.only && (!message.threadTs || message.threadTs === message.ts);
  return (
    <article
      class={`message${compact ? " compact" : ""}${message.only ? " ephemeral" : ""}`}
      aria-label={`${author}, ${timeOf(date, names)}${message.only ? ", only visible to you" : ""}`}
    >
      <div class="message-side">
        {compact ? <Time date={date} bare /> : <Avatar id={message.user} state={state} />}
      </div>
      <div class="message-main">
        {message.only && (
          <p class="only-you">
            <EyeIcon /> Only visible to you
          </p>
        )}
        {!compact && (
          <p class="message-head">
            <b>{author}</b>
            {isApp && <span class="app-badge">APP</span>}
            <Time date={date} />
          </p>
        )}
        {message.broadcast && !inThread && (
          <p class="broadcast">
            replied to a thread:{" "}
            <button type="button" onClick={() => openThread(message.threadTs ?? null)}>
              View thread
            </button>
          </p>
        )}
        <MessageBody message={message} />
        {startsThread && replies.length > 0 && (
          <button type="button" class="replies" onClick={() => openThread(message.ts)}>
            {[...new Set(replies.map((reply) => reply.user))].slice(0, 3).map((user) => (
              <Avatar key={user} id={user} state={state} size={20} />
            ))}
            <b>{replies.length === 1 ? "1 reply" : `${replies.length} replies`}</b>
            <span class="muted">{timeOf(dateOf(replies.at(-1) ?? message), names)}</span>
          </button>
        )}
      </div>
      {startsThread && !message.deleted && (
        <div class="message-tools">
          <button
            type="button"
            aria-label="Reply in thread"
            title="Reply in thread"
            onClick={() => openThread(message.ts)}
          >
            <ThreadIcon />
          </button>
        </div>
      )}
    </article>
  );
}

function MessageBody({ message }: { message: SlackMessage }) {
  const blocks = message.blocks as Block[];
  const surface = useMessageSurface(message, blocks);
  if (blocks.length === 0) {
    return (
      <div class={message.deleted ? "message-text muted" : "message-text"}>
        <Mrkdwn text={message.text} />
        {message.edited && <span class="edited"> (edited)</span>}
      </div>
    );
  }
  return (
    <SurfaceContext.Provider value={surface}>
      <Blocks blocks={blocks} />
    </SurfaceContext.Provider>
  );
}

function useMessageSurface(message: SlackMessage, blocks: Block[]): Surface {
  const { state, perform, confirm } = useDesk();
  const [busy, setBusy] = useState<string | null>(null);
  const form = useForm(blocks);
  return {
    kind: "message",
    id: `message-${message.channel}-${message.ts}`.replace(".", "-"),
    form,
    errors: {},
    busy,
    async act(blockId, element, value) {
      if (element.confirm && !(await confirm(element.confirm))) return;
      if (value !== undefined) form.set(blockId, element, value);
      setBusy(`${blockId}/${element.action_id}`);
      const body = {
        user: state.as,
        target: { channel: message.channel, ts: message.ts },
        action: { actionId: element.action_id, blockId, value },
        state: form.values(
          isField(form, blockId, element.action_id) && value !== undefined
            ? { blockId, element, entry: value }
            : undefined,
        ),
      };
      await perform(post("/slack/act", body), failureWords(`${state.app.name}: this action`));
      setBusy(null);
    },
    loadOptions: async () => [],
  };
}

export function isField(form: Surface["form"], blockId: string, actionId: string | undefined): boolean {
  return form.fields.some((field) => field.blockId === blockId && field.element.action_id === actionId);
}

function Time({ date, bare }: { date: Date; bare?: boolean }) {
  const names = useNames();
  return (
    <time class={bare ? "time bare" : "time"} dateTime={date.toISOString()} title={fullTime(date, names)}>
      {timeOf(date, names)}
    </time>
  );
}
