// Finds the process that a log line belongs to. A stream mostly holds one process after the other; where two connectors
// write to one file unlabelled, the edge address and the state of the connection tell them apart.
import { newRun, type Run, upCount } from "./connector-run.ts";
import { later } from "./evidence.ts";
import type { LogFact } from "./facts.ts";
import { DIAGNOSIS_LIMITS, type DiagnosisLimits } from "./limits.ts";
import { type Sign, signOf } from "./line-kinds.ts";
import { note, take } from "./run-lines.ts";

type Stream = { current: Run | null; live: Run[]; lastAt: Date | null };

export type Streams = {
  runs: Run[];
  byName: Map<string, Stream>;
  lastAt: Date | null;
  limits: DiagnosisLimits;
};

const MOST_RUNS = 1_000;
const MOST_STREAMS = 5_000;
const MOST_LIVE = 6;
/** The longest grace period cloudflared accepts is three minutes. */
const LONGEST_STOP_MS = 4 * 60_000;

export function newStreams(limits: DiagnosisLimits = DIAGNOSIS_LIMITS): Streams {
  return { runs: [], byName: new Map(), lastAt: null, limits };
}

export function takeLine(streams: Streams, line: LogFact): void {
  const sign = signOf(line);
  streams.lastAt = later(streams.lastAt, line.at);
  if (sign.sign === "noise" || sign.sign === "unknown") {
    const known = streams.byName.get(line.stream);
    if (known?.current && !known.current.stopping)
      known.current.lastAt = later(known.current.lastAt, line.at);
    return;
  }
  const stream = streamOf(streams, line.stream);
  stream.lastAt = later(stream.lastAt, line.at);
  if (isFailedStart(sign)) failedStart(streams, stream, sign.sign, line);
  else take(ownerOf(streams, stream, sign, line), sign, line);
}

function streamOf(streams: Streams, name: string): Stream {
  const known = streams.byName.get(name);
  if (known) return known;
  const stream: Stream = { current: null, live: [], lastAt: null };
  if (streams.byName.size >= MOST_STREAMS) {
    const oldest = streams.byName.keys().next().value;
    if (oldest !== undefined) streams.byName.delete(oldest);
  }
  streams.byName.set(name, stream);
  return stream;
}

function isFailedStart(sign: Sign): sign is { sign: "token-malformed" } | { sign: "bad-flags" } {
  return sign.sign === "token-malformed" || sign.sign === "bad-flags";
}

/** The command line refused to start: a process of its own, that ended at once and printed no time. */
function failedStart(
  streams: Streams,
  stream: Stream,
  fault: "token-malformed" | "bad-flags",
  line: LogFact,
): void {
  const { current } = stream;
  const fresh = current !== null && !current.stopping && !current.ended && current.registered === 0;
  const run = fresh ? current : begin(streams, stream, line, current !== null && upCount(current) > 0);
  run.firstAt ??= line.at ?? stream.lastAt;
  run.lastAt = later(run.lastAt, line.at ?? stream.lastAt);
  run.ended = true;
  run.exited = true;
  note(run, fault, line);
}

function begin(streams: Streams, stream: Stream, line: LogFact, aside = false): Run {
  const run = newRun(line, streams.limits);
  streams.runs.push(run);
  if (streams.runs.length > 2 * MOST_RUNS) forget(streams.runs);
  if (aside) return run;
  stream.live = stream.live.filter((each) => !each.ended && (upCount(each) > 0 || each.stopping));
  stream.live.push(run);
  if (stream.live.length > MOST_LIVE) stream.live.shift();
  stream.current = run;
  return run;
}

/** Of very many processes, those that ended with nothing to report go first, then the oldest. */
function forget(runs: Run[]): void {
  const telling = runs.filter((run) => !run.ended || run.faults.size > 0 || run.origin.size > 0);
  runs.splice(0, runs.length, ...telling.slice(-MOST_RUNS));
}

function ownerOf(streams: Streams, stream: Stream, sign: Sign, line: LogFact): Run {
  const { current } = stream;
  if (current === null || startsAnew(current, sign, line)) return begin(streams, stream, line);
  if (stream.live.length < 2) return current;
  const live = stream.live.filter((run) => !run.ended).reverse();
  return (line.connIndex === null ? byPhase(live, sign) : byConnection(live, sign, line)) ?? current;
}

function startsAnew(current: Run, sign: Sign, line: LogFact): boolean {
  if (sign.sign === "start") return !isSameStart(current, line);
  if (sign.sign === "connector-id") return current.connector !== null && current.connector !== sign.id;
  if (!current.ended && !current.stopping) return false;
  const end = current.stoppingAt ?? current.lastAt;
  const since = (line.at?.getTime() ?? 0) - (end?.getTime() ?? 0);
  // The last lines of a shutdown look like faults, and may stand in any order.
  return BEGINS_ANEW.has(sign.sign) || (sign.sign === "edge" && since > LONGEST_STOP_MS);
}

/** After an end these come from the next process, whether or not its first line was read. */
export const BEGINS_ANEW: ReadonlySet<Sign["sign"]> = new Set<Sign["sign"]>([
  "registered",
  "initial-protocol",
  "settings",
  "version",
]);

/** A log shipper may deliver the first line twice. */
function isSameStart(current: Run, line: LogFact): boolean {
  const untouched = current.connector === null && current.version === null && current.registered === 0;
  return untouched && current.startedAt !== null && current.startedAt.getTime() === line.at?.getTime();
}

/** Newest first. A shutdown meets the oldest one that serves: the new one is started before the old one goes. */
function byPhase(live: Run[], sign: Sign): Run | undefined {
  if (sign.sign === "sigterm") return live.findLast((run) => !run.stopping && upCount(run) > 0);
  if (sign.sign === "stopped" || sign.sign === "orderly-end") return live.findLast((run) => run.stopping);
  return undefined;
}

function byConnection(live: Run[], sign: Sign, line: LogFact): Run | undefined {
  const index = line.connIndex ?? 0;
  const sameEdge = live.filter((run) => line.ip !== null && run.indexes.get(index)?.ip === line.ip);
  if (sign.sign === "unregistered" || sign.sign === "orderly-end" || sign.sign === "retrying") {
    return sameEdge.find((run) => run.stopping) ?? sameEdge[0] ?? live.find((run) => run.stopping);
  }
  const isUp = (run: Run) => run.indexes.get(index)?.up === true;
  if (sign.sign === "registered") return live.find((run) => !run.stopping && !isUp(run));
  if (sign.sign !== "edge") return undefined;
  const alive = live.filter((run) => !run.stopping);
  const isLoss = sign.error === "h2-drop" || sign.error === "quic-drop" || sign.error === "drop-echo";
  // Who dials is not up, whatever address it dials.
  if (!isLoss) return alive.find((run) => !isUp(run)) ?? alive[0];
  return sameEdge.length === 1 ? sameEdge[0] : (alive.find(isUp) ?? alive[0]);
}
