// Looks every ten minutes whether those in whose name something is open are still full members, and closes what is not.
import type { Exposure } from "../domain/exposure.ts";
import type { WhyNotMember } from "../domain/refusal.ts";
import { transition } from "../domain/transition.ts";
import { isServiceFailure, type ServiceFailure } from "../services/failure.ts";
import type { People } from "../services/people.ts";
import type { ExposureStore } from "../store/exposures.ts";

type Tools = {
  exposures: Pick<ExposureStore, "live" | "advance">;
  people: Pick<People, "judge">;
  now: () => Date;
};

/** Slack lets some hundred people be looked up a minute, and clicks come first. */
const EVERY_MS = 10 * 60_000;

/** An email that is missing or moved to another domain takes a member's right to ask, and nothing that runs. */
const OUT: readonly WhyNotMember[] = ["deactivated", "guest", "stranger", "bot"];

/** To be called as often as one likes. A look-up that fails closes nothing, and is thrown once all others are done. */
export function createLeaverLook(tools: Tools) {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async (): Promise<void> => {
    const now = tools.now();
    if (now.getTime() - lookedAt < EVERY_MS) return;
    lookedAt = now.getTime();
    const running = (await tools.exposures.live()).filter(({ phase }) => RUNNING.includes(phase));
    const failures: ServiceFailure[] = [];
    for (const slackId of new Set(running.map(({ requester }) => requester.slackId))) {
      const why = await whyOut(tools, slackId, failures);
      if (why) await endAll(tools, ofRequester(running, slackId), why, now);
    }
    if (failures[0]) throw failures[0];
  };
}

const RUNNING: readonly Exposure["phase"][] = ["approved", "opening", "open"];

function ofRequester(exposures: Exposure[], slackId: string): Exposure[] {
  return exposures.filter(({ requester }) => requester.slackId === slackId);
}

async function whyOut(
  { people }: Tools,
  slackId: string,
  failures: ServiceFailure[],
): Promise<WhyNotMember | null> {
  const [looked] = await Promise.allSettled([people.judge(slackId)]);
  if (looked.status === "rejected") {
    if (!isServiceFailure(looked.reason)) throw looked.reason;
    failures.push(looked.reason);
    return null;
  }
  return !looked.value.ok && OUT.includes(looked.value.because) ? looked.value.because : null;
}

async function endAll(tools: Tools, exposures: Exposure[], why: WhyNotMember, at: Date): Promise<void> {
  for (const { id } of exposures) {
    const act = { actor: "sweep", action: "requester gone", at, details: { why } };
    const event = { kind: "end", because: "requester-gone", detail: null, at } as const;
    await tools.exposures.advance(id, act, (current) => transition(current, event));
  }
}
