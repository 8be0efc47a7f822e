// What each person has read, channel by channel, kept for this browser tab.
import { useState } from "preact/hooks";
import type { PageChannel } from "./state.ts";

const KEY = "drawbridge-sandbox-read";
type Marks = Record<string, string>;

export function useReading(): {
  unread(person: string, channel: PageChannel): number;
  markRead(person: string, channel: PageChannel): void;
} {
  const [marks, setMarks] = useState<Marks>(stored);
  const of = (person: string, channel: PageChannel) => `${person}/${channel.id}`;
  return {
    unread(person, channel) {
      const last = marks[of(person, channel)] ?? "";
      return channel.messages.filter(
        (message) => message.ts > last && message.user !== person && !message.deleted,
      ).length;
    },
    markRead(person, channel) {
      const latest = channel.messages.at(-1)?.ts;
      if (!latest || (marks[of(person, channel)] ?? "") >= latest) return;
      const next = { ...marks, [of(person, channel)]: latest };
      sessionStorage.setItem(KEY, JSON.stringify(next));
      setMarks(next);
    },
  };
}

function stored(): Marks {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Marks;
  } catch {
    return {};
  }
}
