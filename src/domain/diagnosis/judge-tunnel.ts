// Judges all processes of a log together, then ranks, folds and merges.
import { beginOf, type Run, upCount } from "./connector-run.ts";
import { together } from "./evidence.ts";
import type { Cause } from "./facts.ts";
import { merged, rootsOf } from "./fold.ts";
import { judgeRun, type Moment, type RunFinding } from "./judge-run.ts";
import { replicaFindings } from "./replicas.ts";
import { isMended, type Loop, restartLoops } from "./restarts.ts";
import { oldVersion, sameColo } from "./standing.ts";

export function judgeRuns(all: Run[], moment: Moment, informational: boolean): RunFinding[] {
  const groups = Map.groupBy(all, (run) => run.group);
  const findings = [...groups.values()].flatMap((runs) => judgeGroup(inOrder(runs), moment));
  const foreign = replicaFindings(all, moment);
  const faults = merged([...findings, ...foreign]);
  const serious = faults.filter(({ cause }) => cause !== "old-version");
  // Advice on the version is not worth a word while something is broken.
  const advice =
    faults.length > serious.length ? faults.filter(({ cause }) => cause === "old-version") : oldVersions(all);
  const informs = informational ? merged(all.filter(isCurrent).flatMap(sameColo)) : [];
  return [...serious, ...(serious.length === 0 ? advice : []), ...informs];
}

/** Stable: where a time is missing, or equal, the order of arrival stands. */
function inOrder(runs: Run[]): Run[] {
  const streams = new Set(runs.map((run) => run.stream));
  return streams.size === 1 ? runs : runs.toSorted((a, b) => beginOf(a) - beginOf(b));
}

function judgeGroup(runs: Run[], moment: Moment): RunFinding[] {
  const judged = runs.map((run) => judgeRun(run, moment));
  // A life that something else ended is none of a loop, not even when that is mended by now.
  const patient = runs.filter((_, place) => !judged[place]?.some(isHopeless));
  const found = judged.map((findings) => findings.filter((each) => !isMended(each, runs)));
  const hopeless = found.flat().filter(isHopeless);
  const loops = restartLoops(patient, moment.limits.restartLoop, moment.now).filter(
    (loop) => !hopeless.some(({ run }) => isIn(loop, run)),
  );
  const inLoop = (run: Run) => loops.some((loop) => isIn(loop, run));
  const others = found.flatMap((findings) => {
    return rootsOf(findings.filter((each) => !inLoop(each.run) || !FOLLOWS.has(each.cause)));
  });
  return [...others, ...loops.map((loop) => loopFinding(loop, runs))];
}

function isIn({ lives, run }: Loop, each: Run): boolean {
  return lives.has(each) || each === run;
}

const HOPELESS = new Set<Cause>([
  "token-malformed",
  "bad-flags",
  "fd-limit",
  "edge-dns",
  "token-rejected",
  "edge-ipv6",
  "tcp-7844-blocked",
]);

/** What no patience of a probe would help: with QUIC pinned there is nothing to fall back to either. */
function isHopeless({ cause, run }: RunFinding): boolean {
  return (
    HOPELESS.has(cause) || (run.pinned === "quic" && (cause === "quic-blocked" || cause === "quic-rejected"))
  );
}

/** QUIC that fails is why a process in a loop was not ready yet; the probe is why it never will be. */
const FOLLOWS = new Set<Cause>([
  "quic-blocked",
  "quic-rejected",
  "quic-flap",
  "h2-flap",
  "outage",
  "degraded",
]);

function loopFinding(loop: Loop, runs: Run[]): RunFinding {
  const quic = runs.flatMap((run) => run.faults.get("quic-blocked") ?? run.faults.get("quic-rejected") ?? []);
  const tally = together([loop.tally, ...quic.slice(0, 1)]);
  return {
    cause: "liveness-loop",
    tally: { ...tally, first: loop.tally.first },
    run: loop.run,
    backing: loop.told ? Math.min(loop.tally.count - 2, 3) : -1,
    down: upCount(loop.run) === 0,
    coping: false,
    counted: true,
    services: [],
  };
}

function oldVersions(all: Run[]): RunFinding[] {
  return merged(all.filter(isCurrent).flatMap(oldVersion));
}

function isCurrent(run: Run): boolean {
  return !run.stopping && !run.ended;
}
