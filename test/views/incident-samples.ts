// Incidents for the views' tests: an ordinary one, and one that is as long and as hostile as it can be.
import type { Incident, Member } from "../../src/domain/incident.ts";
import type { IncidentContext } from "../../src/views/incident-card.ts";
import { later, noon } from "./samples.ts";

export function member(change: Partial<Member> = {}): Member {
  return {
    tunnelId: "3d539f97-cd3a-4d8e-833b-65e9099c7a8d",
    name: "cloud-run",
    cause: "tcp-7844-blocked",
    since: noon,
    down: true,
    affected: [{ exposureId: "x1", hostname: "billing.lakeside.example", requesterId: "U0ASHA" }],
    goodSince: null,
    endedAt: null,
    ...change,
  };
}

export function incident(change: Partial<Incident> = {}): Incident {
  return {
    id: "i0123456789abcdef0123",
    version: 1,
    slot: "edge",
    phase: "open",
    cause: "tcp-7844-blocked",
    severity: "critical",
    connector: "f3c6d8b1-0000-4000-8000-000000000001",
    since: noon,
    openedAt: later(1),
    endedAt: null,
    evidence: [
      '2026-11-23T12:00:00Z ERR Unable to establish connection error="dial tcp 198.41.192.57:7844: i/o timeout"',
    ],
    remedy: "Route only private ranges through the VPC. Runbook: docs/runbook/tcp-7844-blocked.md",
    members: [member()],
    rounds: 1,
    wasDown: true,
    causes: 1,
    causeAt: later(1),
    told: [],
    acknowledged: null,
    muted: null,
    onCall: "message",
    message: null,
    ...change,
  };
}

export function ended(change: Partial<Incident> = {}): Incident {
  const members = (change.members ?? [member()]).map((each) => ({
    ...each,
    down: false,
    endedAt: later(12),
  }));
  return incident({ phase: "ended", endedAt: later(12), ...change, members });
}

/** Everything that others write, this long and this hostile. */
export function extremeIncident(filler: string, phase: Incident["phase"] = "open"): Incident {
  const long = filler.repeat(400).slice(0, 400);
  const affected = Array.from({ length: 300 }, (_, index) => ({
    exposureId: `x${index}`,
    hostname: long.slice(0, 253),
    requesterId: `U0PERSON${index}`,
  }));
  const members = Array.from({ length: 50 }, (_, index) =>
    member({ tunnelId: `t${index}`, name: long, affected: index === 0 ? affected : [] }),
  );
  return (phase === "open" ? incident : ended)({
    evidence: [long, long, long, long, long],
    remedy: `${long.repeat(6)} Runbook: docs/runbook/outage.md`,
    connector: long,
    members,
    rounds: 9,
    acknowledged: { by: "U0LEE", at: later(2) },
    muted: { by: "U0MINA", until: later(90) },
  });
}

export function incidentContext(change: Partial<IncidentContext> = {}): IncidentContext {
  return { now: later(5), installation: "main", onCall: "S0ONCALL", runbookUrl: null, ...change };
}
