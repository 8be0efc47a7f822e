// Who counts as one of us: full members of this workspace with an email in a domain that policy allows. Asked at the
// moment it matters; a look-up that fails is thrown, and callers refuse.
import type { Person } from "../domain/exposure.ts";
import type { WhyNotMember } from "../domain/refusal.ts";
import type { Slack, SlackPerson } from "./slack.ts";
import { known } from "./slack-failure.ts";

export type Judgement = { ok: true; person: Person } | { ok: false; because: WhyNotMember };

export type People = {
  judge(userId: string): Promise<Judgement>;
  /** Whether the person is in this Slack user group, now. */
  isMemberOf(userId: string, groupId: string): Promise<boolean>;
};

export type PeopleOptions = {
  slack: Pick<Slack, "person" | "userGroupMembers" | "teamId">;
  /** Whole domains, without "@". None means nobody. */
  allowedEmailDomains: readonly string[];
};

export function createPeople({ slack, allowedEmailDomains }: PeopleOptions): People {
  const domains = new Set(allowedEmailDomains.map((domain) => domain.toLowerCase()));
  return {
    async judge(userId) {
      const [person, teamId] = await Promise.all([slack.person(userId), slack.teamId()]);
      return judgePerson(person, domains, teamId);
    },
    async isMemberOf(userId, groupId) {
      return (await slack.userGroupMembers(groupId)).includes(userId);
    },
  };
}

/** Who ends something is looked up like all others; where Slack lets nobody be looked up just now, its last word of the last
 *  hour counts. Whoever keeps Slack's look-ups busy would else keep what is open from being closed. */
export function createEnders({ slack, ...options }: PeopleOptions): People {
  const age = { standInMs: ENDERS_KNOWN_MS };
  return createPeople({
    ...options,
    slack: {
      teamId: slack.teamId,
      person: (userId) => slack.person(userId, age),
      userGroupMembers: (groupId) => slack.userGroupMembers(groupId, age),
    },
  });
}

const ENDERS_KNOWN_MS = 60 * 60_000;

function judgePerson(person: SlackPerson, domains: Set<string>, teamId: string): Judgement {
  if (person.deleted) return { ok: false, because: "deactivated" };
  if (person.isBot) return { ok: false, because: "bot" };
  if (person.isStranger) return { ok: false, because: "stranger" };
  // Where Slack names none nobody knows, and nothing that runs in their name is closed for it.
  known(person.teamIds[0], "users.info");
  if (!person.teamIds.includes(teamId)) return { ok: false, because: "stranger" };
  if (person.isGuest) return { ok: false, because: "guest" };
  if (person.email === null) return { ok: false, because: "no-email" };
  const email = person.email.toLowerCase();
  const domain = email.slice(email.lastIndexOf("@") + 1);
  if (!domains.has(domain)) return { ok: false, because: "email-domain" };
  return { ok: true, person: { slackId: person.id, email } };
}
