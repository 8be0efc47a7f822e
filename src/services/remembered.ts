// Answers kept for a while: who asks while one is being looked up waits for the same, and who asks soon after is given it.

export type Keeping = {
  /** Counted from when it was asked for. */
  maxAgeMs: number;
  /** How long a failure stays the answer. Default: until it is there. */
  failureKeptMs?: (error: unknown) => number;
  /** Default: the machine's steady clock. */
  now?: () => number;
};

type Kept<T> = { answer: Promise<T>; until: number };

const MOST_KEPT = 2000;

/** By key, where there is more than one thing to be asked for. */
export function remembered<T>(
  lookUp: (key: string) => Promise<T>,
  { maxAgeMs, failureKeptMs = () => 0, now = () => performance.now() }: Keeping,
): (key?: string) => Promise<T> {
  const kept = new Map<string, Kept<T>>();
  return (key = "") => {
    const last = kept.get(key);
    if (last && now() < last.until) return last.answer;
    const fresh = { answer: lookUp(key), until: now() + maxAgeMs };
    fresh.answer.catch((error: unknown) => {
      fresh.until = now() + failureKeptMs(error);
    });
    keep(kept, key, fresh);
    return fresh.answer;
  };
}

/** How old an answer may be: one that will do, and one that stands in where asking fails in a way that may pass. */
export type Age = { maxAgeMs?: number; standInMs?: number };

/** Asked anew each time, unless the caller says that an older answer will do. */
export function lastKnown<T>(
  lookUp: (key: string) => Promise<T>,
  { mayPass, now = () => performance.now() }: { mayPass: (error: unknown) => boolean; now?: () => number },
): (key: string, age?: Age) => Promise<T> {
  const known = new Map<string, { answer: T; at: number }>();
  return async (key, { maxAgeMs = 0, standInMs = 0 } = {}) => {
    const last = known.get(key);
    const age = last ? now() - last.at : Number.POSITIVE_INFINITY;
    if (last && age < maxAgeMs) return last.answer;
    const asked = lookUp(key).then((answer) => {
      keep(known, key, { answer, at: now() });
      return answer;
    });
    return await asked.catch((error: unknown) => {
      if (last && age < standInMs && mayPass(error)) return last.answer;
      throw error;
    });
  };
}

/** The oldest come first in the map, and make room. */
function keep<T>(kept: Map<string, T>, key: string, fresh: T): void {
  kept.delete(key);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= MOST_KEPT) kept.delete(oldest);
  kept.set(key, fresh);
}
