// Who counts as one of us: full members of this workspace with an email in a domain that policy allows. Asked at the
// moment it matters; a look-up that fails is thrown, and callers refuse.
import type { Slack, SlackPerson } from "./slack.ts";

export type Colleague = { slackId: string; email: string; name: string };

export type NotOneOfUs = "guest" | "stranger" | "bot" | "deactivated" | "no-email" | "email-domain";

export type Judgement = { ok: true; person: Colleague } | { ok: false; because: NotOneOfUs };

export type People = {
  judge(userId: string): Promise<Judgement>;
  /** Whether the person is in one of these Slack user groups, now. */
  isMemberOfAny(userId: string, groupIds: readonly string[]): Promise<boolean>;
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
    async isMemberOfAny(userId, groupIds) {
      const answers = await Promise.allSettled(groupIds.map((groupId) => slack.userGroupMembers(groupId)));
      if (answers.some((answer) => answer.status === "fulfilled" && answer.value.includes(userId)))
        return true;
      const failed = answers.find((answer) => answer.status === "rejected");
      if (failed) throw failed.reason;
      return false;
    },
  };
}

function judgePerson(person: SlackPerson, domains: Set<string>, teamId: string): Judgement {
  if (person.deleted) return { ok: false, because: "deactivated" };
  if (person.isBot) return { ok: false, because: "bot" };
  if (person.isStranger || person.teamId !== teamId) return { ok: false, because: "stranger" };
  if (person.isGuest) return { ok: false, because: "guest" };
  if (person.email === null) return { ok: false, because: "no-email" };
  const email = person.email.toLowerCase();
  const domain = email.slice(email.lastIndexOf("@") + 1);
  if (!domains.has(domain)) return { ok: false, because: "email-domain" };
  return { ok: true, person: { slackId: person.id, email, name: person.realName } };
}
