// What is found not to be as it must be at an open exposure: written down before it is put right.
import type { Exposure } from "../domain/exposure.ts";
import { type DnsRecord, isMadeFor, type Observed } from "../domain/observed.ts";
import { isBehind, type Stage, type Step } from "../domain/plan.ts";
import type { StepName } from "../domain/progress.ts";
import { targetOf } from "../domain/target.ts";
import { transition } from "../domain/transition.ts";
import type { ExposureStore } from "../store/exposures.ts";
import { act } from "./noting.ts";

type Tools = { exposures: ExposureStore; now: () => Date };

const STEPS: Partial<Record<Step["kind"], StepName>> = {
  "ensure-application": "application",
  "ensure-record": "record",
};

/** One whose route has to go first says that it is not open until all is proved again. */
export async function noteDrift(
  tools: Tools,
  due: Exposure[],
  stages: Stage[],
  observed: Observed,
): Promise<void> {
  for (const exposure of due.filter((each) => each.phase === "open")) {
    const own = stages.flat().filter((step) => step.exposureIds.some((id) => id === exposure.id));
    const kinds = own.map(({ kind }) => kind);
    if (kinds.some((kind) => /-routes$/.test(kind))) await reopen(tools, exposure, kinds);
    else await drift(tools, exposure, kinds, observed);
  }
}

async function reopen(tools: Tools, { id }: Exposure, steps: Step["kind"][]): Promise<void> {
  const waiting =
    "Something at Cloudflare is not as Drawbridge left it. It is closed until all is proved again.";
  const event = { kind: "reopen", waiting, at: tools.now() } as const;
  // What has to be made anew says what was found missing or changed.
  await tools.exposures.advance(id, act(tools, "drift", { steps }), (exposure) =>
    transition(exposure, event),
  );
}

/** Once, however often it has to be tried. */
async function drift(
  tools: Tools,
  exposure: Exposure,
  kinds: Step["kind"][],
  observed: Observed,
): Promise<void> {
  const { id, hostname, progress } = exposure;
  const record = observed.records.find((each) => each.name === hostname && isMadeFor(id, each));
  const behind = record !== undefined && isBehind(record, targetOf(exposure), observed.tunnel.id);
  const steps = kinds.flatMap((kind) => STEPS[kind] ?? []).filter((step) => step !== "record" || !behind);
  if (steps.every((step) => progress.drifted.includes(step))) return;
  const found = steps.includes("record") ? { record: whereTo(record) } : {};
  await tools.exposures.advance(id, act(tools, "drift", { steps: kinds, ...found }), (current) =>
    transition(current, { kind: "drifted", steps }),
  );
}

/** Where the hostname led until it was put right; null where its record was gone. */
function whereTo(record: DnsRecord | undefined) {
  return record ? { type: record.type, content: record.content, proxied: record.proxied } : null;
}
