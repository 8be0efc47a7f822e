// Looks a few times a day at what expires, and tells the alerts channel in good time: 14, 3 and 1 days before, once each.
import { type ExpiryStage, expiryStage } from "../domain/expiry.ts";
import type { TokenCheck } from "../services/cloudflare-token.ts";
import { tokenExpiry } from "../views/token-notices.ts";
import { type TellTools, tellOnce } from "./tell-once.ts";

type Tools = TellTools & { token: TokenCheck; now: () => Date };

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
  const details = { expiresAt: expiresAt.toISOString(), daysBefore: stage };
  const entry = { at, actor: "sweep", action: "expiry told", details };
  await tellOnce(tools, `expiry told ${details.expiresAt} ${stage}`, tokenExpiry(expiresAt, at), entry);
}
