// A channel or the conversation with the app: head, messages by day, composer.
import { useEffect, useRef } from "preact/hooks";
import type { SlackMessage } from "../contract.ts";
import { dayOf } from "./blocks/dates.ts";
import { useNames } from "./blocks/names.ts";
import { Composer } from "./composer.tsx";
import { useDesk } from "./desk.ts";
import { AppTabs } from "./home.tsx";
import { LockIcon } from "./icons.tsx";
import { MessageView } from "./message.tsx";
import type { PageChannel } from "./state.ts";

const SAME_BREATH_SECONDS = 300;

export function ChannelView({ channel }: { channel: PageChannel }) {
  const { state } = useDesk();
  const inChannel = channel.messages.filter(
    (message) => !message.threadTs || message.threadTs === message.ts || message.broadcast,
  );
  return (
    <main class="channel" aria-label={channel.isIm ? state.app.name : `#${channel.name}`}>
      {channel.isIm ? (
        <AppTabs current="messages" />
      ) : (
        <header class="channel-head">
          <h2>
            <span aria-hidden="true">{channel.isPrivate ? <LockIcon /> : "#"}</span> {channel.name}
          </h2>
          <span class="muted">{channel.members.length} members</span>
        </header>
      )}
      <MessageList
        messages={inChannel}
        channel={channel}
        label={`Messages in ${channel.isIm ? state.app.name : channel.name}`}
      />
      <Writing channel={channel} />
    </main>
  );
}

function Writing({ channel }: { channel: PageChannel }) {
  const { app } = useDesk().state;
  if (channel.archived) return <p class="archived">This channel is archived.</p>;
  if (channel.isIm && !app.takesMessages)
    return <p class="archived">Sending messages to this app has been turned off.</p>;
  return (
    <Composer
      channel={channel}
      placeholder={channel.isIm ? `Message ${app.name}` : `Message #${channel.name}`}
    />
  );
}

function MessageList({
  messages,
  channel,
  label,
}: {
  messages: SlackMessage[];
  channel: PageChannel;
  label: string;
}) {
  const names = useNames();
  const list = useRef<HTMLDivElement>(null);
  const latest = messages.at(-1)?.ts;
  const size = messages.length;
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [latest, size]);
  if (messages.length === 0) {
    return (
      <div class="messages empty" ref={list}>
        <p>
          <b>Nothing here yet.</b>
          <br />
          Write a message below, or try <code>/expose</code>.
        </p>
      </div>
    );
  }
  return (
    <div class="messages" role="log" aria-label={label} ref={list}>
      {messages.map((message, index) => {
        const before = messages[index - 1];
        const day = dayOf(dateOf(message), names);
        const newDay = !before || dayOf(dateOf(before), names) !== day;
        return (
          <div key={message.ts}>
            {newDay && (
              <div class="day">
                <span>{day}</span>
              </div>
            )}
            <MessageView message={message} channel={channel} compact={!newDay && follows(message, before)} />
          </div>
        );
      })}
    </div>
  );
}

export function dateOf(message: { ts: string }): Date {
  return new Date(Number(message.ts) * 1000);
}

function follows(message: SlackMessage, before: SlackMessage | undefined): boolean {
  if (!before || before.user !== message.user || before.only !== message.only || message.broadcast)
    return false;
  return Number(message.ts) - Number(before.ts) < SAME_BREATH_SECONDS;
}
