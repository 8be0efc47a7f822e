// auth.*, users.*, usergroups.*, conversations.*: who and where.
import type { SeedPerson } from "../contract.ts";
import { refuse } from "./refusal.ts";
import { flag, type Methods, needScope, optional, required } from "./web-api.ts";
import type { Channel, Json, UserGroup, Workspace } from "./workspace.ts";

export function authMethods(workspace: Workspace, openConnection: () => string): Methods {
  const { seed } = workspace;
  return {
    "api.test": {
      token: "none",
      tier: "special",
      run(args) {
        const { error, ...echoed } = args;
        return typeof error === "string" ? refuse(error, { args }) : { args: echoed };
      },
    },
    "auth.test": {
      token: "bot",
      tier: "special",
      run: () => ({
        url: `https://${seed.teamDomain}.slack.com/`,
        team: seed.teamName,
        user: workspace.person(seed.botUserId)?.name,
        team_id: seed.teamId,
        user_id: seed.botUserId,
        bot_id: workspace.botId,
        is_enterprise_install: false,
      }),
    },
    "apps.connections.open": { token: "app", tier: "special", run: () => ({ url: openConnection() }) },
  };
}

export function userMethods(workspace: Workspace): Methods {
  return {
    "users.info": {
      token: "bot",
      scopes: ["users:read"],
      tier: "T4",
      run(args) {
        const person = workspace.person(required(args, "user", "user_not_found"));
        return person
          ? { user: userJson(workspace, person, flag(args, "include_locale")) }
          : refuse("user_not_found");
      },
    },
    "users.lookupByEmail": {
      token: "bot",
      scopes: ["users:read.email"],
      tier: "T3",
      run(args) {
        const email = required(args, "email").toLowerCase();
        const person = workspace.people().find((each) => each.email?.toLowerCase() === email);
        if (!person || person.deleted || person.isStranger) return refuse("users_not_found");
        return { user: userJson(workspace, person, flag(args, "include_locale")) };
      },
    },
  };
}

export function userGroupMethods(workspace: Workspace): Methods {
  return {
    "usergroups.list": {
      token: "bot",
      scopes: ["usergroups:read"],
      tier: "T2",
      run: (args) => ({
        usergroups: [...workspace.groups.values()].map((group) =>
          groupJson(workspace, group, flag(args, "include_users")),
        ),
      }),
    },
    "usergroups.users.list": {
      token: "bot",
      scopes: ["usergroups:read"],
      tier: "T2",
      run(args) {
        const group = workspace.groups.get(required(args, "usergroup", "no_such_subteam"));
        return group ? { users: [...group.users] } : refuse("no_such_subteam");
      },
    },
  };
}

export function conversationMethods(workspace: Workspace): Methods {
  return {
    "conversations.open": {
      token: "bot",
      scopes: ["im:write", "mpim:write", "channels:manage", "groups:write"],
      tier: "T3",
      run(args) {
        const channel = opened(workspace, args);
        return { channel: flag(args, "return_im") ? channelJson(workspace, channel) : { id: channel.id } };
      },
    },
    "conversations.info": {
      token: "bot",
      tier: "T3",
      run: (args) => ({ channel: channelJson(workspace, readable(workspace, args)) }),
    },
    "conversations.members": {
      token: "bot",
      tier: "T4",
      run: (args) => ({
        members: [...readable(workspace, args).members],
        response_metadata: { next_cursor: "" },
      }),
    },
  };
}

function userJson(workspace: Workspace, person: SeedPerson, includeLocale = false): Json {
  const seesEmail = workspace.scopes.has("users:read.email") && person.email && !person.isBot;
  const { tz = "Europe/London", realName } = person;
  return {
    id: person.id,
    team_id: workspace.seed.teamId,
    name: person.name,
    deleted: person.deleted ?? false,
    ...(person.deleted
      ? {}
      : { real_name: realName, tz, tz_label: tz, tz_offset: offsetOf(tz, workspace.now()) }),
    profile: {
      real_name: realName,
      display_name: person.name,
      title: person.title ?? "",
      team: workspace.seed.teamId,
      ...(seesEmail ? { email: person.email } : {}),
    },
    is_bot: person.isBot ?? false,
    is_app_user: false,
    is_restricted: (person.isRestricted || person.isUltraRestricted) ?? false,
    is_ultra_restricted: person.isUltraRestricted ?? false,
    ...(person.isStranger ? { is_stranger: true, team_id: "T0ELSEWHERE" } : {}),
    ...(includeLocale ? { locale: person.locale ?? "en-US" } : {}),
    updated: Math.floor(workspace.now().getTime() / 1000),
  };
}

/** Seconds east of UTC at this moment. */
function offsetOf(tz: string, at: Date): number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: tz, timeZoneName: "longOffset" });
  const name = format.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

function opened(workspace: Workspace, args: Json): Channel {
  const given = optional(args, "channel");
  if (given) return workspace.channel(given) ?? refuse("channel_not_found");
  const users = required(args, "users", "users_list_not_supplied").split(",");
  if (users.length > 1) refuse("method_not_supported_for_channel_type");
  const person = workspace.person(users[0] ?? "");
  if (!person) return refuse("user_not_found");
  if (person.deleted) refuse("user_disabled");
  if (person.isBot) refuse("cannot_dm_bot");
  return workspace.openDm(person.id);
}

function readable(workspace: Workspace, args: Json): Channel {
  const channel = workspace.channel(required(args, "channel", "channel_not_found"));
  if (!channel || (channel.isPrivate && !channel.botIn)) return refuse("channel_not_found");
  needScope(workspace, channel.isIm ? "im:read" : channel.isPrivate ? "groups:read" : "channels:read");
  return channel;
}

function channelJson(workspace: Workspace, channel: Channel): Json {
  const { isIm, isPrivate } = channel;
  return {
    id: channel.id,
    ...(isIm
      ? { user: channel.members.find((id) => id !== workspace.seed.botUserId) }
      : { name: channel.name }),
    is_channel: !isIm && !isPrivate,
    is_group: !isIm && isPrivate,
    is_im: isIm,
    is_mpim: false,
    is_private: isPrivate,
    is_archived: channel.archived,
    is_member: channel.botIn,
    is_general: channel.name === "general",
    context_team_id: workspace.seed.teamId,
  };
}

function groupJson(workspace: Workspace, group: UserGroup, includeUsers: boolean): Json {
  return {
    id: group.id,
    team_id: workspace.seed.teamId,
    is_usergroup: true,
    handle: group.handle,
    name: group.name,
    date_delete: 0,
    user_count: group.users.length,
    ...(includeUsers ? { users: [...group.users] } : {}),
  };
}
