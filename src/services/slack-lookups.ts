// What the bot asks Slack about people and groups. Asked anew each time unless the caller says that older will do: rights
// hang on the answers.
import { isServiceFailure } from "./failure.ts";
import { lastKnown, remembered } from "./remembered.ts";
import type { Slack, SlackPerson } from "./slack.ts";
import type { SlackClients, WebClient } from "./slack-clients.ts";
import { known } from "./slack-failure.ts";

/** Scopes change only when the app is installed again. */
const SCOPES_KEPT_MS = 10 * 60_000;

export function lookUps({
  lookup,
}: SlackClients): Pick<Slack, "teamId" | "grantedScopes" | "userGroupMembers" | "person"> {
  let team: string | null = null;

  async function freshPerson(user: string): Promise<SlackPerson> {
    const ask = (client: WebClient) => client.users.info({ user });
    return personOf((await lookup("users.info", ask)).user, "users.info");
  }

  async function freshMembers(usergroup: string): Promise<string[]> {
    const ask = (client: WebClient) => client.usergroups.users.list({ usergroup });
    return known((await lookup("usergroups.users.list", ask)).users, "usergroups.users.list");
  }

  const scopes = remembered(
    async () => (await lookup("auth.test", (client) => client.auth.test())).response_metadata?.scopes ?? [],
    { maxAgeMs: SCOPES_KEPT_MS },
  );

  return {
    async teamId() {
      team ??= known((await lookup("auth.test", (client) => client.auth.test())).team_id, "auth.test");
      return team;
    },
    grantedScopes: () => scopes(),
    userGroupMembers: lastKnown(freshMembers, { mayPass }),
    person: lastKnown(freshPerson, { mayPass }),
  };
}

function mayPass(error: unknown): boolean {
  return isServiceFailure(error) && error.kind === "retry";
}

type UserJson = NonNullable<Awaited<ReturnType<WebClient["users"]["info"]>>["user"]>;

function personOf(user: UserJson | undefined, operation: string): SlackPerson {
  const id = known(user?.id, operation);
  const { profile, team_id: teamId, enterprise_user: member } = user ?? {};
  return {
    id,
    realName: profile?.real_name || user?.real_name || user?.name || id,
    email: user?.is_email_confirmed === false ? null : profile?.email || null,
    isBot: user?.is_bot === true || id === "USLACKBOT",
    isGuest: user?.is_restricted === true || user?.is_ultra_restricted === true,
    isStranger: user?.is_stranger === true,
    deleted: user?.deleted === true,
    // In an Enterprise organization `team_id` may be left out, or name another of a person's workspaces.
    teamIds: [...new Set([teamId ?? [], member?.teams ?? []].flat())],
  };
}
