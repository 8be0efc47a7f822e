// The payloads that Slack sends for what people do, field by field.
// https://docs.slack.dev/reference/interaction-payloads
import { randomUUID } from "node:crypto";
import type { SeedPerson } from "../contract.ts";
import { inventId } from "./elements.ts";
import type { Channel, Json, Workspace } from "./workspace.ts";

/** Everything that this emulator sends over a socket, by the `type` of the frame, the payload or the event. */
export const SENT_FRAMES = ["hello", "disconnect", "slash_commands", "events_api"] as const;
export const SENT_EVENTS = ["app_home_opened"] as const;
/** Sent in the place of an event, without one inside. */
export const SENT_NOTICES = ["app_rate_limited"] as const;
export const SENT_INTERACTIONS = [
  "block_actions",
  "block_suggestion",
  "shortcut",
  "view_closed",
  "view_submission",
] as const;

export function interactive(payload: Json): Json {
  return { envelope_id: randomUUID(), payload, type: "interactive", accepts_response_payload: true };
}

/** Too many events in an hour. https://docs.slack.dev/apis/events-api#rate-limiting */
export function rateLimited(appId: string, now: Date): Json {
  const minute = Math.floor(now.getTime() / 60_000) * 60;
  const payload = { type: SENT_NOTICES[0], api_app_id: appId, minute_rate_limited: minute };
  return { envelope_id: randomUUID(), payload, type: "events_api", accepts_response_payload: false };
}

/** What every interaction begins with. */
export function interaction(
  workspace: Workspace,
  person: SeedPerson,
  type: (typeof SENT_INTERACTIONS)[number],
): Json {
  const { teamId, teamDomain } = workspace.seed;
  return {
    type,
    token: "verification",
    team: { id: teamId, domain: teamDomain },
    user: { id: person.id, username: person.name, name: person.name, team_id: teamId },
    api_app_id: workspace.appId,
    is_enterprise_install: false,
    enterprise: null,
  };
}

export function slashCommand(
  workspace: Workspace,
  person: SeedPerson,
  channel: Channel,
  sent: { command: string; text: string; triggerId: string; responseUrl: string },
): Json {
  const { teamId, teamDomain } = workspace.seed;
  return {
    envelope_id: randomUUID(),
    payload: {
      token: "verification",
      team_id: teamId,
      team_domain: teamDomain,
      channel_id: channel.id,
      channel_name: channel.isPrivate && !channel.isIm ? "privategroup" : channel.name,
      user_id: person.id,
      user_name: person.name,
      command: sent.command,
      text: sent.text,
      api_app_id: workspace.appId,
      // A string here, unlike everywhere else.
      is_enterprise_install: "false",
      response_url: sent.responseUrl,
      trigger_id: sent.triggerId,
    },
    type: "slash_commands",
    accepts_response_payload: true,
  };
}

export function eventCallback(
  workspace: Workspace,
  event: Json & { type: (typeof SENT_EVENTS)[number] },
): Json {
  const { teamId, botUserId } = workspace.seed;
  return {
    token: "verification",
    team_id: teamId,
    api_app_id: workspace.appId,
    event: { ...event, event_ts: workspace.nextTs() },
    type: "event_callback",
    event_id: `Ev${inventId().replace(/[-_]/g, "0").toUpperCase()}`,
    event_time: Math.floor(workspace.now().getTime() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: teamId,
        user_id: botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  };
}
