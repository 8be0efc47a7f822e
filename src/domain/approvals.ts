// Approvals of what is asked just now: a vote counts for its round, and one of an earlier round is void.
import { type Exposure, type Person, type Shortfall, samePerson, type Vote } from "./exposure.ts";
import type { Refusal } from "./refusal.ts";

export function approvalsOf({ votes, round }: Exposure): Vote[] {
  return votes.filter((vote) => vote.round === round && vote.decision === "approve");
}

/** How far the approvals go that came; null where none did. */
export function shortfallOf(exposure: Exposure): Shortfall | null {
  const came = approvalsOf(exposure).length;
  return came > 0 ? { came, needed: exposure.approvalsNeeded } : null;
}

/** Who approved what is asked just now before the plan changed, and has not approved it anew. */
export function voidApproversOf(exposure: Exposure): Person[] {
  const { extension, requestedAt, votes, round } = exposure;
  const since = extension?.requestedAt ?? requestedAt;
  const anew = approvalsOf(exposure);
  const people = votes
    .filter((vote) => vote.decision === "approve" && vote.round < round && vote.at >= since)
    .map(({ person }) => person);
  return people.filter(
    (person, index) =>
      people.findIndex((other) => samePerson(other, person)) === index &&
      !anew.some((vote) => samePerson(vote.person, person)),
  );
}

/** Why a wish for more time by this account could never be granted. `approvers`: everybody who may approve, by Slack id. */
export function whyNobodyCould(
  { requester }: Exposure,
  asker: string,
  approvers: string[],
  approvals: number,
): Refusal | null {
  const others = approvers.filter((id) => id !== requester.slackId);
  const left = others.filter((id) => id !== asker).length;
  if (left >= approvals) return null;
  const requesterCould = others.length >= approvals;
  return { because: "nobody-could-approve", approvals, approvers: left, requesterCould };
}
