// The message of an incident in the alerts channel: one message, its whole life, redrawn from stored state.
import type { ActionsBlock, KnownBlock, RichTextElement } from "@slack/types";
import {
  affectedBy,
  type Incident,
  isDown,
  isMuted,
  type Member,
  standingMembers,
} from "../domain/incident.ts";
import { causeWords } from "./cause-words.ts";
import { actions } from "./ids.ts";
import { incidentTitle, lastedWords } from "./incident-words.ts";
import { groupMention, personMention } from "./mentions.ts";
import {
  bold,
  bullets,
  button,
  code,
  footnote,
  heading,
  moment,
  paragraph,
  person,
  rich,
  type SlackMessage,
  sentence,
  words,
} from "./parts.ts";
import { plain } from "./plain-text.ts";
import { remedyBlock } from "./remedy-block.ts";
import { spoken } from "./spoken.ts";
import { dateToken } from "./time-words.ts";

export type IncidentContext = {
  now: Date;
  installation: string;
  /** The Slack user group that is on call. */
  onCall: string | null;
  /** Where the pages of the runbook are; null: in the repository. */
  runbookUrl: string | null;
};

const MOST_TUNNELS = 10;
const MOST_AFFECTED = 12;
const FEW_LINES = 3;
const LONGEST_LINE = 220;

export function incidentCard(incident: Incident, context: IncidentContext): SlackMessage {
  const title = incidentTitle(incident);
  const status = statusOf(incident, context);
  const [where, remedy] = [
    [sentence(status), ...tunnels(incident), affected(incident)],
    incident.phase === "open" ? [remedyBlock(incident, context.runbookUrl)] : [],
  ];
  const blocks = [
    heading(title),
    ...where,
    rich([paragraph(bold(causeLabel(incident)), words(causeSentence(incident))), ...evidence(incident)]),
    ...remedy,
    ...buttons(incident, context.now),
    footnote([`Drawbridge ${plain(context.installation, 60)}, incident ${incident.id}`]),
  ];
  return spoken(`${title}. ${causeOf(incident)}`, blocks, [...where, ...remedy]);
}

/** Our own words: where it stands, who has it, who is called. */
function statusOf(incident: Incident, { now, onCall }: IncidentContext): string {
  const { acknowledged, muted, phase } = incident;
  const lines = [phase === "open" ? openStatus(incident) : endedStatus(incident)];
  if (phase === "open" && acknowledged)
    lines.push(`${personMention(acknowledged.by)} acknowledged it ${dateToken(acknowledged.at)}.`);
  if (phase === "open" && muted && isMuted(incident, now))
    lines.push(`Muted by ${personMention(muted.by)} until ${dateToken(muted.until)}.`);
  if (incident.onCall === "message" && onCall) lines.push(`On call: ${groupMention(onCall)}.`);
  return lines.join("\n");
}

function openStatus(incident: Incident): string {
  const since = `Since ${dateToken(incident.since)}.`;
  const again = incident.rounds > 1 ? ` It has come back ${times(incident.rounds - 1)}.` : "";
  return `${since}${again} ${howItIs(incident)}`;
}

function howItIs(incident: Incident): string {
  const members = standingMembers(incident);
  if (members.every((member) => member.goodSince !== null))
    return "It is good again just now. This ends when it stays so.";
  if (isDown(incident)) return "Nobody gets through at the moment.";
  if (incident.slot.startsWith("origin-")) return "Visitors of the service see an error.";
  return "Visitors still get through.";
}

function endedStatus({ since, endedAt, rounds }: Incident): string {
  const end = endedAt ?? since;
  const again = rounds > 1 ? ` It came back ${times(rounds - 1)}.` : "";
  return `It ended ${dateToken(end)} after ${lastedWords(since, end)}.${again} Nothing is left to do here.`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** Only where there are several: one is named in the title. */
function tunnels({ members }: Incident): KnownBlock[] {
  if (members.length < 2) return [];
  const shown = members.slice(0, MOST_TUNNELS).map(tunnelLine);
  return [rich([paragraph(bold("Tunnels")), bullets([...shown, ...more(members.length - shown.length)])])];
}

function tunnelLine(member: Member): RichTextElement[] {
  const state = member.endedAt ? "good again since " : member.down ? "down since " : "since ";
  return [code(member.name, 60), words(`, ${state}`), moment(member.endedAt ?? member.since)];
}

function affected(incident: Incident): KnownBlock {
  const all = affectedBy(incident);
  const title = incident.phase === "open" ? "Affected" : "Was affected";
  if (all.length === 0) return rich([paragraph(bold(`${title}: `), words("no exposure that is open"))]);
  const shown = all
    .slice(0, MOST_AFFECTED)
    .map(({ hostname, requesterId }) => [code(hostname, 80), words(", asked for by "), person(requesterId)]);
  return rich([paragraph(bold(title)), bullets([...shown, ...more(all.length - shown.length)])]);
}

function more(count: number): RichTextElement[][] {
  return count > 0 ? [[words(`and ${count} more`)]] : [];
}

function evidence(incident: Incident) {
  const shown = incident.evidence.slice(0, FEW_LINES).map((line) => [code(line, LONGEST_LINE)]);
  return shown.length > 0 ? [bullets(shown)] : [];
}

function causeLabel({ phase }: Incident): string {
  return phase === "open" ? "Cause: " : "Cause while it lasted: ";
}

/** In running text; of what is over, not as if it still were. */
export function causeOf(incident: Incident): string {
  return `${incident.phase === "open" ? "" : causeLabel(incident)}${causeSentence(incident)}`;
}

export function causeSentence({ cause }: Incident): string {
  const said = causeWords(cause);
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
}

function buttons(incident: Incident, now: Date): ActionsBlock[] {
  const shown = { id: incident.id, digest: `r${incident.rounds}` };
  const open = incident.phase === "open";
  const acknowledge = button("Acknowledge", actions.acknowledge, shown, { style: "primary" });
  const elements = [
    ...(open && !incident.acknowledged ? [acknowledge] : []),
    ...(open && !isMuted(incident, now) ? [button("Mute 1 h", actions.mute, shown)] : []),
    button("Show Evidence", actions.evidence, shown),
  ];
  return [{ type: "actions", block_id: `incident-${incident.version}`, elements }];
}
