// What people do about an incident.
import { type Incident, isMuted } from "./incident.ts";
import { refuse, type Verdict } from "./refusal.ts";

const MUTE_MINUTES = 60;

export function acknowledge(incident: Incident, by: string, at: Date): Verdict<Incident> {
  if (incident.phase === "ended") return refuse({ because: "incident-over" });
  if (incident.acknowledged)
    return refuse({ because: "incident-acknowledged", by: incident.acknowledged.by });
  return { ok: true, value: changed({ ...incident, acknowledged: { by, at } }) };
}

/** Nothing more is said of it in the channel for an hour. The message itself still shows what is so. */
export function mute(incident: Incident, by: string, at: Date): Verdict<Incident> {
  if (incident.phase === "ended") return refuse({ because: "incident-over" });
  if (incident.muted && isMuted(incident, at))
    return refuse({ because: "incident-muted", by: incident.muted.by });
  const until = new Date(at.getTime() + MUTE_MINUTES * 60_000);
  return { ok: true, value: changed({ ...incident, muted: { by, until } }) };
}

function changed(incident: Incident): Incident {
  return { ...incident, version: incident.version + 1 };
}
