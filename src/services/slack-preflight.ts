// Everything about Slack that can be wrong before the first command, found in one go and told with what to do: tokens,
// scopes, channels, user groups.
import { webApi } from "@slack/bolt";
import type { Logger } from "pino";
import type { SlackProblem } from "../domain/doctor-facts.ts";
import { boltLogger } from "../log.ts";
import type { ServiceFailure } from "./failure.ts";
import type { WebClient } from "./slack-clients.ts";
import { isTokenFailure, toSlackFailure } from "./slack-failure.ts";

export type PreflightOptions = {
  botToken: string;
  appToken: string;
  apiUrl?: string;
  log: Logger;
  /** Ids of the channels that the bot posts to. */
  channels: readonly string[];
  /** Ids of the user groups that policy names. */
  userGroups: readonly string[];
};

/** Which scope each method needs that this bot cannot do without. https://docs.slack.dev/reference/scopes */
export const METHOD_SCOPES = {
  "chat.postMessage": "chat:write",
  "chat.update": "chat:write",
  "conversations.open": "im:write",
  "users.info": "users:read",
  "usergroups.users.list": "usergroups:read",
} as const;

/** Besides the methods' own: slash commands, and the email in a person's profile. */
export const REQUIRED_SCOPES: readonly string[] = [
  ...new Set(["commands", ...Object.values(METHOD_SCOPES), "users:read.email"]),
].sort();

const APP_PAGE = "https://api.slack.com/apps";

export async function preflightSlack(options: PreflightOptions): Promise<SlackProblem[]> {
  const swapped = swappedTokens(options);
  if (swapped) return [swapped];
  const client = createClient(options, options.botToken);
  const [bot, appToken] = await Promise.all([checkBot(client), checkAppToken(options)]);
  const problems = [...bot.problems, ...appToken];
  if (!bot.usable) return problems;
  const channels = await Promise.all(options.channels.map((id) => checkChannel(client, id, bot.scopes)));
  const groups = await Promise.all(options.userGroups.map((id) => checkGroup(client, id, bot.scopes)));
  return [...problems, ...channels.flat(), ...groups.flat(), ...unseen(options, bot.scopes)];
}

type Scopes = ReadonlySet<string>;

function createClient({ apiUrl, log }: PreflightOptions, token: string): WebClient {
  return new webApi.WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    logger: boltLogger(log),
    timeout: 5000,
    retryConfig: { retries: 1, minTimeout: 300 },
    rejectRateLimitedCalls: true,
  });
}

function swappedTokens({ botToken, appToken }: PreflightOptions): SlackProblem | null {
  if (!botToken.startsWith("xapp-") || !appToken.startsWith("xoxb-")) return null;
  return error(
    "The two Slack tokens are swapped.",
    "SLACK_BOT_TOKEN starts with xoxb-, SLACK_APP_TOKEN with xapp-: exchange them.",
  );
}

async function checkBot(
  client: WebClient,
): Promise<{ usable: boolean; scopes: Scopes; problems: SlackProblem[] }> {
  try {
    const { response_metadata: metadata } = await client.auth.test();
    const scopes = new Set(metadata?.scopes ?? []);
    return {
      usable: true,
      scopes,
      problems: missingScopes(scopes),
    };
  } catch (fault) {
    const problem = tokenProblem("SLACK_BOT_TOKEN", "xoxb-", toSlackFailure("auth.test", fault));
    return { usable: false, scopes: new Set(), problems: [problem] };
  }
}

function missingScopes(granted: Scopes): SlackProblem[] {
  if (granted.size === 0) {
    const why = "Slack did not say which scopes the bot token has.";
    return [note(why, "Check them on the Slack app's page when something is refused.")];
  }
  const missing = REQUIRED_SCOPES.filter((scope) => !granted.has(scope));
  if (missing.length === 0) return [];
  return [
    error(
      `The bot token lacks ${missing.length === 1 ? "the scope" : "the scopes"} ${missing.join(", ")}.`,
      `Add ${missing.length === 1 ? "it" : "them"} under OAuth & Permissions (${APP_PAGE}), then install the app again.`,
    ),
  ];
}

/** Asking for an address uses up nothing: a connection counts only when it is opened. */
async function checkAppToken(options: PreflightOptions): Promise<SlackProblem[]> {
  try {
    await createClient(options, options.appToken).apps.connections.open({});
    return [];
  } catch (fault) {
    const failure = toSlackFailure("apps.connections.open", fault);
    if (failure.code !== "missing_scope") return [tokenProblem("SLACK_APP_TOKEN", "xapp-", failure)];
    return [
      error(
        "The app-level token lacks the scope connections:write.",
        `Make a new one with it under Basic Information, App-Level Tokens (${APP_PAGE}), and set SLACK_APP_TOKEN.`,
      ),
    ];
  }
}

function tokenProblem(setting: string, prefix: string, failure: ServiceFailure): SlackProblem {
  if (!isTokenFailure(failure)) {
    const remedy =
      "Check that the bot may reach slack.com and wss-primary.slack.com over HTTPS, and Slack's status page.";
    return passing(`${failure.message} (while checking ${setting})`, remedy);
  }
  const remedy = `Copy the ${prefix} token again from the Slack app's page (${APP_PAGE}) and set ${setting}.`;
  return error(`Slack refuses ${setting}: ${failure.code}.`, remedy);
}

async function checkChannel(client: WebClient, id: string, scopes: Scopes): Promise<SlackProblem[]> {
  try {
    const { channel } = await client.conversations.info({ channel: id });
    const name = channel?.name ? `#${channel.name}` : id;
    if (channel?.is_archived)
      return [error(`The channel ${name} is archived.`, "Unarchive it, or name another one.")];
    const mayPost = channel?.is_member || (!channel?.is_private && scopes.has("chat:write.public"));
    return mayPost
      ? []
      : [error(`The bot is not in the channel ${name}.`, `Type /invite @Drawbridge in ${name}.`)];
  } catch (fault) {
    return channelProblem(id, toSlackFailure("conversations.info", fault));
  }
}

function channelProblem(id: string, failure: ServiceFailure): SlackProblem[] {
  // Told once for all channels, by `unseen`.
  if (failure.code === "missing_scope") return [];
  const remedy = "Check the id in the policy. If the channel is private, type /invite @Drawbridge there.";
  if (failure.code === "channel_not_found") return [error(`The bot finds no channel ${id}.`, remedy)];
  const what = `The channel ${id} could not be checked: ${failure.message}`;
  return [failure.kind === "retry" ? passing(what, LATER) : error(what, "Try again.")];
}

function unseen({ channels }: PreflightOptions, scopes: Scopes): SlackProblem[] {
  if (channels.length === 0 || scopes.size === 0 || scopes.has("channels:read")) return [];
  const remedy =
    "Add channels:read to have them checked at each start, or make sure that the bot was invited.";
  return [note("The channels were not checked: the bot token lacks the scope channels:read.", remedy)];
}

async function checkGroup(client: WebClient, id: string, scopes: Scopes): Promise<SlackProblem[]> {
  if (scopes.size > 0 && !scopes.has("usergroups:read")) return [];
  try {
    const { users = [] } = await client.usergroups.users.list({ usergroup: id });
    if (users.length > 0) return [];
    return [
      note(
        `The user group ${id} has no members.`,
        "Until it has, it gives nobody a right, and nobody is called by it.",
      ),
    ];
  } catch (fault) {
    const { code, message, kind } = toSlackFailure("usergroups.users.list", fault);
    const remedy = "Check the id in the policy (S…): it is in the address of the group's page.";
    if (code === "no_such_subteam") return [error(`There is no user group ${id}.`, remedy)];
    if (kind === "retry") return [passing(`The user group ${id} could not be read: ${message}`, LATER)];
    return [error(`The user group ${id} could not be read.`, message)];
  }
}

function error(what: string, remedy: string): SlackProblem {
  return { what, remedy, severity: "error" };
}

const LATER = "Nothing, if it passes: all is looked at once more when Slack is back.";

function passing(what: string, remedy: string): SlackProblem {
  return { what, remedy, severity: "passing" };
}

function note(what: string, remedy: string): SlackProblem {
  return { what, remedy, severity: "note" };
}
