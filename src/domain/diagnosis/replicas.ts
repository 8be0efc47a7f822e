// Finds connectors of one tunnel that do not belong together: another network, or another configuration.
import { beginOf, type Run } from "./connector-run.ts";
import { later } from "./evidence.ts";
import type { Moment, RunFinding } from "./judge-run.ts";
import { CONVERGED_MS } from "./limits.ts";
import { standing } from "./standing.ts";

/** The connectors that say why they have not got the newest configuration. */
export function unableToRead(all: Run[]): Set<string> {
  return new Set(all.flatMap(({ connector, faults }) => (faults.has("bad-config") ? (connector ?? []) : [])));
}

export function replicaFindings(all: Run[], moment: Moment): RunFinding[] {
  const serving = all.filter(
    (run) => run.tunnelId !== null && run.registered > 0 && !run.ended && !run.stopping,
  );
  return [...Map.groupBy(serving, (run) => run.tunnelId).values()].flatMap((runs) => [
    ...otherPlaces(runs),
    ...otherConfigs(runs, moment),
  ]);
}

/** The same token at work in two places. Only labels tell: files side by side are mostly of replicas that belong together. */
function otherPlaces(all: Run[]): RunFinding[] {
  const runs = all.filter((run) => run.place !== null);
  const byGroup = Map.groupBy(runs, (run) => run.group);
  const alive = [...byGroup.values()].filter((each) =>
    runs.some((run) => run.group !== each[0]?.group && overlap(run, each)),
  );
  if (alive.length < 2 || areRegions(alive)) return [];
  const [odd] = alive.toSorted((a, b) => a.length - b.length)[0] ?? [];
  const places = alive.map((each) => `${each[0]?.group}: ${each.map(nameOf).join(", ")}`);
  return odd
    ? [{ ...standing(odd, "replica-mismatch", places[0] ?? ""), ...evidence(odd, places), backing: 2 }]
    : [];
}

/** One tunnel in several regions of a project is how connectors are made to outlive a region. */
function areRegions(groups: Run[][]): boolean {
  const places = groups.map(([run]) => run?.place);
  const projects = new Set(places.map((place) => place?.project));
  const locations = new Set(places.map((place) => place?.location));
  return projects.size === 1 && locations.size === places.length;
}

function overlap(run: Run, others: Run[]): boolean {
  const end = (each: Run) => each.lastAt?.getTime() ?? 0;
  return others.some((other) => beginOf(run) <= end(other) && beginOf(other) <= end(run));
}

function otherConfigs(runs: Run[], { now, end }: Moment): RunFinding[] {
  const known = runs.filter((run) => run.configVersion !== null && !run.faults.has("bad-config"));
  const newest = known.reduce<Run | null>(
    (best, run) => ((run.configVersion ?? 0) > (best?.configVersion ?? -1) ? run : best),
    null,
  );
  // One that was killed says nothing of it, and missed what came after: only one that lived on is behind.
  const behind = known.find(
    (run) => run.configVersion !== newest?.configVersion && isSeenSince(run, newest?.configAt ?? null),
  );
  if (!newest || !behind || newest.connector === behind.connector) return [];
  const settled = (now ?? later(end, null))?.getTime() ?? 0;
  if (settled - (newest.configAt?.getTime() ?? settled) < CONVERGED_MS) return [];
  const lines = [newest, behind].map(
    (run) => `${nameOf(run)} has configuration version ${run.configVersion}`,
  );
  return [{ ...standing(behind, "replica-mismatch", ""), ...evidence(behind, lines) }];
}

function isSeenSince({ lastAt }: Run, moment: Date | null): boolean {
  return moment === null || (lastAt !== null && lastAt >= moment);
}

function evidence(run: Run, lines: string[]): Pick<RunFinding, "tally" | "coping"> {
  return {
    tally: { ...standing(run, "replica-mismatch", "").tally, lines: lines.slice(0, 5) },
    coping: true,
  };
}

function nameOf(run: Run): string {
  return run.connector ?? run.stream;
}
