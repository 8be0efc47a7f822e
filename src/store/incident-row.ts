// An incident to its row and back, and what the watch remembers as JSON.
import type { Selectable } from "kysely";
import type { TunnelWatch } from "../domain/fault.ts";
import type { Incident } from "../domain/incident.ts";
import { revived } from "./json-dates.ts";
import type { IncidentsTable } from "./tables.ts";

const DATES = new Set(
  "since openedAt endedAt goodSince causeAt at until lookedAt downSince amissSince calmSince drops".split(
    " ",
  ),
);

/** What has a column of its own. */
type Body = Omit<Incident, "id" | "version" | "phase" | "message">;

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
  const body = revived(row.body, DATES) as Body;
  return { ...body, id, version, phase: row.phase as Incident["phase"], message };
}

export function toWatches(body: unknown): TunnelWatch[] {
  const { watches } = body as { watches: unknown[] };
  return watches.map((each) => {
    const { diagnosedSince, ...watch } = each as Record<string, unknown>;
    const names = new Set(Object.keys(diagnosedSince as object));
    return {
      ...(revived(watch, DATES) as Omit<TunnelWatch, "diagnosedSince">),
      diagnosedSince: revived(diagnosedSince, names) as TunnelWatch["diagnosedSince"],
    };
  });
}
