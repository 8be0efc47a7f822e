// Finds the lines that hold for as long as their process lives, however long ago it printed them: what it is, how each of
// its connections stands, and its configuration. cloudflared prints these once, and nothing while all is well.
import type { LogFact } from "./facts.ts";
import { type Sign, signOf } from "./line-kinds.ts";
import { BEGINS_ANEW } from "./streams.ts";

/** A stream's newest process, as far as its lines still hold. */
export type Life = {
  stream: string;
  once: Map<Sign["sign"], LogFact>;
  /** By connection: its last registration, and the first sign since that it was lost. */
  up: Map<number, LogFact>;
  lost: Map<number, LogFact>;
  over: boolean;
};

/** Of falling back to HTTP/2 the incident of the outage before it has told: it is not to be told again later. */
const ONCE = new Set<Sign["sign"]>([
  "start",
  "version",
  "connector-id",
  "settings",
  "initial-protocol",
  "few-addresses",
  "config",
  "bad-config",
]);
const ENDS = new Set<Sign["sign"]>(["sigterm", "orderly-end", "stopped", "exit"]);
const LOSSES = new Set<Sign["sign"]>(["edge", "retrying", "unregistered"]);

/** In any order: entries of Cloud Logging may come late. */
export function livesIn(facts: readonly LogFact[]): Life[] {
  const lives = new Map<string, Life>();
  for (const fact of facts.toSorted(byTime)) {
    const { stream } = fact;
    const known = lives.get(stream) ?? newLife(stream);
    const sign = signOf(fact);
    const anew = sign.sign === "start" || (known.over && BEGINS_ANEW.has(sign.sign));
    const life = anew ? newLife(stream) : known;
    lives.set(stream, life);
    take(life, sign, fact);
  }
  return [...lives.values()].filter(({ over }) => !over);
}

export function linesOf({ once, up, lost }: Life): LogFact[] {
  return [...once.values(), ...up.values(), ...lost.values()].toSorted(byTime);
}

function byTime(a: LogFact, b: LogFact): number {
  return (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0);
}

function newLife(stream: string): Life {
  return { stream, once: new Map(), up: new Map(), lost: new Map(), over: false };
}

function take(life: Life, sign: Sign, fact: LogFact): void {
  const { once, up, lost } = life;
  const index = fact.connIndex;
  if (ENDS.has(sign.sign)) life.over = true;
  // What was refused leaves the configuration before it in force.
  if (sign.sign === "config") once.delete("bad-config");
  if (ONCE.has(sign.sign)) once.set(sign.sign, fact);
  if (sign.sign === "registered") {
    up.set(index ?? 0, fact);
    lost.delete(index ?? 0);
  }
  const harmless = sign.sign === "edge" && sign.error === "harmless";
  if (LOSSES.has(sign.sign) && !harmless && index !== null && !lost.has(index)) lost.set(index, fact);
}

export type Hearing = {
  /** When each stream last printed anything, with or without a meaning. */
  heard: ReadonlyMap<string, Date>;
  /** Who has printed nothing since then is silent. */
  since: Date;
  /** How many processes there should be; null where nobody knows. */
  instances: number | null;
};

const LONGEST_SILENCE_MS = 24 * 60 * 60_000;

/** Leaves out those that vanished without a word, as an instance that is killed does. Silence alone does not tell: it is how
 *  a healthy process sounds. But it does where
 *   - a connection is down: cloudflared tells of each further attempt;
 *   - another process got a newer configuration a while ago: each tells of every push;
 *   - more processes seem to live than there should: the longest silent are the ones that were replaced;
 *   - nothing was heard for a day. What cannot be told by then is not held against anybody. */
export function stillLiving(lives: Life[], { heard, since, instances }: Hearing): Life[] {
  const told = lives.flatMap((life) => newestConfig(life) ?? []);
  const heardAt = ({ stream }: Life) => heard.get(stream)?.getTime() ?? 0;
  const isSilent = (life: Life) => heardAt(life) < since.getTime();
  const isGone = (life: Life) => {
    const at = heardAt(life);
    if (!isWhole(life) || at < since.getTime() - LONGEST_SILENCE_MS) return true;
    return told.some((other) => isPushSince(at, other, newestConfig(life)) && isOld(other, since));
  };
  const living = lives.filter((life) => !isSilent(life) || !isGone(life));
  const whole = living.filter(isWhole).toSorted((a, b) => heardAt(a) - heardAt(b));
  const tooMany = new Set(whole.slice(0, Math.max(0, whole.length - (instances ?? whole.length))));
  return living.filter((life) => !isSilent(life) || !tooMany.has(life));
}

function isPushSince(moment: number, other: LogFact, own: LogFact | undefined): boolean {
  const isNewer = (other.configVersion ?? 0) > (own?.configVersion ?? Number.POSITIVE_INFINITY);
  return isNewer && other.at !== null && other.at.getTime() > moment;
}

function isOld({ at }: LogFact, since: Date): boolean {
  return at !== null && at < since;
}

/** Where the log begins in the middle, connections that it does not mention are thought to be up. */
function isWhole({ once, up, lost }: Life): boolean {
  return lost.size === 0 && (up.size > 0 || !once.has("start"));
}

function newestConfig({ once }: Life): LogFact | undefined {
  return once.get("bad-config") ?? once.get("config");
}
