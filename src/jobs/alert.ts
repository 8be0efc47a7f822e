// Redraws an incident's message in Slack from what is stored, and sends what its changes called for and is still so.
import type { Logger } from "pino";
import type { Exposure, MessageRef } from "../domain/exposure.ts";
import type { Incident } from "../domain/incident.ts";
import { isNoticeStillTrue, stillOpenFor } from "../domain/incident-still-true.ts";
import type { Slack } from "../services/slack.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { IncidentMessages, UnsentNotice } from "../store/incident-messages.ts";
import type { IncidentStore } from "../store/incidents.ts";
import { incidentCard } from "../views/incident-card.ts";
import { incidentNotice } from "../views/incident-notices.ts";
import type { SlackMessage } from "../views/parts.ts";
import { deliver, sendEach } from "./delivery.ts";
import { drawn, redraw } from "./drawing.ts";
import { untilNoted } from "./until-noted.ts";

export type AlertTools = {
  incidents: Pick<IncidentStore, "load">;
  incidentMessages: IncidentMessages;
  audit: (entries: AuditEntry[]) => Promise<void>;
  slack: Slack;
  /** The alerts channel. */
  channel: string;
  installation: string;
  onCall: string | null;
  runbookUrl: string | null;
  live: () => Promise<Exposure[]>;
  now: () => Date;
  log: Logger;
};

export function createAlert(tools: AlertTools) {
  return async (incidentId: string): Promise<void> => {
    const incident = await tools.incidents.load(incidentId);
    if (!incident) return;
    const { message, failure } = await drawn(() => drawMessage(tools, incident));
    const unsent = await tools.incidentMessages.unsent(incidentId);
    // Drawing takes time: read after the messages, it is at least as new as what they tell of.
    const current = (await tools.incidents.load(incidentId)) ?? incident;
    const sayable = unsent.filter((notice) => message || notice.recipient !== "thread");
    const unsaid = await sendEach(sayable, (notice) => send(tools, current, message, notice));
    if (failure ?? unsaid) throw failure ?? unsaid;
  };
}

/** The version is noted after Slack took the message: a crash in between draws it once more. */
async function drawMessage(tools: AlertTools, incident: Incident): Promise<MessageRef> {
  const { incidentMessages, slack, channel, log } = tools;
  const behind = (await incidentMessages.announcedVersion(incident.id)) < incident.version;
  if (incident.message && !behind) return incident.message;
  const card = incidentCard(incident, { ...tools, now: tools.now() });
  const drawn = incident.message ? await redraw(slack, incident.message, card, channel) : null;
  if (drawn) {
    await incidentMessages.setAnnounced(incident.id, incident.version);
    return drawn;
  }
  const metadata = { type: "incident", payload: { id: incident.id } };
  const posted = await slack.postMessage({ channel, ...card, metadata });
  await untilNoted(log, () => incidentMessages.setMessage(incident.id, posted));
  await incidentMessages.setAnnounced(incident.id, incident.version);
  await untilNoted(log, () => note(tools, incident, "incident posted", "ok", { ...posted }));
  return posted;
}

async function send(
  tools: AlertTools,
  incident: Incident,
  message: MessageRef | null,
  notice: UnsentNotice,
): Promise<void> {
  const { incidentMessages, onCall, runbookUrl, now } = tools;
  const { id, kind, recipient } = notice;
  const audit = (outcome: string) => note(tools, incident, `message: ${kind}`, outcome, { to: recipient });
  const told = await toldOf(tools, notice);
  const tunnelIds = told.map(({ tunnelId }) => tunnelId);
  if (!isNoticeStillTrue(kind, incident, { tunnelIds, now: now() })) {
    await audit("overtaken");
    return await incidentMessages.sent(id, now(), null);
  }
  const hostnames = told.map(({ hostname }) => hostname);
  const content = incidentNotice(kind, incident, { hostnames, onCall, runbookUrl });
  await deliver({
    message: notice,
    store: incidentMessages,
    post: () => post(tools, message, notice, content),
    instead: message,
    log: tools.log,
    audit,
    now,
  });
}

/** What a requester is told of, as far as it is still open. */
async function toldOf({ live }: AlertTools, { recipient, hostnames }: UnsentNotice): Promise<Exposure[]> {
  return hostnames.length > 0 ? stillOpenFor(recipient, hostnames, await live()) : [];
}

async function post(
  { slack }: AlertTools,
  message: MessageRef | null,
  { recipient, broadcast }: UnsentNotice,
  content: SlackMessage,
): Promise<MessageRef> {
  return recipient === "thread" && message
    ? await slack.postMessage({ channel: message.channel, threadTs: message.ts, broadcast, ...content })
    : await slack.directMessage(recipient, content);
}

async function note(
  { audit, now }: AlertTools,
  incident: Incident,
  action: string,
  outcome: string,
  details: Record<string, unknown>,
): Promise<void> {
  const entry = { at: now(), actor: "alert", action, exposureId: null, outcome };
  await audit([{ ...entry, details: { incident: incident.id, ...details } }]);
}
