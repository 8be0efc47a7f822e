// What the emulated workspace knows: people, channels, groups and messages, and who may see what.
import type { Seed, SeedPerson, Shared, SlackMessage } from "../contract.ts";

export type Json = Record<string, unknown>;

export type Channel = {
  id: string;
  name: string;
  isPrivate: boolean;
  isIm: boolean;
  members: string[];
  archived: boolean;
  botIn: boolean;
};

export type UserGroup = { id: string; handle: string; name: string; users: string[] };
export type Change = { kind: string; channel?: string; user?: string };
export type NewMessage = Omit<SlackMessage, "ts">;

export type Workspace = {
  seed: Seed["slack"];
  appId: string;
  botId: string;
  now(): Date;
  scopes: Set<string>;
  person(id: string): SeedPerson | undefined;
  people(): SeedPerson[];
  setPerson(id: string, change: Partial<SeedPerson>): void;
  channel(id: string): Channel | undefined;
  channels(): Channel[];
  groups: Map<string, UserGroup>;
  openDm(user: string): Channel;
  /** Unique and increasing, from the sandbox's clock. */
  nextTs(): string;
  /** A message never changes: what is edited takes its place, so that whoever was given one may keep it. */
  post(message: NewMessage): SlackMessage;
  find(channel: string, ts: string): SlackMessage | undefined;
  edit(message: SlackMessage, change: Partial<NewMessage>): SlackMessage;
  remove(channel: string, ts: string): void;
  visible(channel: string, as?: string): SlackMessage[];
  maySee(channel: Channel, user: string): boolean;
  changed(change: Change): void;
  onChange(listener: (change: Change) => void): () => void;
};

export function createWorkspace(shared: Shared, seed: Seed["slack"]): Workspace {
  const people = new Map(seed.people.map((person) => [person.id, { ...person }]));
  const channels = new Map(seed.channels.map((each) => [each.id, seededChannel(each, seed.botUserId)]));
  const messages = new Map<string, SlackMessage[]>();
  const listeners = new Set<(change: Change) => void>();
  let lastMicros = 0;
  if (!people.has(seed.botUserId)) people.set(seed.botUserId, botPerson(seed.botUserId));

  const workspace: Workspace = {
    seed,
    appId: "A0DRAWBRIDGE",
    botId: `B${seed.botUserId.slice(1)}`,
    now: () => shared.clock.now(),
    scopes: new Set(seed.scopes),
    groups: new Map(seed.userGroups.map((group) => [group.id, { ...group, users: [...group.users] }])),
    person: (id) => people.get(id),
    people: () => [...people.values()].map((person) => ({ ...person })),
    setPerson(id, change) {
      const person = people.get(id);
      if (!person) throw new Error(`no such person: ${id}`);
      people.set(id, { ...person, ...change, id });
      workspace.changed({ kind: "person", user: id });
    },
    channel: (id) => channels.get(id),
    channels: () => [...channels.values()],
    openDm(user) {
      const id = `D${user.slice(1)}`;
      const existing = channels.get(id);
      if (existing) return existing;
      const opened = directMessage(id, user, seed.botUserId);
      channels.set(id, opened);
      workspace.changed({ kind: "channel", channel: id, user });
      return opened;
    },
    nextTs() {
      lastMicros = Math.max(lastMicros + 1, shared.clock.now().getTime() * 1000);
      return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, "0")}`;
    },
    post(message) {
      const posted = { ...message, ts: workspace.nextTs() };
      const before = messages.get(message.channel);
      if (before) before.push(posted);
      else messages.set(message.channel, [posted]);
      workspace.changed({ kind: "message", channel: message.channel, user: message.only });
      return posted;
    },
    find: (channel, ts) => messages.get(channel)?.find((each) => each.ts === ts && !each.deleted),
    edit(message, change) {
      const edited = { ...message, ...change };
      const all = messages.get(message.channel) ?? [];
      all[all.indexOf(message)] = edited;
      workspace.changed({ kind: "message", channel: message.channel, user: message.only });
      return edited;
    },
    remove(channel, ts) {
      const message = workspace.find(channel, ts);
      if (message) workspace.edit(message, { deleted: true });
    },
    visible(channelId, as) {
      const channel = channels.get(channelId);
      if (!channel || (as !== undefined && !workspace.maySee(channel, as))) return [];
      const all = messages.get(channelId) ?? [];
      return all
        .filter(
          (each) =>
            (each.only === undefined || each.only === as) && (!each.deleted || isTombstone(each, all)),
        )
        .map((each) => (each.deleted ? { ...each, text: "This message was deleted.", blocks: [] } : each));
    },
    maySee(channel, user) {
      const guest = people.get(user)?.isRestricted || people.get(user)?.isUltraRestricted;
      return channel.members.includes(user) || (!channel.isPrivate && !channel.isIm && !guest);
    },
    changed(change) {
      for (const listener of listeners) listener(change);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return workspace;
}

/** A deleted parent stays in sight as long as its thread has replies. */
function isTombstone(message: SlackMessage, all: SlackMessage[]): boolean {
  return (
    !message.only &&
    all.some((each) => each.threadTs === message.ts && each.ts !== message.ts && !each.deleted)
  );
}

function seededChannel(channel: Seed["slack"]["channels"][number], bot: string): Channel {
  const botIn = channel.botIn ?? false;
  const members = botIn ? [...new Set([...channel.members, bot])] : [...channel.members];
  const { id, name, isPrivate = false } = channel;
  return { id, name, isPrivate, isIm: false, members, archived: false, botIn };
}

function directMessage(id: string, user: string, bot: string): Channel {
  return {
    id,
    name: "directmessage",
    isPrivate: true,
    isIm: true,
    members: [user, bot],
    archived: false,
    botIn: true,
  };
}

function botPerson(id: string): SeedPerson {
  return { id, name: "drawbridge", realName: "Drawbridge", isBot: true };
}
