// The lines of each tunnel's connectors of the last quarter of an hour, as far as they say anything, and of those before
// them what a living process printed once and still holds. It lives in memory: a process that starts, or has not looked
// for a while, reads the lines again from Cloud Logging.
import type { LogFact } from "../domain/diagnosis/facts.ts";
import { type Life, linesOf, livesIn, stillLiving } from "../domain/diagnosis/lasting-lines.ts";
import { signOf } from "../domain/diagnosis/line-kinds.ts";
import type { WatchedTunnel } from "../domain/policy.ts";
import type { Signals } from "../domain/signals.ts";
import { poolKey } from "../domain/worker-pool.ts";

export type LogWindow = {
  /** What was read of this project's pools; `facts` may be none. */
  take(project: string, facts: LogFact[], at: Date): void;
  of(tunnel: WatchedTunnel): Signals["log"];
  /** `instancesOf`: how many connectors a tunnel's worker pool should run; null where nobody knows. */
  forgetBefore(at: Date, instancesOf?: (tunnel: WatchedTunnel) => number | null): void;
};

type Window = { at: Date; standing: LogFact[]; facts: LogFact[]; heard: Map<string, Date> };

/** Of each tunnel, and as many that are older and still hold. */
const MOST_FACTS = 1_000;

export function createLogWindow(tunnels: WatchedTunnel[]): LogWindow {
  const byTunnel = new Map<string, Window>();

  function add(tunnel: WatchedTunnel, facts: LogFact[], at: Date): void {
    const window: Window = byTunnel.get(tunnel.id) ?? { at, standing: [], facts: [], heard: new Map() };
    byTunnel.set(tunnel.id, window);
    window.at = at;
    const ours = facts.filter((fact) => isOf(tunnel, fact));
    for (const fact of ours) hear(window.heard, fact);
    window.facts.push(...ours.filter(says));
    if (window.facts.length > MOST_FACTS) keep(window, window.facts.slice(-MOST_FACTS));
  }

  return {
    take(project, facts, at) {
      for (const tunnel of tunnels)
        if (tunnel.connectors?.workerPool?.project === project) add(tunnel, facts, at);
    },
    of({ id }) {
      const { at, standing, facts } = byTunnel.get(id) ?? {};
      return at && standing && facts ? { at, standing, facts } : null;
    },
    forgetBefore(since, instancesOf = () => null) {
      for (const tunnel of tunnels) {
        const window = byTunnel.get(tunnel.id);
        if (!window) continue;
        const { heard, facts } = window;
        const instances = instancesOf(tunnel);
        const fresh = facts.filter((fact) => fact.at === null || fact.at >= since);
        keep(window, fresh, (lives) => stillLiving(lives, { heard, since, instances }));
        const known = new Set([...window.standing, ...fresh].map(({ stream }) => stream));
        for (const [stream, at] of heard) if (at < since && !known.has(stream)) heard.delete(stream);
      }
    },
  };
}

/** Lets go of the other lines, but for what still holds. */
function keep(window: Window, facts: LogFact[], living = (lives: Life[]) => lives): void {
  const kept = new Set(facts);
  const lasting = living(livesIn([...window.standing, ...window.facts])).flatMap(linesOf);
  window.standing = lasting.filter((fact) => !kept.has(fact)).slice(-MOST_FACTS);
  window.facts = facts;
}

function hear(heard: Map<string, Date>, { stream, at }: LogFact): void {
  const last = heard.get(stream);
  if (at !== null && (!last || at > last)) heard.set(stream, at);
}

/** Several tunnels may have their connectors in one pool; most lines name no tunnel. */
function isOf({ id, connectors }: WatchedTunnel, fact: LogFact): boolean {
  const pool = connectors?.workerPool;
  return pool !== null && pool !== undefined && fact.group === poolKey(pool) && (fact.tunnelId ?? id) === id;
}

/** Noise would only push out what matters. */
function says(fact: LogFact): boolean {
  const { sign } = signOf(fact);
  return sign !== "noise" && sign !== "unknown";
}
