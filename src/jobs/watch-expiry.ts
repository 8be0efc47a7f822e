// Looks a few times a day at what expires, and tells the alerts channel in good time: 14, 3 and 1 days before, once each.
import type { Logger } from "pino";
import { type ExpiryStage, expiryStage } from "../domain/expiry.ts";
import type { TokenCheck } from "../services/cloudflare-token.ts";
import type { Slack } from "../services/slack.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { Chores } from "../store/chores.ts";
import { tokenExpiry } from "../views/expiry-notice.ts";
import { untilNoted } from "./until-noted.ts";

type Tools = {
  token: TokenCheck;
  chores: Chores;
  slack: Pick<Slack, "postMessage">;
  /** The alerts channel. */
  channel: string;
  audit: (entries: AuditEntry[]) => Promise<void>;
  now: () => Date;
  log: Logger;
};

/** Often enough that "one day before" is not told an hour before. */
const EVERY_MS = 6 * 60 * 60_000;

/** To be called as often as one likes. What fails is looked at again once its claim is abandoned. */
export function createExpiryWatch(tools: Tools) {
  return async (): Promise<void> => {
    const now = tools.now();
    const look = `expiry look ${Math.floor(now.getTime() / EVERY_MS)}`;
    if (!(await tools.chores.claim(look, now))) return;
    const { expiresAt } = await tools.token.verify();
    const stage = expiresAt && expiryStage(expiresAt, now);
    if (expiresAt && stage !== null) await tell(tools, expiresAt, stage, now);
    await tools.chores.done(look, now);
  };
}

/** Claimed at the same moment as the look: whoever takes up a look that was abandoned may tell, too. */
async function tell(tools: Tools, expiresAt: Date, stage: ExpiryStage, at: Date): Promise<void> {
  const telling = `expiry told ${expiresAt.toISOString()} ${stage}`;
  if (!(await tools.chores.claim(telling, at))) return;
  const { channel } = tools;
  const posted = await tools.slack.postMessage({ channel, ...tokenExpiry(expiresAt, at) });
  await untilNoted(tools.log, () => tools.chores.done(telling, at));
  const details = { expiresAt: expiresAt.toISOString(), daysBefore: stage, ...posted };
  const entry = { at, actor: "sweep", action: "expiry told", exposureId: null, outcome: "ok", details };
  await untilNoted(tools.log, () => tools.audit([entry]));
}
