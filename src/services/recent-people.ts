// People, by answers of the last minute: for what somebody is offered, never for what they may do. Slack lets a group be looked
// up twenty times a minute, and people who type would leave none of that for those who decide.
import { isServiceFailure } from "./failure.ts";
import { createPeople, type People, type PeopleOptions } from "./people.ts";

const KEPT_MS = 60_000;
/** One that may pass; as long as an answer where it will not, and where Slack says how long it lasts, that long. */
const FAILURE_KEPT_MS = 10_000;
const MOST_KEPT = 2000;

export function createRecentPeople({ slack, now, ...options }: PeopleOptions & { now: () => Date }): People {
  return createPeople({
    ...options,
    slack: {
      teamId: slack.teamId,
      person: remembered((userId) => slack.person(userId), now),
      userGroupMembers: remembered((groupId) => slack.userGroupMembers(groupId), now),
    },
  });
}

type Kept<T> = { answer: Promise<T>; until: number };

/** Who asks while it is being looked up waits for the same answer. A failure stays one, and is soon looked up again. */
function remembered<T>(lookUp: (id: string) => Promise<T>, now: () => Date): (id: string) => Promise<T> {
  const kept = new Map<string, Kept<T>>();
  return (id) => {
    const last = kept.get(id);
    if (last && now().getTime() < last.until) return last.answer;
    const fresh = { answer: lookUp(id), until: now().getTime() + KEPT_MS };
    fresh.answer.catch((error: unknown) => {
      fresh.until = now().getTime() + failureKeptMs(error);
    });
    keep(kept, id, fresh);
    return fresh.answer;
  };
}

function failureKeptMs(error: unknown): number {
  if (!isServiceFailure(error)) return 0;
  return error.kind === "retry" ? Math.min(error.retryAfterMs ?? FAILURE_KEPT_MS, KEPT_MS) : KEPT_MS;
}

/** The oldest come first in the map, and make room. */
function keep<T>(kept: Map<string, T>, id: string, fresh: T): void {
  kept.delete(id);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= MOST_KEPT) kept.delete(oldest);
  kept.set(id, fresh);
}
