// Counts how often established connections are lost, within a window that slides.
import type { Index } from "./connector-run.ts";
import { count, newTally, type Tally } from "./evidence.ts";
import type { LogFact } from "./facts.ts";
import type { DiagnosisLimits } from "./limits.ts";
import type { Sign } from "./line-kinds.ts";

export type DropKind = "quic" | "h2";

type Drop = { at: number; index: number; kind: DropKind; line: LogFact; counted: boolean };

export type Drops = {
  limit: DiagnosisLimits["flapping"];
  /** The drops within the time that counts. */
  recent: Drop[];
  lastByIndex: Map<number, number>;
  /** Those that came as often as counts: a seldom one is none of a flapping. */
  quic: Tally;
  h2: Tally;
  /** As many drops as count were seen within that time, and not all in one moment. */
  flapping: boolean;
};

/** What drops within this time went down together: one event at the edge or in the network. */
const ONE_EVENT_MS = 15_000;
/** A second loss of one index within this time is a further line about the first. */
const SAME_LOSS_MS = 5_000;
const SAME_TERMINATION_MS = 60_000;
const MOST_RECENT = 500;

export function newDrops(limit: DiagnosisLimits["flapping"]): Drops {
  return {
    limit,
    recent: [],
    lastByIndex: new Map(),
    quic: newTally(),
    h2: newTally(),
    flapping: false,
  };
}

/** What kind of drop the line is the first of; null for one that tells of none, or of one that is known. */
export function countDrop(
  drops: Drops,
  indexes: ReadonlyMap<number, Index>,
  sign: Extract<Sign, { sign: "edge" }>,
  line: LogFact,
): DropKind | null {
  if (line.connIndex === null) return null;
  const kind = kindOf(indexes.get(line.connIndex), sign);
  if (kind === null) return null;
  const at = line.at?.getTime() ?? 0;
  if (isRepeat(drops, indexes.get(line.connIndex), at, sign, line.connIndex)) return null;
  drops.lastByIndex.set(line.connIndex, at);
  slide(drops, { at, index: line.connIndex, kind, line, counted: false });
  return kind;
}

function kindOf(index: Index | undefined, sign: Extract<Sign, { sign: "edge" }>): DropKind | null {
  if (sign.error === "quic-drop") return "quic";
  if (sign.error === "h2-drop") return "h2";
  // An error that says nothing counts only for a connection that was seen up.
  return index?.up ? (index.protocol === "quic" ? "quic" : "h2") : null;
}

/** A loss is printed four to six times. One that comes later was of a connection that had come back, seen or not. */
function isRepeat(
  drops: Drops,
  index: Index | undefined,
  at: number,
  sign: Extract<Sign, { sign: "edge" }>,
  connIndex: number,
): boolean {
  if (index?.up) return false;
  const last = drops.lastByIndex.get(connIndex);
  if (last === undefined) return index !== undefined;
  return at - last < (sign.weight === "terminated" ? SAME_TERMINATION_MS : SAME_LOSS_MS);
}

function slide(drops: Drops, drop: Drop): void {
  const { at, index } = drop;
  drops.recent.push(drop);
  let gone = 0;
  while (
    drops.recent.length - gone > MOST_RECENT ||
    at - (drops.recent[gone]?.at ?? at) > drops.limit.withinMs
  )
    gone += 1;
  if (gone > 0) drops.recent.splice(0, gone);
  if (drops.recent.length < drops.limit.drops) return;
  const ofIndex = drops.recent.filter((each) => each.index === index).length;
  const first = drops.recent[0]?.at ?? at;
  if (ofIndex < drops.limit.drops && at - first <= ONE_EVENT_MS) return;
  drops.flapping = true;
  for (const each of drops.recent.filter(({ counted }) => !counted)) {
    each.counted = true;
    count(drops[each.kind], each.line);
  }
}
