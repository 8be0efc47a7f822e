// Redraws an incident's message in Slack from what is stored, and sends what its changes called for.
import type { Logger } from "pino";
import type { MessageRef } from "../domain/exposure.ts";
import type { Incident } from "../domain/incident.ts";
import type { Slack } from "../services/slack.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { IncidentMessages, UnsentNotice } from "../store/incident-messages.ts";
import type { IncidentStore } from "../store/incidents.ts";
import { incidentCard } from "../views/incident-card.ts";
import { incidentNotice } from "../views/incident-notices.ts";
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
  const { incidentMessages, slack, onCall, runbookUrl } = tools;
  const { kind, hostnames, createdAt, recipient, broadcast } = notice;
  const content = incidentNotice(kind, incident, { hostnames, at: createdAt, onCall, runbookUrl });
  await deliver({
    message: notice,
    store: incidentMessages,
    post: () =>
      recipient === "thread" && message
        ? slack.postMessage({ channel: message.channel, threadTs: message.ts, broadcast, ...content })
        : slack.directMessage(recipient, content),
    instead: message,
    log: tools.log,
    audit: (outcome) => note(tools, incident, `message: ${kind}`, outcome, { to: recipient }),
    now: tools.now,
  });
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
