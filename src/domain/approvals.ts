// Approvals of what is asked just now: a vote counts for its round, and one of an earlier round is void.
import type { Exposure, Shortfall, Vote } from "./exposure.ts";

export function approvalsOf({ votes, round }: Exposure): Vote[] {
  return votes.filter((vote) => vote.round === round && vote.decision === "approve");
}

/** How far the approvals go that came; null where none did. */
export function shortfallOf(exposure: Exposure): Shortfall | null {
  const came = approvalsOf(exposure).length;
  return came > 0 ? { came, needed: exposure.approvalsNeeded } : null;
}
