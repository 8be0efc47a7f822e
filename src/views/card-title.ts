// The first line of a card: what, where, for whom, how long. It fits a header, and notifications show it.
import type { Exposure } from "../domain/exposure.ts";
import { phaseLabel } from "./phase-words.ts";
import { clip, plain } from "./plain-text.ts";
import { duration } from "./time-words.ts";

const LONGEST = 150;
const LONGEST_HOSTNAME = 63;

/** Hostname and length are kept whole; the names share what room is left. */
export function titleOf(exposure: Exposure): string {
  const label = phaseLabel(exposure);
  const lead = label ? `${label}: ` : "Expose ";
  const where = ` at ${plain(exposure.hostname, LONGEST_HOSTNAME)} to `;
  const tail = exposure.untilClosed ? " until closed" : ` for ${lengthOf(exposure)}`;
  const room = LONGEST - lead.length - where.length - tail.length;
  const audience = plain(exposure.audience.name, Math.max(12, Math.floor(room / 2))) || "its audience";
  const service = plain(exposure.service.name, Math.max(12, room - audience.length));
  return clip(`${lead}${service}${where}${audience}${tail}`, LONGEST);
}

function lengthOf(exposure: Exposure): string {
  return duration(minutesGiven(exposure));
}

/** With what was added since, once it was seen open; before, the time that was agreed to, or asked for. */
export function minutesGiven({ openedAt, endsAt, approvedMinutes, minutes }: Exposure): number {
  const given = openedAt && endsAt ? (endsAt.getTime() - openedAt.getTime()) / 60_000 : approvedMinutes;
  return Math.round(given ?? minutes);
}
