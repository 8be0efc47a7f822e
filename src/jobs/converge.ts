// Brings one tunnel to what the store wants: observe, plan, apply, record. It takes a tunnel, not an event, so that a
// repeated or lost job is harmless. Nothing waits in here: what takes time ends the pass for that exposure.
import type { Logger } from "pino";
import { type Exposure, isLive } from "../domain/exposure.ts";
import type { Observed } from "../domain/observed.ts";
import { isProving, plan, type Stage, type Target } from "../domain/plan.ts";
import { applicationsOf, isStillWanted, targetOf } from "../domain/target.ts";
import type { CloudRun } from "../services/cloud-run.ts";
import type { Edge } from "../services/edge.ts";
import type { Pass } from "../services/edge-pass.ts";
import { startConfigWrites } from "./config-writes.ts";
import { lookAtServices } from "./service-look.ts";
import { createSettling, type Settling } from "./settling.ts";
import type { MayOpen, TakingTools } from "./taking-up.ts";

export type ConvergeTools = TakingTools & {
  edge: Edge;
  /** Cloud Run's word on a service, before its route is put in. Null for a process that cannot ask: it only closes. */
  describe: CloudRun["describe"] | null;
  zonesOf: (tunnelId: string) => string[];
  proofs: number;
  visitTokenId: string | null;
  /** The Access team's name. Null while nobody knows it: until then it only closes. */
  team: () => string | null;
  log: Logger;
};

/** What a pass led to can call for another at once (a stranger got through: close). More than this waits for the next job. */
const MAX_PASSES = 4;

export type Converge = (tunnelId: string) => Promise<void>;

export function createConverge(tools: ConvergeTools): Converge {
  const settling = createSettling(tools);
  return async (tunnelId) => {
    for (let pass = 0; pass < MAX_PASSES; pass++) if (!(await onePass(tools, settling, tunnelId))) return;
  };
}

/** Answers whether something became due during the pass. */
async function onePass(tools: ConvergeTools, settling: Settling, tunnelId: string): Promise<boolean> {
  const fence = await tools.guards.raiseFence(tunnelId);
  const due = await settling.takeDue(tunnelId, mayOpen(tools));
  if (due.length === 0) return false;
  const rest = await proveGates(tools, settling, due);
  const writes = await startConfigWrites(tools, tunnelId, fence);
  if (rest.length > 0) await observeAndApply(tools, settling, tunnelId, rest, writes);
  return (await tools.exposures.dueTunnels(tools.now())).includes(tunnelId);
}

function mayOpen({ describe, team }: ConvergeTools): MayOpen {
  if (!describe) return "never";
  return team() === null ? "not-yet" : "yes";
}

/** Most passes of an opening are these. */
async function proveGates(tools: ConvergeTools, settling: Settling, due: Exposure[]): Promise<Exposure[]> {
  const proving = due.filter((exposure) => isProving(exposure, tools.proofs));
  const proved = await Promise.all(
    proving.map(async (exposure) => {
      const target = targetOf(exposure);
      const step = { kind: "prove-gate" as const, exposureIds: [exposure.id] as [string] };
      const [result] = await settling.step(step, [target], async () => [await tools.edge.proveGate(target)]);
      return result && (await settling.record(target, result)) ? exposure.id : null;
    }),
  );
  const goOn = due.filter((exposure) => !proving.includes(exposure) || proved.includes(exposure.id));
  return await Promise.all(
    goOn.map(async (exposure) => (await tools.exposures.load(exposure.id)) ?? exposure),
  );
}

async function observeAndApply(
  tools: ConvergeTools,
  settling: Settling,
  tunnelId: string,
  due: Exposure[],
  writes: Pass["writes"],
): Promise<void> {
  const observedAt = Date.now();
  const looking = lookAtServices(tools.describe, due);
  const observed = await look(tools, settling, tunnelId, due, writes);
  const targets = new Map<string, Target>();
  for (const looked of await looking) {
    const { exposure } = looked;
    if ("change" in looked) targets.set(exposure.id, { ...targetOf(exposure), serviceChange: looked.change });
    else if (observed) await settling.faultAlone(exposure, "describe-service", looked.error);
  }
  if (!observed) return;
  const stages = plan([...targets.values()], observed, {
    proofs: tools.proofs,
    team: tools.team(),
    visitTokenId: tools.visitTokenId,
  });
  await settling.noteDrift(due, stages, observed);
  const pass: Pass = {
    tunnelId,
    targets,
    observed,
    listed: new Set(observed.applications.map((each) => each.id)),
    observedAt,
    writes,
  };
  await refresh(tools, pass);
  await runStages(tools, settling, stages, pass);
}

/** Null where nothing is to be planned by it. What alone could not be read keeps nothing else of the tunnel: the others go on
 *  at once, in the next pass. */
async function look(
  tools: ConvergeTools,
  settling: Settling,
  tunnelId: string,
  due: Exposure[],
  writes: Pass["writes"],
): Promise<Observed | null> {
  const observed = await observe(tools, tunnelId, due).catch(async (error: unknown) => {
    await endRoutes(tools, settling, tunnelId, due, writes);
    await settling.fault(due, error);
    return null;
  });
  if (!observed || observed.unread.size === 0) return observed;
  const unread = due.filter(({ hostname }) => observed.unread.has(hostname));
  await endRoutes(tools, settling, tunnelId, unread, writes);
  for (const each of unread) await settling.faultAlone(each, "observe", observed.unread.get(each.hostname));
  return null;
}

/** An end does not wait for what it does not need. The rest of it comes once everything can be read. */
async function endRoutes(
  tools: ConvergeTools,
  settling: Settling,
  tunnelId: string,
  due: Exposure[],
  writes: Pass["writes"],
): Promise<void> {
  const ending = due.filter(({ phase }) => phase === "closing").map(targetOf);
  if (ending.length === 0) return;
  const step = { kind: "remove-routes" as const, exposureIds: ending.map((each) => each.exposureId) };
  const ended = () => tools.edge.endRoutes(tunnelId, ending, writes);
  // What kept everything from being read is what people are told.
  for (const result of await settling.step(step, ending, ended))
    if (result.kind !== "fault")
      await settling.record(
        ending.find((each) => each.exposureId === result.exposureId),
        result,
      );
}

async function observe(tools: ConvergeTools, tunnelId: string, due: Exposure[]) {
  const onTunnel = await tools.exposures.onTunnel(tunnelId);
  const hostnames = due.filter(hasRecordToSee).map((each) => each.hostname);
  return await tools.edge.observe(tunnelId, tools.zonesOf(tunnelId), hostnames, applicationsOf(onTunnel));
}

/** On closing, a second look besides the list of ours, until the record is known to be gone. */
function hasRecordToSee({ phase, progress }: Exposure): boolean {
  if (phase !== "closing") return true;
  return progress.auds.length > 0 && !progress.steps.some((each) => each.step === "record-removed");
}

async function runStages(
  tools: ConvergeTools,
  settling: Settling,
  stages: Stage[],
  pass: Pass,
): Promise<void> {
  const dropped = new Set<string>();
  for (const stage of stages) {
    await dropChanged(tools, pass, dropped);
    const steps = stage.flatMap((step) => {
      const left = step.exposureIds.filter((id) => !dropped.has(id));
      return left.length > 0 ? [{ ...step, exposureIds: left } as typeof step] : [];
    });
    await Promise.all(
      steps.map(async (step) => {
        const targets = step.exposureIds.flatMap((id) => pass.targets.get(id) ?? []);
        const outcomes = await settling.step(step, targets, () => tools.edge.apply(step, pass));
        for (const outcome of outcomes)
          if (!(await settling.record(pass.targets.get(outcome.exposureId), outcome)))
            dropped.add(outcome.exposureId);
      }),
    );
    await refresh(tools, pass);
  }
  await settling.finish([...pass.targets.values()].filter(({ exposureId }) => !dropped.has(exposureId)));
}

/** An exposure that people closed (or decided otherwise on) during the pass gets no further call for what it was. */
async function dropChanged(tools: ConvergeTools, pass: Pass, dropped: Set<string>): Promise<void> {
  const current = new Map((await tools.exposures.onTunnel(pass.tunnelId)).map((each) => [each.id, each]));
  for (const [id, target] of pass.targets) {
    const exposure = current.get(id);
    if (!exposure || !isLive(exposure) || !isStillWanted(target, exposure)) dropped.add(id);
  }
}

async function refresh(tools: ConvergeTools, pass: Pass): Promise<void> {
  for (const exposure of await tools.exposures.onTunnel(pass.tunnelId)) {
    const target = pass.targets.get(exposure.id);
    if (target) pass.targets.set(exposure.id, { ...target, progress: exposure.progress });
  }
}
