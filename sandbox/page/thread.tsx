// A thread: the first message, its replies and a composer of its own.
import { useEffect, useRef } from "preact/hooks";
import { Composer } from "./composer.tsx";
import { useDesk } from "./desk.ts";
import { MessageView } from "./message.tsx";
import type { PageChannel } from "./state.ts";

export function ThreadPanel({ channel, ts }: { channel: PageChannel; ts: string }) {
  const { openThread } = useDesk();
  const messages = channel.messages.filter((message) => message.ts === ts || message.threadTs === ts);
  const replies = messages.filter((message) => message.ts !== ts);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (replies.length > 0) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [replies.length]);
  return (
    <aside class="thread" aria-label="Thread">
      <header>
        <h2>Thread</h2>
        <span class="muted">{channel.isIm ? "" : `#${channel.name}`}</span>
        <button type="button" class="close" aria-label="Close thread" onClick={() => openThread(null)}>
          ×
        </button>
      </header>
      <div class="thread-messages" ref={list}>
        {messages.slice(0, 1).map((message) => (
          <MessageView key={message.ts} message={message} channel={channel} inThread />
        ))}
        {replies.length > 0 && (
          <div class="thread-count">{replies.length === 1 ? "1 reply" : `${replies.length} replies`}</div>
        )}
        {replies.map((message) => (
          <MessageView key={message.ts} message={message} channel={channel} inThread />
        ))}
      </div>
      <Composer channel={channel} threadTs={ts} placeholder="Reply …" />
    </aside>
  );
}
