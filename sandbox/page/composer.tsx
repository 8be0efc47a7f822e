// The message field: plain text goes to the channel, a line that starts with a slash to the app.
import { useState } from "preact/hooks";
import { post } from "./api.ts";
import { failureWords, useDesk } from "./desk.ts";
import { SendIcon } from "./icons.tsx";
import type { PageChannel } from "./state.ts";

type Props = { channel: PageChannel; threadTs?: string; placeholder: string };

export function Composer({ channel, threadTs, placeholder }: Props) {
  const { state, perform, toast } = useDesk();
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const [word = ""] = text.split(" ");
  const hints =
    text.startsWith("/") && !threadTs
      ? state.app.commands.filter((each) => each.command.startsWith(word))
      : [];

  async function send(): Promise<void> {
    const line = text.trim();
    if (line === "" || sending) return;
    const command = line.split(" ")[0] ?? "";
    if (line.startsWith("/")) {
      if (threadTs) return toast(`${command} is not supported in threads. Sorry!`);
      if (!state.app.commands.some((each) => each.command === command)) {
        return toast(
          `“${command}” is not a valid command. In Slack, all messages that start with “/” are commands.`,
        );
      }
    }
    setSending(true);
    setText("");
    const user = state.as;
    if (line.startsWith("/")) {
      const body = { user, channel: channel.id, command, text: line.slice(command.length).trim() };
      await perform(post("/slack/command", body), failureWords(command));
    } else {
      const sent = await perform(
        post("/slack/say", { user, channel: channel.id, text: escaped(line), threadTs }),
      );
      if (!sent) setText(text);
    }
    setSending(false);
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const [only] = hints;
    if (event.key === "Tab" && only && !text.includes(" ")) {
      event.preventDefault();
      setText(`${only.command} `);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {hints.length > 0 && (
        <div class="command-hints" role="status" aria-label="Commands">
          {hints.map((hint) => (
            <p key={hint.command}>
              <b>{hint.command}</b> <span>{hint.usageHint}</span>
              <small>{hint.description}</small>
            </p>
          ))}
        </div>
      )}
      <textarea
        rows={1}
        aria-label={placeholder}
        placeholder={placeholder}
        value={text}
        onInput={(event) => setText((event.target as HTMLTextAreaElement).value)}
        onKeyDown={onKeyDown}
      />
      <button
        type="submit"
        class="send"
        aria-label={threadTs ? "Send reply" : "Send message"}
        disabled={text.trim() === ""}
        aria-busy={sending}
      >
        <SendIcon />
      </button>
    </form>
  );
}

/** As Slack's client sends what people type. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
