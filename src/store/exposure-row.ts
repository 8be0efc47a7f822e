// An exposure to its row and back.
import type { Insertable, Selectable } from "kysely";
import type { Exposure, Vote } from "../domain/exposure.ts";
import type { Progress } from "../domain/progress.ts";
import { serviceKey } from "../domain/service.ts";
import { type DateNames, revived } from "./json-dates.ts";
import type { ExposuresTable, VotesTable } from "./tables.ts";

/** Votes live in a table of their own, where the database keeps them unique. */
type Body = Omit<Exposure, "votes" | "version" | "phase">;

const DATES: DateNames<Body> = {
  at: true,
  since: true,
  until: true,
  requestedAt: true,
  lapsesAt: true,
  remindAt: true,
  decidedAt: true,
  openedAt: true,
  endsAt: true,
  closedAt: true,
};

export function toRow(exposure: Exposure): Insertable<ExposuresTable> {
  const { votes: _, version, phase, ...body } = exposure;
  return {
    id: exposure.id,
    version,
    phase,
    tunnel_id: exposure.tunnelId,
    hostname: exposure.hostname,
    service_key: serviceKey(exposure.service),
    requester_id: exposure.requester.slackId,
    requested_at: exposure.requestedAt,
    lapses_at: exposure.lapsesAt,
    ends_at: exposure.endsAt,
    next_attempt_at: null,
    body: JSON.stringify(body),
  };
}

type Stored = Pick<Selectable<ExposuresTable>, "version" | "phase" | "body">;
/** They are read as a part of a row, as JSON. */
type StoredVote = Omit<Selectable<VotesTable>, "exposure_id" | "at"> & { at: string };

export function fromRow(row: Stored, votes: StoredVote[]): Exposure {
  const body = revived<Body>(row.body, DATES);
  const { version } = row;
  const applicationIds = applicationIdsIn(body.progress);
  // What was stored before these were kept does not tell.
  const drifted = body.progress.drifted ?? [];
  const progress = { ...body.progress, applicationIds, drifted };
  const lengthenedInRound = body.lengthenedInRound ?? null;
  return {
    ...body,
    lengthenedInRound,
    progress,
    version,
    phase: row.phase,
    votes: votes.map(toVote),
  };
}

/** What was stored before there was such a list has the last one alone. */
export function applicationIdsIn(
  stored: Pick<Progress, "applicationId"> & Partial<Pick<Progress, "applicationIds">>,
): string[] {
  return stored.applicationIds ?? (stored.applicationId ? [stored.applicationId] : []);
}

function toVote(row: StoredVote): Vote {
  return {
    round: row.round,
    person: { slackId: row.slack_id, email: row.person_email },
    decision: row.decision,
    minutes: row.minutes,
    at: new Date(row.at),
  };
}
