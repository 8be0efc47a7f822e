// What Slack's SDK throws, as the one fault that services throw: decided by Slack's error code or the HTTP status, told
// with what to do. https://docs.slack.dev/tools/node-slack-sdk/web-api#handle-errors
import { webApi } from "@slack/bolt";
import { type FailureKind, ServiceFailure } from "./failure.ts";

/** With these neither waiting nor trying again helps: the token itself must be mended. */
const TOKEN_REMEDIES: Record<string, string> = {
  invalid_auth: "The token is wrong or was revoked: copy it again from the Slack app's page and restart.",
  not_authed: "No token was sent: set it and restart.",
  account_inactive: "The app was removed from the workspace: install it again and store the new tokens.",
  token_revoked: "The token was revoked: install the app again and store the new token.",
  token_expired: "The token has expired: turn token rotation off for the app, or store a fresh token.",
  not_allowed_token_type:
    "This is the wrong kind of token: SLACK_BOT_TOKEN starts with xoxb-, SLACK_APP_TOKEN with xapp-.",
  user_removed_from_team: "The app's user was removed from the workspace: install the app again.",
  team_disabled: "The Slack workspace is disabled: ask its owner.",
  missing_scope: "Add the scope on the Slack app's page and install the app again.",
};

const DENIED: Record<string, string> = {
  ...TOKEN_REMEDIES,
  not_in_channel: "Invite the bot: type /invite @Drawbridge in that channel.",
  restricted_action: "The workspace's settings forbid this: ask a workspace admin.",
  restricted_action_read_only_channel: "Only some people may post in that channel: ask a workspace admin.",
  restricted_action_thread_only_channel: "That channel takes replies only: choose another one.",
  no_permission: "The app may not do this: check its scopes and install it again.",
  access_denied: "The workspace's settings forbid this: ask a workspace admin.",
  ekm_access_denied: "The workspace's encryption settings forbid this: ask a workspace admin.",
  org_login_required: "The workspace is being moved: try again when that has ended.",
  team_access_not_granted: "The app is not installed in that workspace: install it there.",
  plan_upgrade_required: "User groups need a paid Slack plan: name the people in the policy instead.",
  paid_teams_only: "This needs a paid Slack plan.",
  cant_update_message: "The message is not the bot's own.",
  cannot_dm_bot: "Slack lets no bot write to another bot.",
};

const MISSING: Record<string, string> = {
  message_not_found: "The message was deleted.",
  thread_not_found: "The thread was deleted.",
  channel_not_found: "The channel does not exist, or is private and the bot was not invited.",
  is_archived: "The channel is archived: choose another one, or unarchive it.",
  user_not_found: "There is no such person in this workspace.",
  users_not_found: "Nobody in this workspace has that email.",
  user_not_visible: "The bot may not see that person.",
  user_disabled: "The person's account is deactivated.",
  no_such_subteam: "There is no such user group.",
  not_found: "The view is no longer open.",
  expired_url: "The answer came too late for Slack.",
  used_url: "Slack takes no more answers to that click.",
};

/** What a person waits for who clicked or typed: the name of a call tells them nothing. */
const TOO_LATE: Record<string, string> = {
  expired_trigger_id: "That took too long for Slack, so nothing was changed. Please try again.",
  exchanged_trigger_id: "That click was used already. Please try again.",
  invalid_trigger_id: "Slack no longer knows that click. Please try again.",
};

const NOBODY = new Set([
  "user_not_found",
  "user_not_visible",
  "user_disabled",
  "cannot_dm_bot",
  "thread_not_found",
  "message_not_found",
]);

const PASSING = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
  "accesslimited",
  "message_limit_exceeded",
]);

export function toSlackFailure(operation: string, error: unknown): ServiceFailure {
  if (error instanceof ServiceFailure) return error;
  if (error instanceof webApi.WebAPIPlatformError) return fromCode(operation, error.data.error, error);
  if (error instanceof webApi.WebAPIRateLimitedError)
    return tooMany(operation, error.retryAfter * 1000, error);
  if (error instanceof webApi.WebAPIHTTPError) return fromStatus(operation, error.statusCode, error);
  const reason = timedOut(error) ? "Slack did not answer in time" : "Slack could not be reached";
  return failure(operation, "retry", `${reason} (${operation}).`, { cause: error });
}

export function tooMany(operation: string, retryAfterMs: number, cause?: unknown): ServiceFailure {
  const message = `Slack limits how often ${operation} may be called; it goes on in ${Math.ceil(retryAfterMs / 1000)} s.`;
  return failure(operation, "retry", message, { code: "ratelimited", status: 429, retryAfterMs, cause });
}

export function fromStatus(operation: string, status: number, cause?: unknown): ServiceFailure {
  const refused = status === 401 || status === 403 || status === 407;
  const message = refused
    ? `Something between the bot and Slack refused ${operation} (HTTP ${status}). Check the proxy and the egress rules.`
    : `Slack has trouble with ${operation} (HTTP ${status}).`;
  return failure(operation, refused ? "denied" : "retry", message, { status, cause });
}

export function fromCode(operation: string, code: string, cause?: unknown): ServiceFailure {
  // The SDK puts the whole text of an answer that is no JSON in place of the code.
  if (!/^[a-z][a-z\d_]{1,60}$/.test(code))
    return failure(operation, "retry", `Slack's answer to ${operation} made no sense.`, { cause });
  if (Object.hasOwn(TOO_LATE, code))
    return failure(operation, "missing", TOO_LATE[code] ?? "", { code, cause });
  const [kind, remedy] = judge(code);
  const message = `Slack refused ${operation}: ${code}${detail(cause)}. ${remedy}`.trim();
  return failure(operation, kind, message, { code, cause });
}

/** Whether the token itself is refused, so that nothing will work until somebody mends it. */
export function isTokenFailure(error: ServiceFailure): boolean {
  return typeof error.code === "string" && Object.hasOwn(TOKEN_REMEDIES, error.code);
}

/** Whether the person or the thread that was to be told is not there any more. All else is about us, a channel or Slack, and
 *  can be mended. */
export function isNobodyThere(error: ServiceFailure): boolean {
  return error.vendor === "slack" && NOBODY.has(String(error.code));
}

function judge(code: string): [FailureKind, string] {
  if (PASSING.has(code)) return ["retry", "It should pass by itself."];
  if (Object.hasOwn(DENIED, code)) return ["denied", DENIED[code] ?? ""];
  if (Object.hasOwn(MISSING, code)) return ["missing", MISSING[code] ?? ""];
  return ["conflict", ""];
}

function failure(
  operation: string,
  kind: FailureKind,
  message: string,
  rest: { code?: string; status?: number; retryAfterMs?: number; cause?: unknown },
): ServiceFailure {
  return new ServiceFailure({ vendor: "slack", operation, kind, message, ...rest });
}

/** Which scope is missing, or which field Slack did not like: it names a place, not what people wrote there. */
function detail(cause: unknown): string {
  if (!(cause instanceof webApi.WebAPIPlatformError)) return "";
  const { needed } = cause.data as { needed?: unknown };
  if (typeof needed === "string" && needed !== "") return ` (${needed})`;
  const messages = cause.data.response_metadata?.messages ?? [];
  return messages.length === 0 ? "" : ` (${messages.join("; ").slice(0, 200)})`;
}

function timedOut(error: unknown): boolean {
  const original = error instanceof webApi.WebAPIRequestError ? error.original : error;
  return original instanceof Error && (original.name === "TimeoutError" || original.name === "AbortError");
}

/** What Slack's answer must hold and the typings call optional. */
export function known<T>(value: T | undefined, operation: string): T {
  if (value !== undefined) return value;
  const message = `Slack's answer to ${operation} made no sense.`;
  throw new ServiceFailure({ vendor: "slack", kind: "retry", operation, message });
}
