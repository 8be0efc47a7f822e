// Looks every ten minutes whether those in whose name something is open are still full members, and closes what is not. A few
// at each sweep: they come out of the same look-ups that people's clicks need.
import { type Exposure, isClosable } from "../domain/exposure.ts";
import type { WhyNotMember } from "../domain/refusal.ts";
import { transition } from "../domain/transition.ts";
import { isServiceFailure, type ServiceFailure } from "../services/failure.ts";
import type { Judgement, People } from "../services/people.ts";
import type { ExposureStore } from "../store/exposures.ts";

type Tools = {
  exposures: Pick<ExposureStore, "live" | "advance">;
  people: Pick<People, "judge">;
  now: () => Date;
};

/** Slack lets some hundred people be looked up a minute, and clicks come first. */
const MOST_AT_ONCE = 30;
/** A job that failed is run again at once, and so is a sweep when time was moved. */
const REST_MS = 50_000;
/** Ten minutes, less the one that may pass until the next sweep. */
const EVERY_MS = 9 * 60_000;
const AGAIN_MS = 60_000;

/** An email that is missing or moved to another domain takes a member's right to ask, and nothing that runs. */
const OUT: readonly WhyNotMember[] = ["deactivated", "guest", "stranger", "bot"];

/** To be called as often as one likes. A look-up that fails closes nothing, and is thrown at the end. One that Slack's limit
 *  refuses is the last, and the first of the next look. */
export function createLeaverLook(tools: Tools) {
  let restedAt = Number.NEGATIVE_INFINITY;
  // By who asked. In memory only: a process that starts begins anew.
  let dueAt = new Map<string, number>();
  return async (): Promise<void> => {
    const now = tools.now();
    if (now.getTime() < restedAt) return;
    restedAt = now.getTime() + REST_MS;
    const running = (await tools.exposures.live()).filter(isClosable);
    dueAt = new Map(running.map(({ requester: { slackId } }) => [slackId, dueAt.get(slackId) ?? AT_ONCE]));
    const failures: ServiceFailure[] = [];
    for (const [slackId, wasDueAt] of longestDue(dueAt, now)) {
      dueAt.set(slackId, now.getTime() + AGAIN_MS);
      const looked = await look(tools, slackId);
      if (!isServiceFailure(looked)) {
        if (isOut(looked)) await endAll(tools, ofRequester(running, slackId), looked.because, now);
        dueAt.set(slackId, now.getTime() + EVERY_MS);
        continue;
      }
      failures.push(looked);
      if (looked.kind !== "retry") dueAt.set(slackId, now.getTime() + EVERY_MS);
      if (looked.code !== "ratelimited") continue;
      dueAt.set(slackId, wasDueAt);
      break;
    }
    if (failures[0]) throw failures[0];
  };
}

const AT_ONCE = 0;

function longestDue(dueAt: Map<string, number>, now: Date): [slackId: string, wasDueAt: number][] {
  const due = [...dueAt].filter(([, at]) => at <= now.getTime());
  return due.sort(([, a], [, b]) => a - b).slice(0, MOST_AT_ONCE);
}

function ofRequester(exposures: Exposure[], slackId: string): Exposure[] {
  return exposures.filter(({ requester }) => requester.slackId === slackId);
}

async function look({ people }: Tools, slackId: string): Promise<Judgement | ServiceFailure> {
  const [looked] = await Promise.allSettled([people.judge(slackId)]);
  if (looked.status === "fulfilled") return looked.value;
  if (isServiceFailure(looked.reason)) return looked.reason;
  throw looked.reason;
}

function isOut(judged: Judgement): judged is { ok: false; because: WhyNotMember } {
  return !judged.ok && OUT.includes(judged.because);
}

async function endAll(tools: Tools, exposures: Exposure[], why: WhyNotMember, at: Date): Promise<void> {
  for (const { id } of exposures) {
    const act = { actor: "sweep", action: "requester gone", at, details: { why } };
    const event = { kind: "end", because: "requester-gone", detail: null, at } as const;
    await tools.exposures.advance(id, act, (current) => transition(current, event));
  }
}
