// Finds what only shows across processes: restart loops, and faults that a later start has mended.
import { beginOf, type Run, upCount } from "./connector-run.ts";
import { newTally, type Tally } from "./evidence.ts";
import type { Cause } from "./facts.ts";
import type { RunFinding } from "./judge-run.ts";
import type { DiagnosisLimits } from "./limits.ts";
import { endOf, type Successor, successorsOf } from "./successors.ts";

const SHORT_LIFE_MS = 5 * 60_000;
const SHORTEST_SERVING_MS = 20_000;
/** To be up for less than this is not yet a sign of anything. */
const SETTLED_MS = 10_000;
/** So many more starts are needed of processes that served and were ended all the same. */
const SERVING_MORE = 2;

export type Loop = {
  tally: Tally;
  run: Run;
  lives: Set<Run>;
  /** The processes were told to stop, not killed. */
  told: boolean;
};

/** Short lives in a row that something from outside ended: processes that were never ready, or ones that served and were
 *  ended all the same. One life that ends by itself is the fault of what ended it. Each row is of one instance and those that
 *  took its place one after the other: what several instances do at once is a deployment. */
export function restartLoops(runs: Run[], limit: DiagnosisLimits["restartLoop"], now: Date | null): Loop[] {
  const started = runs.filter((run) => run.startedAt !== null);
  const successors = successorsOf(started);
  const later = new Set([...successors.values()].map(({ run }) => run));
  return started
    .filter((run) => !later.has(run))
    .flatMap((first) => {
      const row = rowFrom(first, successors);
      const loop = loopIn(row, successors, limit);
      return loop && !isOver(loop, row, started, now) ? [loop] : [];
    });
}

function rowFrom(first: Run, successors: Map<Run, Successor>): Run[] {
  const row: Run[] = [];
  for (let run: Run | undefined = first; run; run = successors.get(run)?.run) row.push(run);
  return row;
}

function loopIn(
  row: Run[],
  successors: Map<Run, Successor>,
  limit: DiagnosisLimits["restartLoop"],
): Loop | null {
  let unready: Run[] = [];
  let serving: Run[] = [];
  let loop: Loop | null = null;
  for (const run of row) {
    const next = successors.get(run);
    const life = next && !next.handover && !run.exited ? lifeOf(run) : null;
    unready = within(unready, run, limit.withinMs);
    serving = within(serving, run, limit.withinMs);
    if (life === "unready") unready.push(run);
    if (life === "serving") serving.push(run);
    if (next && unready.length >= limit.starts - 1) loop = loopOf(goingOn(loop, unready), next.run);
    else if (next && serving.length >= limit.starts - 1 + SERVING_MORE)
      loop = loopOf(goingOn(loop, serving), next.run);
  }
  return loop;
}

/** With the lives of before, unless there was calm in between. */
function goingOn(loop: Loop | null, lives: Run[]): Run[] {
  return loop && lives.some((life) => loop.lives.has(life)) ? [...new Set([...loop.lives, ...lives])] : lives;
}

function lifeOf(run: Run): "unready" | "serving" | null {
  if (lengthOf(run) > SHORT_LIFE_MS) return null;
  if (run.stopping ? !run.readyAtStop : upCount(run) === 0) return "unready";
  return run.stopping && lengthOf(run) >= SHORTEST_SERVING_MS ? "serving" : null;
}

function within(lives: Run[], run: Run, withinMs: number): Run[] {
  const at = run.startedAt?.getTime() ?? 0;
  return lives.filter((life) => Math.abs(at - (life.startedAt?.getTime() ?? 0)) <= withinMs);
}

/** Where the last of a row was stopped for good, a deployment has ended it, perhaps to fewer instances. */
function isOver(loop: Loop, row: Run[], started: Run[], now: Date | null): boolean {
  const last = row.at(-1);
  if (!last) return false;
  const others = last.stopping ? started.filter((run) => beginOf(run) > beginOf(last)) : [last];
  return others.some((run) => outlives(run, loop, now));
}

/** A process that is up and has lasted, or has been up for twice as long as any life of the loop, ends the row. A healthy
 *  one prints nothing more, so that is told by the clock where there is one. */
function outlives(run: Run, { lives }: Loop, now: Date | null): boolean {
  if (upCount(run) === 0 || run.stopping) return false;
  if (lengthOf(run) > SHORT_LIFE_MS) return true;
  const longest = Math.max(...[...lives].map(lengthOf));
  const upSince = run.registeredAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return now !== null && now.getTime() - upSince > Math.max(2 * longest, SETTLED_MS);
}

function lengthOf(run: Run): number {
  return endOf(run) - beginOf(run);
}

function loopOf(lives: Run[], next: Run): Loop {
  const tally = newTally();
  const told = lives.every((run) => run.stopping);
  for (const life of lives) {
    const begin = life.startedAt;
    const end = life.stoppingAt ?? life.lastAt;
    const seconds = Math.round(((end?.getTime() ?? 0) - (begin?.getTime() ?? 0)) / 1000);
    const ready = life.readyAtStop || upCount(life) > 0 ? "with connections up" : "with no connection up";
    tally.count += 1;
    tally.first ??= begin;
    tally.last = end;
    if (tally.lines.length >= 3) continue;
    tally.lines.push(
      `${begin?.toISOString()} started, ${life.stopping ? "told to stop" : "gone"} after ${seconds} s ${ready}`,
    );
  }
  return { tally, run: next, lives: new Set(lives), told };
}

/** A fault is mended when a process that began after its last sign got registered in the place of the old one. */
export function isMended(finding: RunFinding, runs: Run[]): boolean {
  if (OF_CONFIGURATION.has(finding.cause)) return isGone(finding.run) && runs.some(isServingOn);
  if (!MENDABLE.has(finding.cause)) return false;
  const { run, tally } = finding;
  const place = runs.indexOf(run);
  return runs.some((later, at) => {
    if (later === run || later.registered === 0 || later.group !== run.group) return false;
    if (later.tunnelId !== null && run.tunnelId !== null && later.tunnelId !== run.tunnelId) return false;
    if (finding.cause.startsWith("quic") && !isFreeOfQuic(later)) return false;
    const replaced =
      later.stream === run.stream ? true : run.ended || run.stopping || later.startedAt !== null;
    if (!replaced) return false;
    if (tally.last === null) return at > place;
    if (later.registeredAt === null) return false;
    const began = beginOf(later);
    return (
      (at > place && began >= tally.last.getTime()) ||
      (began > tally.last.getTime() - SECOND_MS && isInRow(finding, runs, began))
    );
  });
}

/** What a process says of its configuration goes with it: those that live tell of their own. */
const OF_CONFIGURATION = new Set<Cause>(["bad-config", "origin-host"]);

function isGone({ stopping, ended }: Run): boolean {
  return stopping || ended;
}

function isServingOn(run: Run): boolean {
  return !isGone(run) && run.registered > 0;
}

const SECOND_MS = 1_000;

/** Whether a usage error was one of several, the first of them before this moment. A usage error comes with its exact time, and
 *  a JSON line with its whole second: a process that began right after the last of them seems to have begun before. */
function isInRow({ cause, run }: RunFinding, runs: Run[], moment: number): boolean {
  if (cause !== "bad-flags") return false;
  const others = runs.filter((each) => each !== run && each.group === run.group);
  return others.some((each) => (each.faults.get(cause)?.first?.getTime() ?? moment) < moment);
}

/** Told to use HTTP/2, it has nothing to do with QUIC, whatever else becomes of it; else its connections have to stand. */
function isFreeOfQuic(run: Run): boolean {
  return !run.fellBack && (run.protocol === "http2" || upCount(run) > 0);
}

const MENDABLE = new Set<Cause>([
  "token-malformed",
  "bad-flags",
  "fd-limit",
  "edge-dns",
  "token-rejected",
  "edge-ipv6",
  "tcp-7844-blocked",
  "quic-rejected",
  "quic-blocked",
  "quic-flap",
  "outage",
  "few-addresses",
  "degraded",
  "old-version",
]);
