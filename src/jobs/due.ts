// What is called for without anybody's click, at the start, every minute, and at once when an admin closes everything. It needs
// the store alone and is a job of its own: no sweep that waits for a slow vendor keeps it waiting.
import { dueEvent } from "../domain/due.ts";
import type { Exposure } from "../domain/exposure.ts";
import { approvalsFor, type Policy } from "../domain/policy.ts";
import { transition } from "../domain/transition.ts";
import type { Announcements } from "../store/announcements.ts";
import type { ExposureStore } from "../store/exposures.ts";
import type { Guards } from "../store/guards.ts";
import type { IncidentMessages } from "../store/incident-messages.ts";

export type DueTools = {
  exposures: ExposureStore;
  announcements: Announcements;
  incidentMessages: Pick<IncidentMessages, "behind">;
  guards: Guards;
  policy: Policy;
  digestOf: (exposure: Exposure) => string;
  now: () => Date;
  wake: (job: "converge" | "announce" | "alert", key: string) => Promise<void>;
};

const DAY = 24 * 60 * 60_000;

export function createDue(tools: DueTools) {
  return async (): Promise<void> => {
    const now = tools.now();
    await carryOut(tools, now);
    await wakeAll(tools, now);
    await tools.guards.forgetHandled(new Date(now.getTime() - DAY));
  };
}

async function carryOut({ exposures, guards, policy, digestOf }: DueTools, now: Date): Promise<void> {
  const everything = await guards.turned("everything-closed");
  const closedAll = everything?.at ?? null;
  const dueNow = (exposure: Exposure) => {
    const approvalsNeeded = approvalsFor(policy, exposure);
    return dueEvent(exposure, now, { digest: digestOf(exposure), approvalsNeeded, closedAll });
  };
  for (const exposure of await exposures.live()) {
    const event = dueNow(exposure);
    if (!event) continue;
    const act =
      everything && event.kind === "end"
        ? { actor: everything.by, action: "close-all", at: now }
        : { actor: event.kind === "replan" ? "policy" : "due", action: event.kind, at: now };
    // It may have been extended, or decided on, since it was read.
    await exposures.advance(exposure.id, act, (current) => {
      const still = dueNow(current);
      return still?.kind === event.kind ? transition(current, still) : null;
    });
  }
}

/** For jobs that were lost, or that nobody asked for since the bot was down. */
async function wakeAll(
  { exposures, announcements, incidentMessages, wake }: DueTools,
  now: Date,
): Promise<void> {
  const ending = (await exposures.live()).filter((each) => each.endsAt && each.endsAt <= now);
  const tunnels = new Set([...ending.map((each) => each.tunnelId), ...(await exposures.dueTunnels(now))]);
  for (const tunnelId of tunnels) await wake("converge", tunnelId);
  for (const id of await announcements.behind()) await wake("announce", id);
  for (const id of await incidentMessages.behind()) await wake("alert", id);
}
