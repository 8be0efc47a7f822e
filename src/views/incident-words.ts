// What an incident is called, as it is now or as it was.
import { type Incident, isDown, type Member, standingMembers } from "../domain/incident.ts";
import { bare } from "./plain-text.ts";
import { duration } from "./time-words.ts";

/** `Tunnel cloud-run is down`, and once it is over `Over: tunnel cloud-run was down`. */
export function incidentTitle(incident: Incident): string {
  if (incident.phase === "ended")
    return `Over: ${lowered(tunnelWords(incident))} ${troubleWords(incident, "was")}`;
  return `${tunnelWords(incident)} ${troubleWords(incident, "is")}`;
}

export function tunnelWords(incident: Incident): string {
  const members = named(incident);
  const [only] = members;
  if (members.length === 1 && only) return `Tunnel ${bare(only.name, 60) || "without a name"}`;
  return `${members.length} tunnels`;
}

/** Goes with `tunnelWords`. */
export function isOrAre(incident: Incident): "is" | "are" {
  return named(incident).length > 1 ? "are" : "is";
}

function named(incident: Incident): Member[] {
  return incident.phase === "open" ? standingMembers(incident) : incident.members;
}

function lowered(text: string): string {
  return text.replace(/^Tunnel/, "tunnel");
}

function troubleWords(incident: Incident, tense: "is" | "was"): string {
  const several = named(incident).length > 1;
  const is = several ? (tense === "is" ? "are" : "were") : tense;
  const { slot, cause } = incident;
  if (slot === "coping") return `${is} up by the fallback only`;
  if (slot === "replica-mismatch") return `${is} used by connectors that do not belong together`;
  if (slot === "bad-config") return `${is} on an older configuration`;
  if (slot.startsWith("origin-"))
    return `${is} up, but a service behind ${several ? "them" : "it"} ${tense === "is" ? "does" : "did"} not answer`;
  const down = tense === "is" ? isDown(incident) : incident.wasDown;
  if (down) return `${is} down`;
  if (cause === "liveness-loop") return `${is} restarting over and over`;
  if (cause === "quic-flap" || cause === "h2-flap") return `${is} losing connections again and again`;
  return `${is} degraded`;
}

/** `12 min`; what is shorter than a minute is told as such. */
export function lastedWords(from: Date, to: Date): string {
  const minutes = Math.round((to.getTime() - from.getTime()) / 60_000);
  return minutes < 1 ? "less than a minute" : duration(minutes);
}
