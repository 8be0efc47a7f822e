// Counts lost connections where no log tells of them: a connector that is still there with fewer than before.
import { MOST_LINES } from "./diagnosis/evidence.ts";
import type { Diagnosis } from "./diagnosis/facts.ts";
import { remedyFor } from "./diagnosis/remedies.ts";
import type { HealthLimits } from "./incident.ts";
import type { TunnelHealth } from "./tunnel-health.ts";

export type ConnectorDrops = { id: string; connections: number; drops: Date[] };

const MOST_DROPS = 20;

/** One that is gone altogether was stopped or replaced: that is no drop, and it is forgotten once its drops are old. */
export function dropsSeen(
  before: ConnectorDrops[],
  { connectors, state }: TunnelHealth,
  at: Date,
  { flapping }: HealthLimits,
): ConnectorDrops[] {
  if (state === "unknown") return before;
  const recent = (drops: Date[]) =>
    drops.filter((drop) => at.getTime() - drop.getTime() <= flapping.withinMs);
  const gone = before
    .filter((known) => !connectors.some(({ id }) => id === known.id))
    .map((known) => ({ ...known, connections: 0, drops: recent(known.drops) }))
    .filter(({ drops }) => drops.length > 0);
  const present = connectors.map(({ id, colos }) => {
    const known = before.find((each) => each.id === id);
    // While the tunnel is up, a place that is missing was only not told this time.
    const dropped = state !== "up" && known !== undefined && colos.length < known.connections;
    const drops = [...recent(known?.drops ?? []), ...(dropped ? [at] : [])].slice(-MOST_DROPS);
    return { id, connections: colos.length, drops };
  });
  return [...present, ...gone];
}

export function flapOf(
  known: ConnectorDrops[],
  { connectors }: TunnelHealth,
  { flapping }: HealthLimits,
): Diagnosis[] {
  const worst = known.toSorted((a, b) => b.drops.length - a.drops.length)[0];
  const since = worst?.drops[0];
  if (!worst || !since || worst.drops.length < flapping.drops) return [];
  const quic = connectors.find(({ id }) => id === worst.id)?.protocol === "quic";
  const cause = quic ? "quic-flap" : "h2-flap";
  return [
    {
      cause,
      severity: quic ? "high" : "medium",
      confidence: 0.65,
      seen: worst.drops.length,
      counted: true,
      connector: worst.id,
      since,
      lastSeen: worst.drops.at(-1) ?? null,
      evidence: worst.drops
        .slice(0, MOST_LINES)
        .map((drop) => `${drop.toISOString()} connector ${worst.id} lost a connection`),
      remedy: remedyFor(cause, { coping: false, services: [] }),
      services: [],
    },
  ];
}
