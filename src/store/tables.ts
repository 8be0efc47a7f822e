// The tables as the code sees them. What is searched or guarded is a column; the rest of a row is one JSON document.
// `lapses_at`, `first_seen` and `last_seen` are written once and never read.
import type { Generated, JSONColumnType } from "kysely";
import type { Phase, Vote } from "../domain/exposure.ts";
import type { Incident } from "../domain/incident.ts";
import type { IncidentNoticeKind } from "../domain/incident-notices.ts";
import type { MessageKind } from "../domain/notices.ts";
import type { TunnelState } from "../domain/tunnel-health.ts";

type Json = JSONColumnType<Record<string, unknown>, string, string>;

export type ExposuresTable = {
  id: string;
  version: number;
  phase: Phase;
  tunnel_id: string;
  hostname: string;
  service_key: string;
  requester_id: string;
  requested_at: Date;
  lapses_at: Date;
  ends_at: Date | null;
  /** When converge is to look at it next; null when nothing is due. */
  next_attempt_at: Date | null;
  attempts: Generated<number>;
  /** The version that the card in Slack shows; behind `version` means it is to be redrawn. */
  announced_version: Generated<number>;
  /** The log-ins that the card shows, or showed last, as JSON; null where nothing is known of any. */
  logins_shown: string | null;
  body: Json;
};

export type VotesTable = {
  exposure_id: string;
  round: number;
  person_email: string;
  slack_id: string;
  decision: Vote["decision"];
  minutes: number | null;
  at: Date;
};

export type AuditTable = {
  seq: Generated<string>;
  at: Date;
  /** A Slack user id, or what acted with no click: a job such as `converge` or `sweep`, a command such as `reaper`, or the
   *  `policy`. */
  actor: string;
  action: string;
  exposure_id: string | null;
  /** `ok`, or why not. */
  outcome: string;
  details: Json;
};

type MessageColumns = {
  id: Generated<string>;
  /** What the message says; once for each key. */
  key: string;
  recipient: string;
  details: Json;
  created_at: Date;
  sent_at: Date | null;
  attempts: Generated<number>;
  channel: string | null;
  ts: string | null;
};

export type MessagesTable = MessageColumns & { exposure_id: string; kind: MessageKind | "crossed" };

export type HandledTable = { key: string; at: Date };
export type SwitchesTable = { name: string; value: string; by: string; at: Date };
export type TunnelsTable = { id: string; fence: Generated<string>; write_until: Date | null };
export type HolesTable = {
  key: string;
  first_seen: Date;
  last_seen: Date;
  channel: string | null;
  ts: string | null;
};

export type TunnelHealthTable = {
  tunnel_id: string;
  /** When the bot last looked at it. */
  looked_at: Date;
  /** Of the last row in `tunnel_states`. */
  changed_at: Date;
  body: Json;
};

export type TunnelStatesTable = { tunnel_id: string; at: Date; state: TunnelState };

export type IncidentsTable = {
  id: string;
  version: number;
  phase: Incident["phase"];
  opened_at: Date;
  ended_at: Date | null;
  muted_until: Date | null;
  /** The version that the message in Slack shows. */
  announced_version: Generated<number>;
  channel: string | null;
  ts: string | null;
  body: Json;
};

export type IncidentMembersTable = {
  incident_id: string;
  tunnel_id: string;
  slot: string;
  ended_at: Date | null;
};

export type IncidentMessagesTable = MessageColumns & {
  incident_id: string;
  kind: IncidentNoticeKind;
  /** Shown in the channel too. */
  broadcast: boolean;
};

/** What a job remembers from one run to the next. */
export type WatchStateTable = { name: string; looked_at: Date; body: Json };

export type ChoresTable = { name: string; claimed_at: Date; done_at: Date | null };

export type Tables = {
  exposures: ExposuresTable;
  votes: VotesTable;
  audit: AuditTable;
  messages: MessagesTable;
  handled: HandledTable;
  switches: SwitchesTable;
  tunnels: TunnelsTable;
  holes: HolesTable;
  tunnel_health: TunnelHealthTable;
  tunnel_states: TunnelStatesTable;
  chores: ChoresTable;
  incidents: IncidentsTable;
  incident_members: IncidentMembersTable;
  incident_messages: IncidentMessagesTable;
  watch_state: WatchStateTable;
};
