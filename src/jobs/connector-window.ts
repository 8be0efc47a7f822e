// How many connections each connector had, from when on: what the diagnosis needs of earlier looks. Of one that has not
// changed the first and the last sight are enough.
import type { ConnectorFact } from "../domain/diagnosis/facts.ts";

type Sights = { first: ConnectorFact; last: ConnectorFact };

export type ConnectorWindow = {
  /** All that is seen of a tunnel now; a connector that is not among them is gone. */
  take(tunnelId: string, facts: ConnectorFact[]): ConnectorFact[];
};

export function createConnectorWindow(): ConnectorWindow {
  const byTunnel = new Map<string, Map<string, Sights>>();
  return {
    take(tunnelId, facts) {
      const before = byTunnel.get(tunnelId);
      const now = new Map(
        facts.map((last) => {
          const known = before?.get(last.connector);
          return [last.connector, { first: known && isAlike(known.last, last) ? known.first : last, last }];
        }),
      );
      byTunnel.set(tunnelId, now);
      return [...now.values()].flatMap(({ first, last }) => (first === last ? [last] : [first, last]));
    },
  };
}

function isAlike(a: ConnectorFact, b: ConnectorFact): boolean {
  const sameState = a.connections > 0 === b.connections > 0;
  const sameWhole = a.connections >= a.expected === b.connections >= b.expected;
  return sameState && sameWhole && a.configVersion === b.configVersion && a.ours === b.ours;
}
