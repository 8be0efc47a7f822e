// How ids are shown to a reader: people, channels and groups by name, times in the reader's own zone and language.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PageState } from "../state.ts";

export type Names = {
  person(id: string): string;
  channel(id: string): string;
  group(id: string): string;
  people: { id: string; label: string }[];
  channels: { id: string; label: string }[];
  openChannel(id: string): void;
  reader: string;
  timeZone: string | undefined;
  locale: string;
  now(): Date;
};

export const NamesContext = createContext<Names | null>(null);

export function useNames(): Names {
  const names = useContext(NamesContext);
  if (!names) throw new Error("no names here");
  return names;
}

export function namesFor(state: PageState, openChannel: (id: string) => void, now: () => Date): Names {
  const reader = state.people.find((person) => person.id === state.as);
  const shown = state.people.filter((person) => !person.isBot && !person.deleted);
  const channels = state.channels.filter((channel) => !channel.isIm);
  return {
    person: (id) => state.people.find((person) => person.id === id)?.realName ?? id,
    channel: (id) => state.channels.find((channel) => channel.id === id)?.name ?? "private-channel",
    group: (id) => state.userGroups.find((group) => group.id === id)?.handle ?? id,
    people: shown.map(({ id, realName }) => ({ id, label: realName })),
    channels: channels.map(({ id, name }) => ({ id, label: `#${name}` })),
    openChannel,
    reader: state.as,
    timeZone: reader?.tz,
    locale: reader?.locale ?? "en-US",
    now,
  };
}
