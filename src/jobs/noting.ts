// What a pass writes down of an exposure: an event of its life, how far it got, and when it is looked at again.
import type { Exposure } from "../domain/exposure.ts";
import type { Progress, StepName } from "../domain/progress.ts";
import { type Event, transition } from "../domain/transition.ts";
import type { Act, ExposureStore } from "../store/exposures.ts";

type Tools = { exposures: ExposureStore; now: () => Date };

export function act(tools: Pick<Tools, "now">, action: string, details: Record<string, unknown> = {}): Act {
  return { actor: "converge", action, at: tools.now(), details };
}

/** Answers the exposure as it is then; null where the event changed nothing. `isDue` is asked of it once more, since it may
 *  have changed after it was read. */
export async function move(
  tools: Tools,
  id: string,
  action: string,
  event: Event,
  isDue: (exposure: Exposure) => boolean = () => true,
): Promise<Exposure | null> {
  const verdict = await tools.exposures.advance(id, act(tools, action), (exposure) =>
    isDue(exposure) ? transition(exposure, event) : null,
  );
  return verdict.ok ? verdict.value : null;
}

type News = {
  change?: Partial<Progress>;
  step?: StepName;
  waiting?: string | null;
  fault?: Record<string, unknown>;
};

/** Answers the exposure as it is then, and writes nothing where there is no news; null where there is no exposure. */
export async function noteProgress(
  tools: Tools,
  id: string,
  { change = {}, step, waiting = null, fault }: News,
): Promise<Exposure | null> {
  const before = await tools.exposures.load(id);
  if (!before) return null;
  // Done anew while it is open, it was a write that the row of the opening does not tell of.
  const known = !step || (before.phase !== "open" && hasStep(before.progress, step));
  if (known && waiting === before.progress.waiting && isSame(before.progress, change)) return before;
  const noting = act(tools, nameOf(step, fault), { waiting, ...fault });
  const verdict = await tools.exposures.advance(id, noting, (exposure) => {
    const { progress } = exposure;
    const steps =
      step && !hasStep(progress, step) ? [...progress.steps, { step, at: tools.now() }] : progress.steps;
    const drifted = progress.drifted.filter((each) => each !== step);
    return {
      ok: true,
      value: { ...exposure, progress: { ...progress, ...change, steps, drifted, waiting } },
    };
  });
  return verdict.ok ? verdict.value : null;
}

function nameOf(step: StepName | undefined, fault: Record<string, unknown> | undefined): string {
  if (fault) return fault.vendor ? "vendor error" : "unexpected fault";
  return step ? `step: ${step}` : "progress";
}

function hasStep({ steps }: Progress, step: StepName): boolean {
  return steps.some((each) => each.step === step);
}

function isSame(progress: Progress, change: Partial<Progress>): boolean {
  return JSON.stringify({ ...progress, ...change }) === JSON.stringify(progress);
}

/** Only while nobody changed it since: a change is due at once. */
export async function scheduleIn(
  tools: Tools,
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
