// What people are shown of each tunnel: how it stands now, since when, and how it was over the last days.
import {
  type Availability,
  availabilityOf,
  type Segment,
  segmentsOf,
  type TunnelHistory,
} from "./availability.ts";
import type { ConnectorHealth, TunnelHealth, TunnelState } from "./tunnel-health.ts";

export type LastIncident = { cause: string; openedAt: Date; closedAt: Date | null };

export type TunnelOverview = {
  tunnelId: string;
  /** Its id until Cloudflare was asked for its name. */
  name: string;
  state: TunnelState;
  /** Null for a tunnel that nobody has looked at yet. */
  since: Date | null;
  connectors: ConnectorHealth[];
  day: Availability;
  week: Availability;
  /** The last seven days. */
  timeline: Segment[];
  lastIncident: LastIncident | null;
};

export type Standing = Pick<TunnelOverview, "tunnelId" | "state" | "connectors">;

export type OverviewFacts = {
  tunnelIds: string[];
  latest: (TunnelHealth & { lookedAt: Date })[];
  histories: TunnelHistory[];
  incidents: (LastIncident & { tunnelId: string })[];
};

const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

const WORST_FIRST: readonly TunnelState[] = ["down", "degraded", "unknown", "up"];

/** The tunnels of the policy, those with trouble first. */
export function tunnelOverviews(facts: OverviewFacts, now: Date): TunnelOverview[] {
  return facts.tunnelIds
    .map((id) => overviewOf(id, facts, now))
    .sort(
      (a, b) =>
        WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || a.name.localeCompare(b.name, "en"),
    );
}

/** The tunnels of the policy as they stand now. */
export function standings(
  { tunnelIds, latest }: Pick<OverviewFacts, "tunnelIds" | "latest">,
  blindAfterMs: number,
  now: Date,
): Standing[] {
  return tunnelIds.map((tunnelId) => {
    const health = latest.find((each) => each.tunnelId === tunnelId) ?? null;
    return { tunnelId, ...standingOf(health, blindAfterMs, now) };
  });
}

function overviewOf(tunnelId: string, facts: OverviewFacts, now: Date): TunnelOverview {
  const health = facts.latest.find((each) => each.tunnelId === tunnelId) ?? null;
  const unseen = { tunnelId, changes: [], lookedAt: now, blindAfterMs: 0 };
  const history = facts.histories.find((each) => each.tunnelId === tunnelId);
  const over = (ms: number) => segmentsOf(history ?? unseen, new Date(now.getTime() - ms), now);
  const latestFirst = facts.incidents
    .filter((each) => each.tunnelId === tunnelId)
    .sort((a, b) => b.openedAt.getTime() - a.openedAt.getTime());
  const timeline = over(WEEK_MS);
  return {
    tunnelId,
    name: health?.name ?? tunnelId,
    ...standingOf(health, history?.blindAfterMs ?? 0, now),
    day: availabilityOf(over(DAY_MS)),
    week: availabilityOf(timeline),
    timeline,
    lastIncident: latestFirst[0] ?? null,
  };
}

/** What was seen long ago says nothing of now. */
function standingOf(
  health: OverviewFacts["latest"][number] | null,
  blindAfterMs: number,
  now: Date,
): Pick<TunnelOverview, "state" | "since" | "connectors"> {
  if (!health) return { state: "unknown", since: null, connectors: [] };
  if (now.getTime() - health.lookedAt.getTime() > blindAfterMs)
    return { state: "unknown", since: health.lookedAt, connectors: [] };
  return { state: health.state, since: health.since, connectors: health.connectors };
}
