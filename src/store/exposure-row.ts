// An exposure to its row and back.
import type { Insertable, Selectable } from "kysely";
import type { Exposure, Vote } from "../domain/exposure.ts";
import { serviceKey } from "../domain/service.ts";
import { revived } from "./json-dates.ts";
import type { ExposuresTable, VotesTable } from "./tables.ts";

const DATES = new Set(
  "at updatedAt requestedAt lapsesAt remindAt decidedAt openedAt endsAt until since closedAt".split(" "),
);

/** Votes live in a table of their own, where the database keeps them unique. */
type Body = Omit<Exposure, "votes" | "version" | "phase">;

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

export function fromRow(row: Selectable<ExposuresTable>, votes: Selectable<VotesTable>[]): Exposure {
  const body = revived(row.body, DATES) as Body;
  return { ...body, version: row.version, phase: row.phase as Exposure["phase"], votes: votes.map(toVote) };
}

function toVote(row: Selectable<VotesTable>): Vote {
  return {
    round: row.round,
    person: { slackId: row.slack_id, email: row.person_email },
    decision: row.decision as Vote["decision"],
    minutes: row.minutes,
    at: new Date(row.at),
  };
}
