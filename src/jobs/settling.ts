// What came of steps, written down: progress, the next attempt, an exposure seen open or closed, one that is given up.
import type { Logger } from "pino";
import { type CloseReason, type Exposure, tookTooLong } from "../domain/exposure.ts";
import type { Observed } from "../domain/observed.ts";
import { driftOf } from "../domain/obstacle.ts";
import type { Stage, Step, Target } from "../domain/plan.ts";
import type { Progress } from "../domain/progress.ts";
import { isStillWanted, targetOf } from "../domain/target.ts";
import { transition } from "../domain/transition.ts";
import type { Outcome } from "../services/edge-pass.ts";
import { isServiceFailure } from "../services/failure.ts";
import type { ExposureStore } from "../store/exposures.ts";
import { afterFault, MAX_OPENING_FAULTS, mayPass, patience } from "./back-off.ts";
import { noteDrift } from "./drift.ts";
import { act, move, noteProgress, scheduleIn } from "./noting.ts";
import { faultFacts, faultReason, obstacleReason, strangerReason } from "./reasons.ts";
import { type MayOpen, type TakingTools, takeDue } from "./taking-up.ts";

export type SettlingTools = TakingTools & { log: Logger };

/** An outcome, or a fault that kept the step from having one. */
type Result = Outcome | { exposureId: string; kind: "fault"; error: unknown };

export type Settling = ReturnType<typeof createSettling>;

export function createSettling(tools: SettlingTools) {
  return {
    takeDue: (tunnelId: string, may: MayOpen) => takeDue(tools, tunnelId, may),
    /** Runs a step; a fault becomes a result for each exposure that it served. */
    step: async (step: Step, targets: Target[], run: () => Promise<Outcome[]>): Promise<Result[]> => {
      try {
        return await run();
      } catch (error) {
        noteFault(tools, { step: step.kind, exposureIds: step.exposureIds }, error);
        return targets.map(({ exposureId }) => ({ exposureId, kind: "fault" as const, error }));
      }
    },
    /** Answers whether this exposure may go on to the next stage. */
    record: async (target: Target | undefined, result: Result) =>
      target !== undefined && (await record(tools, target, result)),
    fault: async (exposures: Exposure[], error: unknown): Promise<void> => {
      const exposureIds = exposures.map((each) => each.id);
      noteFault(tools, { step: "observe", exposureIds }, error);
      for (const each of exposures) await failed(tools, targetOf(each), error);
      for (const id of new Set(exposures.map((each) => each.tunnelId)))
        await comeBackTogether(tools.exposures, id);
    },
    /** Of what one exposure alone needs: nothing else on its tunnel waits for that. */
    faultAlone: async (exposure: Exposure, step: string, error: unknown): Promise<void> => {
      noteFault(tools, { step, exposureIds: [exposure.id] }, error);
      await failed(tools, targetOf(exposure), error);
    },
    noteDrift: (due: Exposure[], stages: Stage[], observed: Observed) =>
      noteDrift(tools, due, stages, observed),
    finish: (targets: Target[]) => finish(tools, targets),
  };
}

type Failed = { step: string; exposureIds: string[] };

function noteFault({ log }: SettlingTools, { step, exposureIds }: Failed, err: unknown): void {
  const [exposureId] = exposureIds;
  const of = exposureIds.length === 1 ? { exposureId } : { exposureIds };
  log[isServiceFailure(err) ? "warn" : "error"]({ err, step, ...of }, "a step did not get done");
}

async function record(tools: SettlingTools, target: Target, result: Result): Promise<boolean> {
  const id = target.exposureId;
  switch (result.kind) {
    case "done":
      if (isNews(target, result))
        await noteProgress(tools, id, { change: { ...result.progress, faults: 0 }, step: result.step });
      return true;
    case "wait": {
      const noted = await noteProgress(tools, id, { change: result.progress, waiting: result.waiting });
      if (noted) await wait(tools, target, noted, result.afterMs);
      return false;
    }
    case "refused":
      await giveUp(tools, id, obstacleReason(result.because), { drifted: driftOf(result.because) });
      return false;
    case "reached":
      await giveUp(tools, id, strangerReason(result.status), { because: "hole" });
      return false;
    case "fault":
      await failed(tools, target, result.error);
      return false;
  }
}

/** A closing that is tried again does once more what was done before: that is no answer to what it waits for. */
function isNews({ want, progress }: Target, done: Extract<Result, { kind: "done" }>): boolean {
  if (done.progress || !done.step) return done.progress !== undefined;
  return want === "open" || !progress.steps.some((each) => each.step === done.step);
}

/** `afterMs` is null for what nobody can say: then patience grows, and an opening is given up in the end. */
async function wait(
  tools: SettlingTools,
  target: Target,
  exposure: Exposure,
  afterMs: number | null,
): Promise<void> {
  const { id } = exposure;
  if (!isStillWanted(target, exposure)) return;
  if (afterMs === null && tookTooLong(exposure, tools.now()))
    return await giveUp(tools, id, exposure.progress.waiting ?? "It took too long.");
  const attempts = await tools.exposures.attemptsOf(id);
  await scheduleIn(tools, exposure, afterMs ?? patience(attempts), afterMs === null ? attempts + 1 : 0);
}

async function failed(tools: SettlingTools, target: Target, error: unknown): Promise<void> {
  const id = target.exposureId;
  const exposure = await tools.exposures.load(id);
  if (!exposure) return;
  const reason = faultReason(error);
  const faults = exposure.progress.faults + 1;
  if (exposure.phase === "opening" && (!mayPass(error) || faults >= MAX_OPENING_FAULTS))
    return await giveUp(tools, id, reason, { fault: faultFacts(error) });
  if (!isStillWanted(target, exposure)) return;
  const change = { faults, ...routedAt(target, error) };
  const noted = await noteProgress(tools, id, { change, waiting: reason, fault: faultFacts(error) });
  const attempts = await tools.exposures.attemptsOf(id);
  if (noted) await scheduleIn(tools, noted, afterFault(attempts, error), attempts + 1);
}

const UNKNOWN_VERSION = 0;

/** Somebody changed the document that we had just written: the route in it is ours, even where they took its lock off. */
function routedAt({ want, progress }: Target, error: unknown): Partial<Progress> {
  const overtaken = isServiceFailure(error) && error.code === "moved";
  if (!overtaken || want === "closed") return {};
  return { routedVersion: progress.routedVersion ?? UNKNOWN_VERSION };
}

/** All exposures of a tunnel that could not be observed, and that wait for another attempt, come at once, with the most patient
 *  of them: many that back off each for itself would be a storm. What is due at its own time, such as an end, keeps it. */
export async function comeBackTogether(exposures: ExposureStore, tunnelId: string): Promise<void> {
  const waiting = (await exposures.schedulesOf(tunnelId)).filter(
    ({ attempts, next }) => attempts > 0 && next,
  );
  const [last] = waiting.sort((a, b) => (b.next?.getTime() ?? 0) - (a.next?.getTime() ?? 0));
  if (!last) return;
  for (const { id, version } of waiting) await exposures.schedule(id, version, last.next, last.attempts);
}

type Because = { because?: CloseReason; drifted?: CloseReason; fault?: Record<string, unknown> };

/** Opening, a fault leaves it closed. What was open before counts as drift. */
async function giveUp(
  tools: SettlingTools,
  id: string,
  detail: string,
  { because, drifted = "drift", fault = {} }: Because = {},
): Promise<void> {
  const at = tools.now();
  const closing = ({ openedAt }: Exposure) => because ?? (openedAt ? drifted : "cannot-open");
  await tools.exposures.advance(id, act(tools, "give up", { reason: detail, ...fault }), (exposure) =>
    transition(exposure, { kind: "end", because: closing(exposure), detail, at }),
  );
}

/** What went through every stage is settled: seen open, seen closed, or found as it should be. Somebody may have pressed
 *  Close meanwhile: what the pass saw is no answer to that. */
async function finish(tools: SettlingTools, targets: Target[]): Promise<void> {
  for (const target of targets) {
    const id = target.exposureId;
    const seen = await tools.exposures.load(id);
    if (!seen || !isStillWanted(target, seen)) continue;
    const settled = await settle(tools, seen);
    if (settled?.phase !== "open" || !isStillWanted(target, settled)) continue;
    // With more time than the pass knew of, it stays due: its record still names the older end.
    if (targetOf(settled).until.getTime() === target.until.getTime())
      await tools.exposures.schedule(id, settled.version, settled.endsAt, 0);
  }
}

async function settle(tools: SettlingTools, seen: Exposure): Promise<Exposure | null> {
  const at = tools.now();
  if (seen.phase === "opening") return await move(tools, seen.id, "opened", { kind: "opened", at });
  if (seen.phase === "closing") return await move(tools, seen.id, "closed", { kind: "closed", at });
  return await asItMustBe(tools, seen);
}

/** What drifted is right by now whoever did it: the process that put it right may have died before it said so. And what kept
 *  it from that keeps it no more. */
async function asItMustBe(tools: SettlingTools, seen: Exposure): Promise<Exposure | null> {
  let noted = await noteProgress(tools, seen.id, { change: { faults: 0 } });
  for (const step of seen.progress.drifted) noted = await noteProgress(tools, seen.id, { step });
  return noted;
}
