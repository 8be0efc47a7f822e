// An incident to its row and back, and what the watch remembers as JSON.
import type { Selectable } from "kysely";
import type { TunnelWatch } from "../domain/fault.ts";
import type { Incident } from "../domain/incident.ts";
import { type DateNames, revived } from "./json-dates.ts";
import type { IncidentsTable } from "./tables.ts";

/** What has a column of its own. */
type Body = Omit<Incident, "id" | "version" | "phase" | "message">;

const DATES: DateNames<Body> = {
  at: true,
  since: true,
  until: true,
  openedAt: true,
  endedAt: true,
  goodSince: true,
  causeAt: true,
};

/** `diagnosedSince` is read apart: it has a date for each cause. */
type Watch = Omit<TunnelWatch, "diagnosedSince">;

const WATCH_DATES: DateNames<Watch> = {
  lookedAt: true,
  downSince: true,
  amissSince: true,
  calmSince: true,
  drops: true,
};

export function toRow(incident: Incident) {
  const { id, version, phase, message: _, ...body } = incident;
  return {
    id,
    version,
    phase,
    opened_at: incident.openedAt,
    ended_at: incident.endedAt,
    muted_until: incident.muted?.until ?? null,
    body: JSON.stringify(body),
  };
}

export function fromRow(
  row: Pick<Selectable<IncidentsTable>, "id" | "version" | "phase" | "channel" | "ts" | "body">,
): Incident {
  const { id, version, channel, ts } = row;
  const message = channel && ts ? { channel, ts } : null;
  const body = revived<Body>(row.body, DATES);
  return { ...body, id, version, phase: row.phase, message };
}

export function toWatches(body: unknown): TunnelWatch[] {
  const { watches } = body as { watches: unknown[] };
  return watches.map((each) => {
    const { diagnosedSince, ...watch } = each as { diagnosedSince: Record<string, string> };
    const since = Object.entries(diagnosedSince).map(([cause, at]) => [cause, new Date(at)]);
    return { ...revived<Watch>(watch, WATCH_DATES), diagnosedSince: Object.fromEntries(since) };
  });
}
