// People, by answers of the last minute: for what somebody is offered and whom they pick, never for what they may do. Slack lets
// a group be looked up twenty times a minute, and people who type would leave none of that for those who decide.
import { isServiceFailure } from "./failure.ts";
import { createPeople, type People, type PeopleOptions } from "./people.ts";
import { remembered } from "./remembered.ts";

const KEPT_MS = 60_000;
/** One that may pass; as long as an answer where it will not, and where Slack says how long it lasts, that long. */
const FAILURE_KEPT_MS = 10_000;

/** A failure stays one, and is soon looked up again. */
export function createRecentPeople({ slack, now, ...options }: PeopleOptions & { now: () => Date }): People {
  const keeping = { maxAgeMs: KEPT_MS, failureKeptMs, now: () => now().getTime() };
  return createPeople({
    ...options,
    slack: {
      teamId: slack.teamId,
      person: remembered((userId) => slack.person(userId), keeping),
      userGroupMembers: remembered((groupId) => slack.userGroupMembers(groupId), keeping),
    },
  });
}

function failureKeptMs(error: unknown): number {
  if (!isServiceFailure(error)) return 0;
  return error.kind === "retry" ? Math.min(error.retryAfterMs ?? FAILURE_KEPT_MS, KEPT_MS) : KEPT_MS;
}
