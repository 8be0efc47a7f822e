// Counts how often established connections are lost, within a window that slides.
import type { Index } from "./connector-run.ts";
import { count, newTally, type Tally } from "./evidence.ts";
import type { LogFact } from "./facts.ts";
import type { DiagnosisLimits } from "./limits.ts";
import type { Sign } from "./line-kinds.ts";

export type Drops = {
  limit: DiagnosisLimits["flapping"];
  /** The drops within the time that counts. */
  recent: { at: number; index: number }[];
  lastByIndex: Map<number, number>;
  quic: Tally;
  h2: Tally;
  /** As many drops as count were seen within that time, and not all in one moment. */
  flapping: boolean;
  /** The most drops that came in one moment. */
  burst: number;
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
    burst: 0,
  };
}

export function countDrop(
  drops: Drops,
  indexes: ReadonlyMap<number, Index>,
  sign: Extract<Sign, { sign: "edge" }>,
  line: LogFact,
): void {
  if (line.connIndex === null) return;
  const kind = kindOf(indexes.get(line.connIndex), sign);
  if (kind === null) return;
  const at = line.at?.getTime() ?? 0;
  if (isRepeat(drops, indexes.get(line.connIndex), at, sign, line.connIndex)) return;
  drops.lastByIndex.set(line.connIndex, at);
  count(kind === "quic" ? drops.quic : drops.h2, line);
  slide(drops, at, line.connIndex);
}

function kindOf(index: Index | undefined, sign: Extract<Sign, { sign: "edge" }>): "quic" | "h2" | null {
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

function slide(drops: Drops, at: number, index: number): void {
  drops.recent.push({ at, index });
  let gone = 0;
  while (
    drops.recent.length - gone > MOST_RECENT ||
    at - (drops.recent[gone]?.at ?? at) > drops.limit.withinMs
  )
    gone += 1;
  if (gone > 0) drops.recent.splice(0, gone);
  drops.burst = Math.max(drops.burst, drops.recent.filter((each) => at - each.at <= ONE_EVENT_MS).length);
  if (drops.flapping || drops.recent.length < drops.limit.drops) return;
  const ofIndex = drops.recent.filter((each) => each.index === index).length;
  const first = drops.recent[0]?.at ?? at;
  drops.flapping = ofIndex >= drops.limit.drops || at - first > ONE_EVENT_MS;
}
