// What of Slack is emulated, where Slack documents it, and which test uses it.
const METHODS = "https://docs.slack.dev/reference/methods";
const PAYLOADS = "https://docs.slack.dev/reference/interaction-payloads";
const SOCKETS = "https://docs.slack.dev/apis/events-api/using-socket-mode";
const INTERACTIVITY = "https://docs.slack.dev/interactivity";

const METHODS_BY_TEST = {
  "test/sandbox/slack-chat.test.ts": [
    "chat.delete",
    "chat.getPermalink",
    "chat.postEphemeral",
    "chat.postMessage",
    "chat.update",
    "files.completeUploadExternal",
    "files.getUploadURLExternal",
  ],
  "test/sandbox/slack-people.test.ts": [
    "api.test",
    "apps.connections.open",
    "auth.test",
    "conversations.info",
    "conversations.members",
    "conversations.open",
    "usergroups.list",
    "usergroups.users.list",
    "users.info",
    "users.lookupByEmail",
  ],
  "test/sandbox/slack-views.test.ts": ["views.open", "views.publish", "views.push", "views.update"],
};

/** Web API methods, Socket Mode frames and payloads, and response URLs. */
export const slackCoverage: { endpoint: string; documentation: string; test: string }[] = [
  ...Object.entries(METHODS_BY_TEST).flatMap(([test, methods]) =>
    methods.map((endpoint) => ({ endpoint, documentation: `${METHODS}/${endpoint}`, test })),
  ),
  payload("hello", SOCKETS, "sockets"),
  payload("disconnect", SOCKETS, "sockets"),
  payload("slash_commands", `${INTERACTIVITY}/implementing-slash-commands`, "sockets"),
  payload("events_api", SOCKETS, "sockets"),
  payload("app_rate_limited", "https://docs.slack.dev/apis/events-api#rate-limiting", "sockets"),
  payload("app_home_opened", "https://docs.slack.dev/reference/events/app_home_opened", "views"),
  payload("block_actions", `${PAYLOADS}/block_actions-payload`, "forms"),
  payload("block_suggestion", "https://docs.slack.dev/reference/interaction-payloads", "story"),
  payload("shortcut", `${PAYLOADS}/shortcuts-interaction-payload`, "views"),
  payload("view_closed", `${PAYLOADS}/view-interactions-payload#view_closed`, "views"),
  payload("view_submission", `${PAYLOADS}/view-interactions-payload#view_submission`, "views"),
  payload("response_url", `${INTERACTIVITY}/handling-user-interaction#message_responses`, "responses"),
];

function payload(endpoint: string, documentation: string, test: string) {
  return { endpoint, documentation, test: `test/sandbox/slack-${test}.test.ts` };
}
