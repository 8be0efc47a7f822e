// The first visit's guide: the steps of the story, each ticked off by what really happened in the emulators.
import type { Seed, SeedPerson } from "./contract.ts";
import type { ControlParts } from "./control.ts";
import type { CityRecord } from "./control-city.ts";
import type { GuideStep } from "./page/state.ts";

export type Guide = { steps(): GuideStep[]; stop(): void };

export function createGuide(parts: ControlParts, city: CityRecord): Guide {
  const { shared, seed, cloudflare } = parts;
  const { asker, lead, service } = castOf(seed);
  const outage = createOutageStory(parts, lead);
  const before = new Set(city.hosts().map((host) => host.hostname));
  let asked = false;
  let sent = false;
  // Remembered here, because the journal can be cleared.
  const stop = shared.journal.onWrite(({ vendor, path, status }) => {
    if (vendor !== "slack" || status !== 200) return;
    if (path.endsWith("views.open")) asked = true;
    if (asked && path.endsWith("chat.postMessage")) sent = true;
  });
  const stopAll = () => {
    stop();
    outage.stop();
  };

  function steps(): GuideStep[] {
    const opened = city.hosts().filter(({ hostname, events }) => {
      return !before.has(hostname) && events.some((event) => event.what.includes("application created"));
    });
    const events = opened.flatMap(({ hostname }) => cloudflare.history(hostname).map((event) => event.what));
    const visits = city.visits().filter((visit) => opened.some((host) => host.hostname === visit.hostname));
    const happened = (what: string) => events.some((event) => event.includes(what));
    return [
      {
        title: `Type /expose ${service}`,
        hint: `You are ${asker}. Write it in the message field of any channel, or press the lightning button.`,
        done: asked,
      },
      {
        title: "Send the request",
        hint: "Say why, for how long and for whom. A card for the approvers appears in a channel.",
        done: sent,
      },
      {
        title: `Switch to ${lead} and approve`,
        hint: `Choose ${lead} at the top left, open the channel with the card and press Approve.`,
        done: happened("access application created"),
      },
      {
        title: "Watch it open",
        hint: "The gate is proved from outside before the road is laid: the card shows each step.",
        done: happened("route added"),
      },
      {
        title: "Visit as a stranger",
        hint: "In the panel on the right, under Hostnames.",
        done: visits.some((visit) => !visit.known),
      },
      {
        title: `Visit as ${asker}`,
        hint: "Access lets the people of the audience through: now it is the service that answers.",
        done: visits.some((visit) => visit.known && visit.verdict === "reached the service"),
      },
      {
        title: "Delete the gate by hand",
        hint: "Under Cloudflare on the right, delete its Access application. The second lock holds; the bot takes the route out and opens it anew.",
        done: events.filter((event) => event.includes("application created")).length > opened.length,
      },
      ...outage.steps(),
      {
        title: "Move time forward and see it close",
        hint: "Forward 8 h, on the right: the bridge goes up again when the approved time is over.",
        done: opened.some(({ hostname }) => isClosed(cloudflare.history(hostname).map(({ what }) => what))),
      },
    ];
  }
  return { steps, stop: stopAll };
}

/** A repair takes the route out too, but leaves the record. */
function isClosed(events: string[]): boolean {
  const last = (of: string) => events.findLast((event) => event.startsWith(of));
  return last("route") === "route removed" && last("dns record") === "dns record removed";
}

/** Broken, told, healed: in the sandbox that runs processes for the tunnel's connectors. */
function createOutageStory({ shared, tunnel, slack }: ControlParts, lead: string): Guide {
  const seen = { broken: false, told: false, healed: false, resolved: false };
  if (!tunnel) return { steps: () => [], stop: () => undefined };
  const alerts = slack.channels().find(({ name }) => name.endsWith("alerts"));
  const stops = [
    tunnel.onChange(() => {
      const broken = tunnel.faults.active() !== null;
      if (seen.told && seen.broken && !broken) seen.healed = true;
      if (broken) seen.broken = true;
    }),
    shared.journal.onWrite(({ vendor, path, body, status }) => {
      const channel = (body as { channel?: string } | null)?.channel;
      if (vendor !== "slack" || status !== 200 || channel !== alerts?.id) return;
      if (seen.healed && /chat\.(update|postMessage)$/.test(path)) seen.resolved = true;
      if (seen.broken && path.endsWith("chat.postMessage")) seen.told = true;
    }),
  ];
  return {
    steps: () => [
      {
        title: "Press Block QUIC",
        hint: "In the panel on the right, under Tunnel: what happens to cloudflared on Cloud Run without --protocol http2.",
        done: seen.broken,
      },
      {
        title: "Read what broke, why, and what to do",
        hint: `As ${lead}, in #${alerts?.name}: one message, with the cause, its evidence and the setting to change.`,
        done: seen.told,
      },
      {
        title: "Press Heal and see it resolve",
        hint: "The same message says since when it is over.",
        done: seen.resolved,
      },
    ],
    stop() {
      for (const each of stops) each();
    },
  };
}

/** Who plays the story: somebody who asks, somebody who leads, and the first service that can be asked for. */
function castOf(seed: Seed): { asker: string; lead: string; service: string } {
  const people = seed.slack.people.filter((person) => person.email && !person.isBot && !person.deleted);
  const lead = people.find((person) => /lead/i.test(person.title ?? "")) ?? people[1];
  const asker = people.find((person) => person !== lead) ?? people[0];
  return {
    asker: firstName(asker),
    lead: firstName(lead),
    service: seed.google.services[0]?.name ?? "billing-api",
  };
}

function firstName(person: SeedPerson | undefined): string {
  return person?.realName.split(" ")[0] ?? "somebody";
}
