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
  /** Where the sandbox itself is what a link leads to, it goes there; null otherwise. */
  wayTo(url: string): (() => void) | null;
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

type Ways = { openChannel(id: string): void; visit(hostname: string): void };

export function namesFor(state: PageState, ways: Ways, now: () => Date): Names {
  const reader = state.people.find((person) => person.id === state.as);
  const shown = state.people.filter((person) => !person.isBot && !person.deleted);
  const channels = state.channels.filter((channel) => !channel.isIm);
  return {
    person: (id) => state.people.find((person) => person.id === id)?.realName ?? id,
    channel: (id) => state.channels.find((channel) => channel.id === id)?.name ?? "private-channel",
    group: (id) => state.userGroups.find((group) => group.id === id)?.handle ?? id,
    people: shown.map(({ id, realName }) => ({ id, label: realName })),
    channels: channels.map(({ id, name }) => ({ id, label: `#${name}` })),
    openChannel: ways.openChannel,
    wayTo: (url) => wayTo(state, ways, url),
    reader: state.as,
    timeZone: reader?.tz,
    locale: reader?.locale ?? "en-US",
    now,
  };
}

/** An exposed hostname resolves nowhere outside of the sandbox, and no more does its Slack. */
function wayTo(state: PageState, ways: Ways, url: string): (() => void) | null {
  const { hostname, pathname } = URL.parse(url) ?? { hostname: "", pathname: "" };
  if (state.hosts.some((host) => host.hostname === hostname)) return () => ways.visit(hostname);
  const [, channel] = /^\/archives\/(\w+)/.exec(pathname) ?? [];
  if (hostname.endsWith(".slack.com") && state.channels.some(({ id }) => id === channel))
    return () => ways.openChannel(channel ?? "");
  return null;
}
