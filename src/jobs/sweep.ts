// Looks over everything at the vendors, at the start and every minute: what is not as it should be, and holes. It writes
// nothing there: what is amiss is handed to converge, what is others' is reported once. What is on the road is looked at
// to its end, also on a tunnel or in a zone that was taken out of the policy meanwhile.
import type { Logger } from "pino";
import { type Exposure, PHASES_ON_THE_ROAD } from "../domain/exposure.ts";
import { findHoles, type Hole, isOwnRoute, ownRouteOf } from "../domain/holes.ts";
import type { Observed, Rule } from "../domain/observed.ts";
import { plan, type Step } from "../domain/plan.ts";
import { eachTunnel, type Policy, zonesOn } from "../domain/policy.ts";
import { applicationsOf, isRoutedUnnoted, routedBy, targetOf } from "../domain/target.ts";
import { transition } from "../domain/transition.ts";
import { type UnknownMark, unknownMarks } from "../domain/unknown-marks.ts";
import type { CloudRun } from "../services/cloud-run.ts";
import type { Edge } from "../services/edge.ts";
import { isServiceFailure } from "../services/failure.ts";
import type { ExposureStore } from "../store/exposures.ts";
import type { Guards } from "../store/guards.ts";
import type { Reports } from "../store/reports.ts";
import { allDone } from "./all-done.ts";
import { sweepServices } from "./service-look.ts";

export type SweepTools = {
  exposures: ExposureStore;
  guards: Pick<Guards, "isOn">;
  reports: Reports;
  edge: Edge;
  /** Whether Cloudflare's calls are better kept for what people asked for. */
  callsAreShort: () => boolean;
  cloudRun: CloudRun;
  policy: Policy;
  proofs: number;
  visitTokenId: string | null;
  team: () => string;
  now: () => Date;
  wake: (job: "converge", key: string) => Promise<void>;
  reportHole: (hole: Hole, key: string) => Promise<void>;
  reportUnknown: (mark: UnknownMark, key: string) => Promise<void>;
  log: Logger;
};

/** The policy's tunnels, and those of what is on the road. */
export async function tunnelsToSweep({
  policy,
  exposures,
}: Pick<SweepTools, "policy" | "exposures">): Promise<string[]> {
  const said = eachTunnel(policy).map(({ id }) => id);
  return [...new Set([...said, ...(await exposures.tunnelsOnTheRoad())])];
}

export function createSweep(tools: SweepTools) {
  return {
    /** Cloud Run's services that something is open to. */
    services: () => sweepServices(tools),
    /** One tunnel and everything that hangs on it. */
    tunnel: (tunnelId: string) => sweepTunnel(tools, tunnelId),
  };
}

async function sweepTunnel(tools: SweepTools, tunnelId: string): Promise<void> {
  if (tools.callsAreShort()) return tools.log.warn({ tunnelId }, "a sweep was left out: few calls are left");
  const exposures = await tools.exposures.onTunnel(tunnelId);
  const { observed, zones } = await look(tools, tunnelId, exposures);
  const marked = await markedOffTheRoad(tools, observed, exposures);
  const leftovers = await findLeftovers(tools, observed, exposures, marked);
  const open = exposures.filter(({ phase }) => phase === "open");
  const unread = open.filter(({ zone }) => !zones.includes(zone)).map(({ id }) => id);
  await allDone([
    nudgeDrifted(tools, tunnelId, observed, open, unread),
    takeUpRouted(tools, tunnelId, observed, exposures),
    ...leftovers.map((exposure) => takeDown(tools, exposure)),
    reportHoles(tools, tunnelId, observed, [...exposures, ...leftovers]),
    reportUnknown(tools, observed, marked),
  ]);
}

type Look = { observed: Observed; zones: string[] };

/** A zone that was taken out of the policy may have been taken from the token too: the gates and routes of everything on
 *  the tunnel are looked at without it. */
async function look(tools: SweepTools, tunnelId: string, exposures: Exposure[]): Promise<Look> {
  const said = [...new Set(zonesOn(tools.policy, tunnelId))];
  const zones = [...new Set([...said, ...exposures.map(({ zone }) => zone)])];
  const observe = async (among: string[]): Promise<Look> => ({
    observed: await tools.edge.observe(tunnelId, among, [], applicationsOf(exposures)),
    zones: among,
  });
  try {
    return await observe(zones);
  } catch (error) {
    const denied = isServiceFailure(error) && error.kind === "denied";
    if (!denied || zones.length === said.length) throw error;
    tools.log.warn({ err: error, tunnelId }, "zones that are not in the policy were left out of a sweep");
    return await observe(said);
  }
}

/** Open exposures that are not as they must be are due at once. Of those whose zone was not read, the record says nothing. */
async function nudgeDrifted(
  tools: SweepTools,
  tunnelId: string,
  observed: Observed,
  open: Exposure[],
  unread: string[],
): Promise<void> {
  const rules = { proofs: tools.proofs, team: tools.team(), visitTokenId: tools.visitTokenId };
  const saysNothing = ({ kind, exposureIds }: Step) =>
    kind === "ensure-record" && unread.includes(exposureIds[0]);
  const steps = plan(open.map(targetOf), observed, rules)
    .flat()
    .filter((step) => !saysNothing(step));
  const drifted = new Set(steps.flatMap((step) => step.exposureIds));
  for (const exposure of open.filter((each) => drifted.has(each.id))) {
    const own = steps.filter((step) => step.exposureIds.some((id) => id === exposure.id));
    tools.log.warn({ exposureId: exposure.id, steps: own.map((step) => step.kind) }, "drift found");
    await tools.exposures.schedule(exposure.id, exposure.version, tools.now(), 0);
  }
  if (drifted.size > 0) await tools.wake("converge", tunnelId);
}

/** While openings are frozen, what had no route is held without a look. A write of before may have put it in all the same: by
 *  a process that died before it said so, or late. Then it is seen open like all that has its route. */
async function takeUpRouted(
  { guards, exposures, now, wake }: SweepTools,
  tunnelId: string,
  { config }: Observed,
  onTheRoad: Exposure[],
): Promise<void> {
  const routed = onTheRoad.filter((each) => isRoutedUnnoted(each, config.rules));
  if (routed.length === 0 || !(await guards.isOn("openings-frozen"))) return;
  const at = now();
  for (const { id, version } of routed) {
    const act = { actor: "sweep", action: "route found", at };
    const noted = await exposures.advance(id, act, (current) =>
      current.version === version ? { ok: true, value: routedBy(current, config.version) } : null,
    );
    if (noted.ok) await exposures.schedule(id, noted.value.version, at, 0);
  }
  await wake("converge", tunnelId);
}

/** Those of which something stands that must not are taken down. */
async function takeDown(tools: SweepTools, exposure: Exposure): Promise<void> {
  const at = tools.now();
  const act = { actor: "sweep", action: "leftover", at };
  await tools.exposures.advance(exposure.id, act, (current) => transition(current, { kind: "leftover", at }));
}

/** Ids in marks of our installation, of all that is not on the road, each with its exposure: null where the store has none. */
type Marked = Map<string, Exposure | null>;

async function markedOffTheRoad(
  { exposures, policy }: SweepTools,
  { applications, records }: Observed,
  onTheRoad: Exposure[],
): Promise<Marked> {
  const ids = [...applications, ...records]
    .flatMap(({ mark }) => (mark?.installation === policy.installation ? [mark.exposureId] : []))
    .filter((id) => !onTheRoad.some((each) => each.id === id));
  const load = async (id: string) => [id, await exposures.load(id)] as const;
  return new Map(await Promise.all([...new Set(ids)].map(load)));
}

/** Exposures that ended, or wait for a decision, and yet have something with our mark, or a route of theirs, standing at
 *  Cloudflare. */
async function findLeftovers(
  tools: SweepTools,
  observed: Observed,
  onTheRoad: Exposure[],
  marked: Marked,
): Promise<Exposure[]> {
  const late = lateRoutes(observed, onTheRoad).map((rule) => ownerOf(tools, rule));
  const all = [...marked.values(), ...(await Promise.all(late))].flatMap((each) =>
    each && each.tunnelId === observed.tunnel.id && !PHASES_ON_THE_ROAD.includes(each.phase) ? [each] : [],
  );
  const mayGo = await Promise.all(all.map((each) => isAlone(tools, each)));
  // One at a hostname at a time, as of all that live.
  return [...new Map(all.filter((_, index) => mayGo[index]).map((each) => [each.hostname, each])).values()];
}

/** What is left at a hostname that another exposure lives at stays until that one has ended. It lets nobody in: the other
 *  is not opened beside it, and is closed where it was open. */
async function isAlone({ exposures, log }: SweepTools, { id, hostname }: Exposure): Promise<boolean> {
  const living = await exposures.liveAt(hostname);
  const other = living?.id === id ? null : living;
  if (other)
    log.warn({ exposureId: id, otherId: other.id, hostname }, "what is left is at the hostname of another");
  return other === null;
}

/** Locked routes of hostnames that nobody has open: a write of ours whose answer was lost may have landed late. */
function lateRoutes(observed: Observed, onTheRoad: Exposure[]): Rule[] {
  return observed.config.rules.filter(
    (rule) => rule.lock && !onTheRoad.some((each) => each.hostname === rule.hostname),
  );
}

async function ownerOf(tools: SweepTools, rule: Rule): Promise<Exposure | null> {
  const ended = rule.hostname ? await tools.exposures.endedAt(rule.hostname) : null;
  return ended && isOwnRoute(rule, ownRouteOf(targetOf(ended))) ? ended : null;
}

async function reportHoles(
  tools: SweepTools,
  tunnelId: string,
  observed: Observed,
  exposures: Exposure[],
): Promise<void> {
  const own = exposures.map((exposure) => ownRouteOf(targetOf(exposure)));
  const foreign = findHoles(observed, own).filter((hole) => !hole.ours);
  const keyOf = ({ hostname, why, path }: Hole) => `${hostname} ${why} ${path ?? ""}`;
  await reportNew(tools, `${tunnelId} `, foreign, keyOf, tools.reportHole);
}

/** What nobody closes at its end, for all that this store knows. */
async function reportUnknown(tools: SweepTools, observed: Observed, marked: Marked): Promise<void> {
  const { id } = observed.tunnel;
  const ids = [...marked].flatMap(([each, exposure]) => (exposure ? [] : [each]));
  const unknown = unknownMarks(observed, ids, id === eachTunnel(tools.policy)[0]?.id);
  await reportNew(tools, `unknown ${id} `, unknown, (mark) => mark.exposureId, tools.reportUnknown);
}

/** Each is reported once, and forgotten when it is gone, so that it is reported when it is back. */
async function reportNew<T>(
  { reports, now }: SweepTools,
  prefix: string,
  all: T[],
  nameOf: (each: T) => string,
  report: (each: T, key: string) => Promise<void>,
): Promise<void> {
  const keyOf = (each: T) => `${prefix}${nameOf(each)}`;
  for (const each of all) await reports.note(keyOf(each), now());
  const unreported = await reports.unreported();
  for (const each of all) if (unreported.includes(keyOf(each))) await report(each, keyOf(each));
  await reports.forgetBut(prefix, all.map(keyOf));
}
