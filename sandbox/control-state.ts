// Everything the page shows to one person, in one answer.
import type { JournalEntry, SlackWorkspace } from "./contract.ts";
import type { ControlParts } from "./control.ts";
import type { CityRecord } from "./control-city.ts";
import type { Guide } from "./control-guide.ts";
import { tunnelState } from "./control-tunnel-state.ts";
import type { PageChannel, PageState } from "./page/state.ts";

const JOURNAL_TAIL = 60;
const LONGEST_BODY = 4000;

export function pageState(parts: ControlParts, city: CityRecord, guide: Guide, as: string): PageState {
  const { shared, seed, slack, app, bot } = parts;
  return {
    now: shared.clock.now().toISOString(),
    offsetMs: shared.clock.offsetMs(),
    teamName: seed.slack.teamName,
    botUserId: seed.slack.botUserId,
    app,
    bot: bot.status(),
    sockets: slack.sockets(),
    people: slack.people(),
    userGroups: seed.slack.userGroups.map(({ id, handle, name }) => ({ id, handle, name })),
    as,
    channels: channelsOf(slack, as),
    modals: slack.modals(as),
    home: slack.home(as),
    hosts: city.hosts(),
    cloudflare: city.cloudflare(),
    connectors: parts.tunnel && tunnelState(parts, parts.tunnel),
    faults: shared.faults.list(),
    journal: shared.journal.entries().slice(-JOURNAL_TAIL).map(shortened),
    guide: guide.steps(),
  };
}

/** Channels this person is in, public ones they could join (guests: none), and their conversation with the bot. */
function channelsOf(slack: SlackWorkspace, as: string): PageChannel[] {
  slack.dm(as);
  const person = slack.people().find((each) => each.id === as);
  const guest = person?.isRestricted || person?.isUltraRestricted || person?.isStranger;
  return slack
    .channels()
    .filter((channel) => channel.members.includes(as) || !(guest || channel.isPrivate || channel.isIm))
    .map((channel) => ({ ...channel, messages: slack.messages(channel.id, as) }));
}

function shortened(entry: JournalEntry): JournalEntry {
  const size = JSON.stringify(entry.body ?? null).length;
  return size <= LONGEST_BODY ? entry : { ...entry, body: `(${size} characters; GET /journal has them)` };
}
