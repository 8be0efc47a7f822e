// Redraws one exposure in Slack from what is stored: its card, and the messages that its changes called for.
import type { Logger } from "pino";
import type { Exposure, MessageRef } from "../domain/exposure.ts";
import type { Login, LoginsToShow } from "../domain/logins.ts";
import type { Deciders } from "../domain/policy.ts";
import { isStillTrue } from "../domain/still-true.ts";
import type { Slack } from "../services/slack.ts";
import type { Announcements, Unsent } from "../store/announcements.ts";
import type { AuditEntry } from "../store/audit.ts";
import { crossedAlert } from "../views/alerts.ts";
import { audienceDetails } from "../views/audience-details.ts";
import { type CardContext, exposureCard } from "../views/exposure-card.ts";
import { noticeMessage } from "../views/notices.ts";
import type { SlackMessage } from "../views/parts.ts";
import { deliver, sendEach } from "./delivery.ts";
import { drawn, redraw } from "./drawing.ts";
import { untilNoted } from "./until-noted.ts";

export type AnnounceTools = {
  load: (id: string) => Promise<Exposure | null>;
  announcements: Announcements;
  audit: (entries: AuditEntry[]) => Promise<void>;
  slack: Slack;
  channel: string;
  /** The alerts channel. */
  alerts: string;
  installation: string;
  decidersOf: (exposure: Exposure) => Deciders;
  /** What people call tunnels, groups and providers, by id. */
  names: () => Promise<Record<string, string>>;
  /** Of an open exposure; null where nothing is known. */
  loginsOf: (exposure: Exposure) => Promise<LoginsToShow | null>;
  now: () => Date;
  log: Logger;
};

export function createAnnounce(tools: AnnounceTools) {
  return async (exposureId: string): Promise<void> => {
    const [exposure, shown] = await Promise.all([
      tools.load(exposureId),
      tools.announcements.announcedVersion(exposureId),
    ]);
    if (!exposure) return;
    const { message: card, failure } = await drawn(() => drawCard(tools, exposure, shown));
    const unsent = await tools.announcements.unsent(exposureId);
    // Drawing the card takes time. Read after the messages, it is at least as new as what they tell of.
    const current = (await tools.load(exposureId)) ?? exposure;
    const sayable = unsent.filter((message) => card || message.recipient !== "thread");
    const unsaid = await sendEach(sayable, (message) => send(tools, current, card, message));
    if (failure ?? unsaid) throw failure ?? unsaid;
  };
}

/** The version is noted after Slack took the card: a crash in between draws it once more. */
async function drawCard(tools: AnnounceTools, exposure: Exposure, shown: number): Promise<MessageRef> {
  if (exposure.card && shown >= exposure.version) return exposure.card;
  const names = await tools.names();
  const pages = audienceDetails(exposure, names);
  const context = { ...(await contextOf(tools, exposure)), names, audienceInThread: pages.length > 0 };
  const message = exposureCard(exposure, context);
  const kept = exposure.card ? await redraw(tools.slack, exposure.card, message, tools.channel) : null;
  const card = kept ?? (await postCard(tools, exposure.id, message));
  // Approvers must be able to read everybody whom they let in, even if the first time was cut off.
  if (!kept || shown === 0)
    for (const page of pages)
      await tools.slack.postMessage({ channel: card.channel, threadTs: card.ts, ...page });
  await tools.announcements.setAnnounced(exposure.id, exposure.version, loginsOn(exposure, context));
  return card;
}

/** What a card has shown is remembered while its exposure is opened anew, and forgotten once that ends. */
function loginsOn({ phase }: Exposure, { logins }: CardContext): Login[] | null | undefined {
  return phase === "opening" ? undefined : (logins?.last ?? null);
}

async function postCard(
  tools: AnnounceTools,
  exposureId: string,
  message: SlackMessage,
): Promise<MessageRef> {
  const metadata = { type: "exposure", payload: { id: exposureId } };
  const posted = await tools.slack.postMessage({ channel: tools.channel, ...message, metadata });
  await untilNoted(tools.log, () => tools.announcements.setCard(exposureId, posted));
  await untilNoted(tools.log, () => note(tools, exposureId, "card posted", "ok", { ...posted }));
  return posted;
}

async function contextOf(tools: AnnounceTools, exposure: Exposure): Promise<CardContext> {
  return {
    now: tools.now(),
    approvers: tools.decidersOf(exposure),
    installation: tools.installation,
    logins: exposure.phase === "open" ? await tools.loginsOf(exposure) : null,
  };
}

async function send(
  tools: AnnounceTools,
  exposure: Exposure,
  card: MessageRef | null,
  message: Unsent,
): Promise<void> {
  const audit = (outcome: string) =>
    note(tools, exposure.id, `message: ${message.kind}`, outcome, { to: message.recipient });
  if (isOvertaken(message, exposure, tools.now())) {
    await audit("overtaken");
    return await tools.announcements.sent(message.id, tools.now(), null);
  }
  await deliver({
    message,
    store: tools.announcements,
    post: async () => post(tools, card, message.recipient, await contentOf(tools, exposure, message)),
    instead: card,
    log: tools.log,
    audit,
    now: tools.now,
  });
}

/** That a write crossed somebody else's stays true. */
function isOvertaken(message: Unsent, exposure: Exposure, now: Date): boolean {
  if (message.kind === "crossed") return false;
  const { notice } = message.details;
  return !isStillTrue(message.kind, exposure, { notice, calledAt: message.createdAt, now });
}

async function contentOf(tools: AnnounceTools, exposure: Exposure, said: Unsent): Promise<SlackMessage> {
  if (said.kind === "crossed") {
    const names = await tools.names();
    return crossedAlert(names[exposure.tunnelId] ?? exposure.tunnelId, said.details);
  }
  return noticeMessage(said.kind, exposure, { approvers: tools.decidersOf(exposure), ...said.details });
}

async function post(
  { slack, alerts }: AnnounceTools,
  card: MessageRef | null,
  recipient: Unsent["recipient"],
  content: SlackMessage,
): Promise<MessageRef> {
  if (recipient === "thread" && card)
    return await slack.postMessage({ channel: card.channel, threadTs: card.ts, ...content });
  if (recipient === "alerts") return await slack.postMessage({ channel: alerts, ...content });
  return await slack.directMessage(recipient, content);
}

async function note(
  tools: AnnounceTools,
  exposureId: string,
  action: string,
  outcome: string,
  details: Record<string, unknown>,
): Promise<void> {
  await tools.audit([{ at: tools.now(), actor: "announce", action, exposureId, outcome, details }]);
}
