// Slack's left side: who you are, the shortcut, channels and the app.
import { post } from "./api.ts";
import { Avatar } from "./avatar.tsx";
import { failureWords, useDesk } from "./desk.ts";
import { BoltIcon, LockIcon } from "./icons.tsx";
import { Menu } from "./menu.tsx";
import type { PageChannel } from "./state.ts";

export function Sidebar() {
  const { state } = useDesk();
  const channels = state.channels.filter((channel) => !channel.isIm);
  const mine = channels.filter((channel) => channel.members.includes(state.as));
  const others = channels.filter((channel) => !channel.members.includes(state.as));
  return (
    <nav class="sidebar" aria-label="Slack">
      <header>
        <h1>{state.teamName}</h1>
        <PersonSwitcher />
        <Shortcuts />
      </header>
      <div class="sidebar-entries">
        <Section title="Channels" channels={mine} />
        {others.length > 0 && <Section title="Not joined" channels={others} />}
        <h2>Apps</h2>
        <AppEntry />
      </div>
    </nav>
  );
}

function PersonSwitcher() {
  const { state, become } = useDesk();
  const me = state.people.find((person) => person.id === state.as);
  const people = state.people.filter((person) => !person.isBot && !person.deleted);
  const first = me?.realName.split(" ")[0] ?? "nobody";
  return (
    <Menu
      label={`You are ${first}`}
      buttonClass="person-switcher"
      button={
        <>
          <Avatar id={state.as} state={state} size={28} />
          <span>
            <small>You are</small>
            {first}
          </span>
          <span class="caret" aria-hidden="true">
            ⌄
          </span>
        </>
      }
      items={people.map((person) => ({
        id: person.id,
        label: person.realName,
        detail: [person.title, person.isRestricted || person.isUltraRestricted ? "guest" : ""]
          .filter(Boolean)
          .join(", "),
        picture: <Avatar id={person.id} state={state} size={28} />,
        checked: person.id === state.as,
      }))}
      onChoose={become}
    />
  );
}

function Shortcuts() {
  const { state, perform } = useDesk();
  return (
    <>
      {state.app.shortcuts.map(({ name, callbackId, description }) => (
        <button
          key={callbackId}
          type="button"
          class="shortcut"
          title={description}
          onClick={() =>
            void perform(post("/slack/shortcut", { user: state.as, callbackId }), failureWords(name))
          }
        >
          <BoltIcon />
          {name}
        </button>
      ))}
    </>
  );
}

function Section({ title, channels }: { title: string; channels: PageChannel[] }) {
  const { place, go, isRead } = useDesk();
  return (
    <>
      <h2>{title}</h2>
      <ul aria-label={title}>
        {channels.map((channel) => {
          const unread = isRead(channel);
          const current = place.kind === "channel" && place.id === channel.id;
          return (
            <li key={channel.id}>
              <button
                type="button"
                class={unread > 0 ? "entry unread" : "entry"}
                aria-current={current ? "page" : undefined}
                aria-label={unread > 0 ? `${channel.name}, ${unread} unread` : channel.name}
                onClick={() => go({ kind: "channel", id: channel.id })}
              >
                <span class="sign" aria-hidden="true">
                  {channel.isPrivate ? <LockIcon /> : "#"}
                </span>
                <span class="entry-name">{channel.name}</span>
                {unread > 0 && <span class="badge">{unread}</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** The app's entry opens its Home tab, where it has one; the badge counts its direct messages. */
function AppEntry() {
  const { state, place, go, isRead } = useDesk();
  const dm = state.channels.find((channel) => channel.isIm && channel.members.includes(state.as));
  const unread = dm ? isRead(dm) : 0;
  const here = place.kind === "home" || (dm !== undefined && place.id === dm.id);
  const toMessages = dm !== undefined && (unread > 0 || !state.app.homeTab);
  const open = () => go(toMessages ? { kind: "channel", id: dm.id } : { kind: "home" });
  return (
    <ul aria-label="Apps">
      <li>
        <button
          type="button"
          class={unread > 0 ? "entry unread" : "entry"}
          aria-current={here ? "page" : undefined}
          aria-label={unread > 0 ? `${state.app.name}, ${unread} unread` : state.app.name}
          onClick={open}
        >
          <Avatar id={state.botUserId} state={state} size={20} />
          <span class="entry-name">{state.app.name}</span>
          {unread > 0 && <span class="badge">{unread}</span>}
        </button>
      </li>
    </ul>
  );
}
