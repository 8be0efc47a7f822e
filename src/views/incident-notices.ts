// Replies in the thread of an incident's message, direct messages to requesters, and the whole evidence for who asks.
import type { Incident } from "../domain/incident.ts";
import type { IncidentNoticeKind } from "../domain/incident-notices.ts";
import { causeOf, causeSentence } from "./incident-card.ts";
import { incidentTitle, isOrAre, lastedWords, tunnelWords } from "./incident-words.ts";
import { groupMention, personMention } from "./mentions.ts";
import { bullets, code, paragraph, rich, type SlackMessage, sentence, words } from "./parts.ts";
import { escapeMrkdwn } from "./plain-text.ts";
import { remedyBlock } from "./remedy-block.ts";
import { spoken } from "./spoken.ts";
import { dateToken } from "./time-words.ts";

export type IncidentNoticeContext = {
  /** What the person cannot, or can again, reach. */
  hostnames: string[];
  onCall: string | null;
  runbookUrl: string | null;
};

const MOST_HOSTNAMES = 10;

type Telling = (incident: Incident, context: IncidentNoticeContext) => SlackMessage;

const NOTICES: Record<IncidentNoticeKind, Telling> = {
  again: (incident) =>
    told(`${tunnel(incident)} ${isOrAre(incident)} in trouble again. The message above is up to date.`),
  worse: (incident) =>
    told(`${tunnel(incident)} ${isOrAre(incident)} down now: nobody gets through any more.`),
  "on-call": (_incident, { onCall }) =>
    told(
      `${onCall ? `${groupMention(onCall)}: this` : "This"} has become serious. Please look at the message above.`,
    ),
  cause: causeNotice,
  acknowledged: ({ acknowledged }) =>
    told(`${personMention(acknowledged?.by ?? "")} has seen this and looks after it.`),
  muted: ({ muted }) => {
    const until = muted ? ` until ${dateToken(muted.until)}` : "";
    return told(
      `${personMention(muted?.by ?? "")} muted this${until}: nothing more is said in the channel. The message above stays up to date.`,
    );
  },
  "mute-over": () => told("The mute is over, and this still stands."),
  recovered: recoveredNotice,
  unreachable: unreachableNotice,
  reachable: (incident, { hostnames }) =>
    direct(
      hostnames,
      `${these(hostnames)} ${hostnames.length > 1 ? "are" : "is"} behind a tunnel that is up again. ${away(incident)}`,
    ),
};

export function incidentNotice(
  kind: IncidentNoticeKind,
  incident: Incident,
  context: IncidentNoticeContext,
): SlackMessage {
  return NOTICES[kind](incident, context);
}

function causeNotice(incident: Incident, { runbookUrl }: IncidentNoticeContext): SlackMessage {
  const message = told(`The cause is known now. ${causeSentence(incident)}`);
  const remedy = remedyBlock(incident, runbookUrl);
  return spoken(message.text, [...message.blocks, remedy], [remedy]);
}

function recoveredNotice(incident: Incident): SlackMessage {
  return told(`${tunnel(incident)} ${isOrAre(incident)} good again. ${lasted(incident)}`);
}

function unreachableNotice(incident: Incident, { hostnames }: IncidentNoticeContext): SlackMessage {
  const have = hostnames.length > 1 ? "have" : "has";
  return direct(
    hostnames,
    `${these(hostnames)} ${have} been out of reach since ${dateToken(incident.since)}: the tunnel that leads there is down. ` +
      "Those who look after it have been told. You get a message when it is up again; there is nothing for you to do.",
  );
}

function these(hostnames: string[]): string {
  return hostnames.length > 1 ? "These" : "This";
}

function lasted({ since, endedAt }: Incident): string {
  return endedAt ? `The trouble lasted ${lastedWords(since, endedAt)}.` : "";
}

/** Of an incident with several tunnels this one may be over before the rest. */
function away({ since, endedAt }: Incident): string {
  return endedAt ? `It was away for ${lastedWords(since, endedAt)}.` : "";
}

function tunnel(incident: Incident): string {
  return escapeMrkdwn(tunnelWords(incident));
}

function told(ourWords: string): SlackMessage {
  const text = ourWords.trim();
  return { text, blocks: [sentence(text)] };
}

function direct(hostnames: string[], ourWords: string): SlackMessage {
  const shown = hostnames.slice(0, MOST_HOSTNAMES).map((hostname) => [code(hostname, 100)]);
  const rest = hostnames.length - shown.length;
  const list = rich([bullets([...shown, ...(rest > 0 ? [[words(`and ${rest} more`)]] : [])])]);
  const text = ourWords.trim();
  const named = hostnames.slice(0, 3);
  const others = hostnames.length - named.length;
  const names = `${escapeMrkdwn(named.join(", ").slice(0, 300))}${others > 0 ? ` and ${others} more` : ""}`;
  return { text: `${names}: ${text}`, blocks: shown.length > 0 ? [list, sentence(text)] : [sentence(text)] };
}

/** All that is kept, for the one person who asks. */
export function evidenceMessage(incident: Incident): SlackMessage {
  const lines = incident.evidence.map((line) => [code(line, 400)]);
  const none = paragraph(words("No line of evidence was kept."));
  return spoken(`Evidence: ${incidentTitle(incident)}`, [
    rich([
      paragraph(words(`${incidentTitle(incident)}. ${causeOf(incident)}`)),
      ...(lines.length > 0 ? [bullets(lines)] : [none]),
      ...(incident.connector ? [paragraph(words("Connector "), code(incident.connector, 100))] : []),
    ]),
  ]);
}
