// Puts the entries of a Cloud Logging export in order of time, oldest first, with a bound on what is held.
import type { LogFact } from "../domain/diagnosis/facts.ts";
import { signOf } from "../domain/diagnosis/line-kinds.ts";

export type EntryOrder = { take(fact: LogFact): LogFact[]; end(): LogFact[] };

const MOST_HELD = 200_000;
const NOISE_EVERY_MS = 30_000;

export function createEntryOrder(): EntryOrder {
  let held: LogFact[] = [];
  let full = false;
  const noiseAt = new Map<string, number>();

  /** Of what means nothing, one line now and then is enough to show that its connector lived. */
  function isNeedless(fact: LogFact): boolean {
    const { sign } = signOf(fact);
    if (sign !== "noise" && sign !== "unknown") return false;
    const at = fact.at?.getTime() ?? 0;
    const last = noiseAt.get(fact.stream);
    if (last !== undefined && Math.abs(at - last) < NOISE_EVERY_MS) return true;
    noiseAt.set(fact.stream, at);
    return false;
  }

  function take(fact: LogFact): LogFact[] {
    if (full || isNeedless(fact)) return [];
    held.push(fact);
    if (held.length < MOST_HELD) return [];
    if (isDescending(held)) {
      // What still comes is older than all that is held.
      full = true;
      return [];
    }
    const sorted = inOrder(held);
    const half = Math.floor(sorted.length / 2);
    held = sorted.slice(half);
    return sorted.slice(0, half);
  }

  function end(): LogFact[] {
    const sorted = inOrder(held);
    held = [];
    return sorted;
  }

  return { take, end };
}

/** Entries of one second keep the order in which they were written. */
function inOrder(facts: LogFact[]): LogFact[] {
  const forward = isDescending(facts) ? facts.toReversed() : facts;
  return forward.toSorted((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0));
}

function isDescending(facts: LogFact[]): boolean {
  return (facts[0]?.at?.getTime() ?? 0) > (facts.at(-1)?.at?.getTime() ?? 0);
}
