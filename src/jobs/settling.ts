// What came of steps, written down: progress, the next attempt, an exposure seen open or closed, one that is given up.
import type { Logger } from "pino";
import type { CloseReason, Exposure, Progress, StepName } from "../domain/exposure.ts";
import type { Stage, Step, Target } from "../domain/plan.ts";
import { type Event, transition } from "../domain/transition.ts";
import type { Outcome } from "../services/edge-pass.ts";
import { isServiceFailure } from "../services/failure.ts";
import type { Act, ExposureStore } from "../store/exposures.ts";
import type { Guards } from "../store/guards.ts";
import { afterFault, FROZEN_MS, MAX_OPENING_FAULTS, mayPass, patience, tookTooLong } from "./back-off.ts";
import { comeBackTogether } from "./come-back.ts";
import { driftOf, faultFacts, faultReason, obstacleReason, strangerReason } from "./reasons.ts";
import { isStillWanted, targetOf } from "./targets.ts";

export type SettlingTools = { exposures: ExposureStore; guards: Guards; now: () => Date; log: Logger };

/** An outcome, or a fault that kept the step from having one. */
type Result = Outcome | { exposureId: string; kind: "fault"; error: unknown };

export type Settling = ReturnType<typeof createSettling>;

export function createSettling(tools: SettlingTools) {
  return {
    takeDue: (tunnelId: string, mayOpen: boolean) => takeDue(tools, tunnelId, mayOpen),
    /** Runs a step; a fault becomes a result for each exposure that it served. */
    step: async (step: Step, targets: Target[], run: () => Promise<Outcome[]>): Promise<Result[]> => {
      try {
        if (step.kind === "settle-open" || step.kind === "settle-closed")
          return targets.map(({ exposureId }) => ({ exposureId, kind: "done" as const }));
        return await run();
      } catch (error) {
        noteFault(tools, step.kind, error);
        return targets.map(({ exposureId }) => ({ exposureId, kind: "fault" as const, error }));
      }
    },
    /** Answers whether this exposure may go on to the next stage. */
    record: async (target: Target | undefined, result: Result) =>
      target !== undefined && (await record(tools, target, result)),
    fault: async (exposures: Exposure[], error: unknown): Promise<void> => {
      noteFault(tools, "observe", error);
      for (const each of exposures) await failed(tools, targetOf(each), error);
      for (const id of new Set(exposures.map((each) => each.tunnelId)))
        await comeBackTogether(tools.exposures, id);
    },
    reopenDrifted: (due: Exposure[], stages: Stage[]) => reopenDrifted(tools, due, stages),
    finish: (targets: Target[]) => finish(tools, targets),
  };
}

function noteFault(tools: SettlingTools, step: string, error: unknown): void {
  const known = isServiceFailure(error);
  tools.log[known ? "warn" : "error"]({ err: error, step }, "a step did not get done");
}

/** Ends what is past its end, begins what was approved, and answers what is due now. */
async function takeDue(tools: SettlingTools, tunnelId: string, mayOpen: boolean): Promise<Exposure[]> {
  const now = tools.now();
  const frozen = await tools.guards.isOn("openings-frozen");
  for (const exposure of await tools.exposures.onTunnel(tunnelId)) {
    if (exposure.endsAt && exposure.endsAt <= now && exposure.phase !== "closing") {
      const event = { kind: "end", because: "ended", detail: null, at: now } as const;
      await move(tools, exposure.id, "end", event);
    } else if (mayOpen && exposure.phase === "approved" && frozen) {
      await noteProgress(
        tools,
        exposure.id,
        {},
        null,
        "New openings are frozen. It opens when an admin lifts that.",
      );
      await scheduleIn(tools, (await tools.exposures.load(exposure.id)) ?? exposure, FROZEN_MS, 0);
    } else if (mayOpen && exposure.phase === "approved") {
      await move(tools, exposure.id, "begin", { kind: "begin", at: now });
    }
  }
  const schedules = new Map(
    (await tools.exposures.schedulesOf(tunnelId)).map((each) => [each.id, each.next]),
  );
  return (await tools.exposures.onTunnel(tunnelId)).filter((exposure) => {
    const next = schedules.get(exposure.id);
    const mine = mayOpen || exposure.phase === "closing";
    return mine && exposure.phase !== "approved" && next !== null && next !== undefined && next <= now;
  });
}

function act(tools: SettlingTools, action: string, details: Record<string, unknown> = {}): Act {
  return { actor: "converge", action, at: tools.now(), details };
}

async function move(tools: SettlingTools, id: string, action: string, event: Event): Promise<void> {
  await tools.exposures.advance(id, act(tools, action), (exposure) => transition(exposure, event));
}

async function record(tools: SettlingTools, target: Target, result: Result): Promise<boolean> {
  const id = target.exposureId;
  switch (result.kind) {
    case "done":
      if (result.progress || result.step)
        await noteProgress(tools, id, { ...result.progress, faults: 0 }, result.step ?? null, null);
      return true;
    case "wait":
      await noteProgress(tools, id, result.progress ?? {}, null, result.waiting);
      await wait(tools, target, result.afterMs);
      return false;
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

async function noteProgress(
  tools: SettlingTools,
  id: string,
  change: Partial<Progress>,
  step: StepName | null,
  waiting: string | null,
  fault?: Record<string, unknown>,
): Promise<void> {
  const before = await tools.exposures.load(id);
  if (!before) return;
  const known = step === null || before.progress.steps.some((each) => each.step === step);
  const same = known && waiting === before.progress.waiting && isSame(before.progress, change);
  if (same) return;
  await tools.exposures.advance(id, act(tools, nameOf(step, fault), { waiting, ...fault }), (exposure) => {
    const steps =
      step && !exposure.progress.steps.some((each) => each.step === step)
        ? [...exposure.progress.steps, { step, at: tools.now() }]
        : exposure.progress.steps;
    return {
      ok: true,
      value: { ...exposure, progress: { ...exposure.progress, ...change, steps, waiting } },
    };
  });
}

function nameOf(step: StepName | null, fault: Record<string, unknown> | undefined): string {
  if (fault) return "vendor error";
  return step ? `step: ${step}` : "progress";
}

function isSame(progress: Progress, change: Partial<Progress>): boolean {
  return JSON.stringify({ ...progress, ...change }) === JSON.stringify(progress);
}

async function wait(tools: SettlingTools, target: Target, afterMs: number | null): Promise<void> {
  const id = target.exposureId;
  const exposure = await tools.exposures.load(id);
  if (!exposure || !isStillWanted(target, exposure)) return;
  if (afterMs === null && tookTooLong(exposure, tools.now()))
    return await giveUp(tools, id, exposure.progress.waiting ?? "It took too long.");
  const attempts = await tools.exposures.attemptsOf(id);
  await scheduleIn(tools, exposure, afterMs ?? patience(attempts), afterMs === null ? attempts + 1 : 0);
}

async function failed(tools: SettlingTools, target: Target, error: unknown): Promise<void> {
  const id = target.exposureId;
  const exposure = await tools.exposures.load(id);
  if (!exposure) return;
  const attempts = await tools.exposures.attemptsOf(id);
  const reason = faultReason(error);
  const faults = exposure.progress.faults + 1;
  if (exposure.phase === "opening" && (!mayPass(error) || faults >= MAX_OPENING_FAULTS))
    return await giveUp(tools, id, reason, { fault: faultFacts(error) });
  if (!isStillWanted(target, exposure)) return;
  await noteProgress(tools, id, { faults, ...routedAt(target, error) }, null, reason, faultFacts(error));
  const noted = (await tools.exposures.load(id)) ?? exposure;
  await scheduleIn(tools, noted, afterFault(attempts, error), attempts + 1);
}

const UNKNOWN_VERSION = 0;

/** Somebody changed the document that we had just written: the route in it is ours, even where they took its lock off. */
function routedAt({ want, progress }: Target, error: unknown): Partial<Progress> {
  const overtaken = isServiceFailure(error) && error.code === "moved";
  if (!overtaken || want === "closed") return {};
  return { routedVersion: progress.routedVersion ?? UNKNOWN_VERSION };
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

async function scheduleIn(
  tools: SettlingTools,
  exposure: Exposure,
  ms: number,
  attempts: number,
): Promise<void> {
  await tools.exposures.schedule(
    exposure.id,
    exposure.version,
    new Date(tools.now().getTime() + ms),
    attempts,
  );
}

/** An open exposure whose gate or route is not as it must be says so before it is repaired. */
async function reopenDrifted(tools: SettlingTools, due: Exposure[], stages: Stage[]): Promise<void> {
  const steps = stages.flat();
  for (const exposure of due.filter((each) => each.phase === "open")) {
    const route = steps.some(
      (step) => /-routes$/.test(step.kind) && step.exposureIds.some((id) => id === exposure.id),
    );
    const waiting =
      "Something at Cloudflare is not as Drawbridge left it. It is closed until all is proved again.";
    if (route) await move(tools, exposure.id, "drift", { kind: "reopen", waiting, at: tools.now() });
  }
}

/** What went through every stage is settled: seen open, seen closed, or found as it should be. Somebody may have pressed
 *  Close meanwhile: what the pass saw is no answer to that. */
async function finish(tools: SettlingTools, targets: Target[]): Promise<void> {
  for (const target of targets) {
    const id = target.exposureId;
    const seen = await tools.exposures.load(id);
    if (!seen || !isStillWanted(target, seen)) continue;
    if (seen.phase === "opening") await move(tools, id, "opened", { kind: "opened", at: tools.now() });
    if (seen.phase === "closing") await move(tools, id, "closed", { kind: "closed", at: tools.now() });
    const settled = await tools.exposures.load(id);
    if (settled?.phase === "open" && isStillWanted(target, settled))
      await tools.exposures.schedule(id, settled.version, settled.endsAt, 0);
  }
}
