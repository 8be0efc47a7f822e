// Pairs each process with the one that took its place. Several instances of a group end and start in between one another, so
// the next start in the log may be of somebody else.
import { beginOf, type Run, upCount } from "./connector-run.ts";

export type Successor = {
  run: Run;
  /** It had started before the other ended, as in a deployment: no restart. */
  handover: boolean;
};

/** How much earlier than the last word of one process the first of the next may seem to be. */
const OVERLAP_MS = 2_000;

/** Of processes in the order of their starts. Each start takes the place of one process at most. */
export function successorsOf(runs: readonly Run[]): Map<Run, Successor> {
  const firstOfStream = new Map(runs.toReversed().map((run) => [run.stream, run]));
  const successors = new Map<Run, Successor>();
  const taken = new Set<Run>();
  const byEnd = [...runs.entries()].toSorted(([, a], [, b]) => doubt(a) - doubt(b) || endOf(a) - endOf(b));
  for (const [place, run] of byEnd) {
    const free = runs.slice(place + 1).filter((each) => !taken.has(each));
    // An instance whose container was started again keeps its stream; else a new instance is started.
    const again = free.filter(({ stream }) => stream === run.stream);
    const fresh = free.filter((each) => firstOfStream.get(each.stream) === each);
    const next = successorIn(again, run) ?? successorIn(fresh, run);
    if (!next) continue;
    taken.add(next);
    successors.set(run, { run: next, handover: isHandover(run, next) });
  }
  return successors;
}

/** In milliseconds. */
export function endOf(run: Run): number {
  return (run.stoppingAt ?? run.lastAt)?.getTime() ?? beginOf(run);
}

/** A process that says nothing more may have been killed, or may live on: one that said that it ends chooses first. */
function doubt(run: Run): number {
  if (run.stopping || run.ended) return 0;
  return upCount(run) === 0 ? 1 : 2;
}

/** One that is told to stop may have been replaced already: the start next to its end tells, on either side. */
function successorIn(candidates: Run[], run: Run): Run | null {
  const distance = (each: Run) => Math.abs(beginOf(each) - endOf(run));
  return candidates
    .filter((each) => run.stopping || !isHandover(run, each))
    .reduce<Run | null>((best, each) => (best && distance(best) <= distance(each) ? best : each), null);
}

function isHandover(run: Run, next: Run): boolean {
  return endOf(run) - beginOf(next) > OVERLAP_MS;
}
