// A watch over tunnels without a store or a Slack: looks in, and what people would have been told out.
import type { Diagnosis } from "../../src/domain/diagnosis/facts.ts";
import { judge, type TunnelWatch } from "../../src/domain/fault.ts";
import {
  type Affected,
  DEFAULT_LIMITS,
  type HealthLimits,
  type Incident,
} from "../../src/domain/incident.ts";
import { advance, stillMatters } from "../../src/domain/incident-life.ts";
import { type IncidentNotice, noticesFor } from "../../src/domain/incident-notices.ts";
import type { ConnectorHealth, TunnelHealth, TunnelState } from "../../src/domain/tunnel-health.ts";
import type { FailedRevision } from "../../src/domain/worker-pool.ts";
import { fromRow, toRow, toWatches } from "../../src/store/incident-row.ts";

const START = new Date("2026-11-23T12:00:00Z");

export type Sight = {
  state: TunnelState;
  diagnoses?: Diagnosis[];
  /** Connections of each connector, by its id. */
  connectors?: Record<string, number>;
  failedRevision?: FailedRevision;
  poolOff?: boolean;
  /** The log was not read lately. */
  unread?: boolean;
};

export function diagnosis(change: Partial<Diagnosis> = {}): Diagnosis {
  return {
    cause: "tcp-7844-blocked",
    severity: "critical",
    confidence: 0.85,
    seen: 3,
    counted: false,
    connector: null,
    since: null,
    lastSeen: null,
    evidence: ["dial tcp 198.41.192.57:7844: i/o timeout"],
    remedy: "Route only private ranges through the VPC.",
    services: [],
    ...change,
  };
}

export type Told = IncidentNotice & { incident: string; at: Date };

export function watchedTunnels(given: { limits?: Partial<HealthLimits>; affected?: Affected[] } = {}) {
  const limits = { ...DEFAULT_LIMITS, ...given.limits };
  const told: Told[] = [];
  let watches: TunnelWatch[] = [];
  let incidents: Incident[] = [];
  let now = START;
  let ids = 0;

  function see(sights: Record<string, Sight>, watched = Object.keys(sights)): void {
    const at = now;
    const known = incidents.filter((each) => stillMatters(each, at, limits));
    const judged = Object.entries(sights).map(([tunnelId, sight]) => {
      const before = watches.find((each) => each.tunnelId === tunnelId) ?? null;
      const { diagnoses = [], failedRevision = null, poolOff = false, unread = false } = sight;
      const health = healthOf(tunnelId, sight, at);
      const look = { health, diagnoses, failedRevision, poolOff, unread, at };
      return {
        tunnelId,
        name: tunnelId,
        affected: () => given.affected ?? [],
        ...judge(before, look, limits, 5_000),
      };
    });
    const newId = () => `i${++ids}`;
    for (const after of advance({ incidents: known, seen: judged, at, watched, limits, newId }))
      keep(incidents.find((each) => each.id === after.id) ?? null, after, at);
    watches = judged.map(({ watch }) => watch);
  }

  function keep(before: Incident | null, after: Incident, at: Date): void {
    incidents = before ? incidents.map((each) => (each === before ? after : each)) : [...incidents, after];
    for (const notice of noticesFor(before, after, at)) {
      if (told.some((each) => each.incident === after.id && each.key === notice.key)) continue;
      told.push({ ...notice, incident: after.id, at });
    }
  }

  return {
    told,
    see,
    /** Looks every few seconds for so long. */
    sees(seconds: number, sights: Record<string, Sight>, every = 5): void {
      for (let left = seconds; left > 0; left -= every) {
        see(sights);
        now = new Date(now.getTime() + every * 1000);
      }
    },
    passes(seconds: number): void {
      now = new Date(now.getTime() + seconds * 1000);
    },
    /** All that is left of it is what the store keeps. */
    restarts(): void {
      incidents = incidents.map((incident) => {
        const row = { ...toRow(incident), channel: null, ts: null };
        return fromRow({ ...row, body: JSON.parse(row.body) });
      });
      watches = toWatches(JSON.parse(JSON.stringify({ watches })));
    },
    acts(change: (incident: Incident) => Incident): void {
      for (const incident of incidents.filter(({ phase }) => phase === "open"))
        keep(incident, change(incident), now);
    },
    now: () => now,
    incidents: () => incidents,
    open: () => incidents.filter(({ phase }) => phase === "open"),
    /** What the channel shows: new messages, and replies that are shown there too. */
    shouts: (): number => incidents.length + told.filter(({ broadcast }) => broadcast).length,
  };
}

function healthOf(tunnelId: string, sight: Sight, at: Date): TunnelHealth {
  const connectors = Object.entries(sight.connectors ?? {}).map(([id, count]) => connector(id, count));
  return { tunnelId, name: tunnelId, state: sight.state, since: at, connectors, seenAt: at };
}

function connector(id: string, connections: number): ConnectorHealth {
  const colos = Array.from({ length: connections }, (_, index) => `nrt0${index + 1}`);
  return {
    id,
    version: "2026.8.2",
    protocol: "http2",
    configVersion: 1,
    startedAt: null,
    colos,
    ours: true,
  };
}
