// The lines of each tunnel's connectors of the last quarter of an hour, as far as they say anything. It lives in memory: a
// process that starts, or has not looked for a while, reads them again from Cloud Logging.
import type { LogFact } from "../domain/diagnosis/facts.ts";
import { signOf } from "../domain/diagnosis/line-kinds.ts";
import type { WatchedTunnel } from "../domain/policy.ts";
import type { Signals } from "../domain/signals.ts";
import { poolKey } from "../domain/worker-pool.ts";

export type LogWindow = {
  /** What was read of this project's pools; `facts` may be none. */
  take(project: string, facts: LogFact[], at: Date): void;
  of(tunnel: WatchedTunnel): Signals["log"];
  forgetBefore(at: Date): void;
};

const MOST_FACTS = 1_000;

export function createLogWindow(tunnels: WatchedTunnel[]): LogWindow {
  const byTunnel = new Map<string, { at: Date; facts: LogFact[] }>();

  function add(tunnel: WatchedTunnel, facts: LogFact[], at: Date): void {
    const known = byTunnel.get(tunnel.id)?.facts ?? [];
    const ours = facts.filter((fact) => isOf(tunnel, fact) && says(fact));
    byTunnel.set(tunnel.id, { at, facts: ours.length > 0 ? [...known, ...ours].slice(-MOST_FACTS) : known });
  }

  return {
    take(project, facts, at) {
      for (const tunnel of tunnels)
        if (tunnel.connectors?.workerPool?.project === project) add(tunnel, facts, at);
    },
    of: ({ id }) => byTunnel.get(id) ?? null,
    forgetBefore(at) {
      for (const window of byTunnel.values())
        window.facts = window.facts.filter((fact) => fact.at === null || fact.at >= at);
    },
  };
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
