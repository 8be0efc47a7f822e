// One cloudflared process, as far as its log lines show it.
import { type DropKind, type Drops, newDrops } from "./drops.ts";
import type { EdgeError, OriginError } from "./error-kinds.ts";
import { newTally, type Tally } from "./evidence.ts";
import { CONNECTIONS, type LogFact, type Place } from "./facts.ts";
import type { DiagnosisLimits } from "./limits.ts";

export type Index = {
  up: boolean;
  since: Date | null;
  ip: string | null;
  location: string | null;
  protocol: string | null;
  /** While it is down. */
  loss: Loss;
};

/** How a connection was lost, and how it failed to come back; empty where it was not seen. */
export type Loss = { kind: DropKind | null; drops: Tally; retries: Tally };

export function newLoss(): Loss {
  return { kind: null, drops: newTally(), retries: newTally() };
}

export type FaultKind =
  | Exclude<EdgeError, "harmless" | "drop-echo" | "unknown">
  | "token-malformed"
  | "bad-config"
  | "outdated"
  | "udp-precheck"
  | "tcp-precheck"
  | "dns-precheck"
  | "hard-fail"
  | "quic-hint"
  | "fallback"
  | "few-addresses"
  | "host-header"
  | "odd-exit"
  | "last-one-lost";

export type Run = {
  stream: string;
  group: string;
  place: Place | null;
  connector: string | null;
  tunnelId: string | null;
  version: string | null;
  /** When "Starting tunnel" was printed; null where the log begins later. */
  startedAt: Date | null;
  firstAt: Date | null;
  lastAt: Date | null;
  /** The protocol it began with, and whether it was told to keep to it. */
  protocol: string | null;
  pinned: string | null;
  expected: number;
  indexes: Map<number, Index>;
  registered: number;
  registeredAt: Date | null;
  everQuic: boolean;
  fellBack: boolean;
  faults: Map<FaultKind, Tally>;
  /** By service and kind of error. */
  origin: Map<string, { service: string; error: OriginError; tally: Tally }>;
  drops: Drops;
  /** What cloudflared's own level last said of the other connections; null where it has said nothing. */
  othersUp: boolean | null;
  /** A graceful shutdown began: nothing after it counts. */
  stoppingAt: Date | null;
  stopping: boolean;
  /** Whether any connection was up when the shutdown began. */
  readyAtStop: boolean;
  /** A connection said goodbye in an orderly way, and none has come since. */
  farewell: boolean;
  ended: boolean;
  /** It ended by itself. */
  exited: boolean;
  configVersion: number | null;
  configAt: Date | null;
  /** The routes of that configuration that Google cannot place, by hostname. */
  withoutHost: string[];
};

export function newRun({ stream, group, place }: LogFact, limits: DiagnosisLimits): Run {
  return {
    stream,
    group,
    place,
    connector: null,
    tunnelId: null,
    version: null,
    startedAt: null,
    firstAt: null,
    lastAt: null,
    protocol: null,
    pinned: null,
    expected: CONNECTIONS,
    indexes: new Map(),
    registered: 0,
    registeredAt: null,
    everQuic: false,
    fellBack: false,
    faults: new Map(),
    origin: new Map(),
    drops: newDrops(limits.flapping),
    othersUp: null,
    stoppingAt: null,
    stopping: false,
    readyAtStop: false,
    farewell: false,
    ended: false,
    exited: false,
    configVersion: null,
    configAt: null,
    withoutHost: [],
  };
}

/** In milliseconds; 0 where no line of it carries a time. */
export function beginOf(run: Run): number {
  return (run.startedAt ?? run.firstAt)?.getTime() ?? 0;
}

/** Whether any connection is up, as far as the log shows. */
export function isServing(run: Run): boolean {
  return upCount(run) > 0 || hasSilentOnes(run);
}

/** In a log that begins after the start, a connection that stands is not mentioned: cloudflared tells only of those that do not.
 *  That there are others shows where it warns of one that fails, or where it has lost one that was up. */
function hasSilentOnes({ startedAt, faults, indexes, expected, othersUp, drops }: Run): boolean {
  if (startedAt !== null || faults.has("last-one-lost") || indexes.size >= expected) return false;
  return othersUp === true || drops.lastByIndex.size > 0;
}

export function upCount(run: Run): number {
  let up = 0;
  for (const index of run.indexes.values()) if (index.up) up += 1;
  return up;
}

/** Whether every connection that had a fault is registered again. */
export function isOver(run: Run, { indexes, last }: Tally): boolean {
  if (indexes.size > 0) return [...indexes].every((index) => run.indexes.get(index)?.up === true);
  return upCount(run) > 0 && (run.registeredAt === null || last === null || run.registeredAt >= last);
}
