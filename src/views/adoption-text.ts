// What was read back from Cloudflare after the store was lost, as text for a terminal and for the closing card.
import type { Adopted, Gap, Unread } from "../domain/adoption.ts";

const GAPS: Record<Gap, string> = {
  end: "the DNS record does not say until when it may live",
  application: "its Access application is not there, or is there twice",
  record: "its DNS record, which says until when it may live, is not there",
  route: "it has no route with its lock in the tunnel",
  audience: "its Access policy is not one that Drawbridge writes",
  service: "its route leads to no Cloud Run service that Drawbridge can see",
};

const UNREAD: Record<Exclude<Unread["why"], "on-no-tunnel">, string> = {
  "no-hostname":
    "an exposure of which no hostname is left. Look for its id in Access and DNS, and remove what is there.",
  "route-without-application":
    "a locked route whose Access application is gone. Nobody can pass it; take it out of the tunnel's routes.",
};

/** Why it is closed, for its card. */
export function gapDetail(gap: Gap): string {
  return `Drawbridge lost its store, and this could not be read back whole: ${GAPS[gap]}.`;
}

export function adoptedLine({ exposure, gap }: Adopted): string {
  const { hostname, phase, endsAt } = exposure;
  if (gap) return `${hostname} is closed: ${GAPS[gap]}.`;
  if (phase === "closing") return `${hostname} is closed: its time is up.`;
  return `${hostname} goes on until ${endsAt?.toISOString() ?? "its end"}, once it is seen from outside.`;
}

export function unreadLine(unread: Unread): string {
  const why = unread.why === "on-no-tunnel" ? elsewhere(unread.tunnelId) : UNREAD[unread.why];
  return `Not read: ${unread.what}: ${why}`;
}

function elsewhere(tunnelId: string | null): string {
  const again = "in the policy and run this again; until then nothing of it is touched.";
  return tunnelId
    ? `on no tunnel of this policy: its DNS record leads to ${tunnelId}. Name that tunnel and its zone ${again}`
    : `on no tunnel of this policy: no route and no DNS record of it was found. Name its tunnel and zone ${again} Where nothing but its Access application is left of it, take that away by hand.`;
}
