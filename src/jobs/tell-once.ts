// Tells the alerts channel something once, whichever process comes to it, and notes in the audit that it was told.
import type { Logger } from "pino";
import type { Slack } from "../services/slack.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { Chores } from "../store/chores.ts";
import type { SlackMessage } from "../views/parts.ts";
import { untilNoted } from "./until-noted.ts";

export type TellTools = {
  chores: Chores;
  slack: Pick<Slack, "postMessage">;
  /** The alerts channel. */
  channel: string;
  audit: (entries: AuditEntry[]) => Promise<void>;
  log: Logger;
};

/** `name` is that of the chore: what has it is told once. `entry` says who noticed what, and when. A post that fails throws,
 *  and is tried again by whoever comes once the claim is abandoned. */
export async function tellOnce(
  { chores, slack, channel, audit, log }: TellTools,
  name: string,
  message: SlackMessage,
  entry: Pick<AuditEntry, "at" | "actor" | "action" | "details">,
): Promise<void> {
  const { at } = entry;
  if (!(await chores.claim(name, at))) return;
  const posted = await slack.postMessage({ channel, ...message });
  await untilNoted(log, () => chores.done(name, at));
  const told = { ...entry, exposureId: null, outcome: "ok", details: { ...entry.details, ...posted } };
  await untilNoted(log, () => audit([told]));
}
