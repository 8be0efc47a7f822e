// The Slack app's manifest asks for what the code calls, and for nothing else.
import { webApi } from "@slack/bolt";
import { expect, test } from "vitest";
import { METHOD_SCOPES, REQUIRED_SCOPES } from "../../src/services/slack-preflight.ts";
import { shortcuts } from "../../src/views/ids.ts";
import { filesBelow, textOf } from "./repository.ts";

/** What Slack's reference says each method needs of a bot token. https://docs.slack.dev/reference/methods */
const SCOPES_OF: Record<string, readonly string[]> = {
  // With an app-level token: its connections:write is no scope of the manifest.
  "apps.connections.open": [],
  "auth.test": [],
  "chat.getPermalink": [],
  "chat.postMessage": ["chat:write"],
  "chat.update": ["chat:write"],
  "conversations.info": ["channels:read", "groups:read"],
  "conversations.open": ["im:write"],
  "files.completeUploadExternal": ["files:write"],
  "files.getUploadURLExternal": ["files:write"],
  "usergroups.users.list": ["usergroups:read"],
  "users.info": ["users:read"],
  "views.open": [],
  "views.update": [],
};

/** The bot works without these. */
const CAN_DO_WITHOUT = ["conversations.info", "files.completeUploadExternal", "files.getUploadURLExternal"];

const manifest = JSON.parse(textOf("deploy/slack-manifest.json"));
const { bot, bot_optional: optional, user } = manifest.oauth_config.scopes;
const code = filesBelow("src", ".ts").map((file) => textOf(file).replace(/\s*\n\s*\./g, "."));
const called = callsIn(code);

/** `client.chat.postMessage(` and `createClient(…).auth.test(`, where the SDK's client has such a method. */
function callsIn(texts: string[]): string[] {
  const client = new webApi.WebClient();
  const paths = texts.flatMap((text) =>
    [...text.matchAll(/(?:\b\w*[cC]lient|\))\.([a-z]+(?:\.[a-zA-Z]+)+)\(/g)].map((match) => match[1] ?? ""),
  );
  return [...new Set(paths)].filter((path) => isMethod(client, path)).sort();
}

function isMethod(client: object, path: string): boolean {
  const found = path
    .split(".")
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], client);
  return typeof found === "function";
}

function scopesOf(methods: string[]): string[] {
  return [...new Set(methods.flatMap((method) => SCOPES_OF[method] ?? []))].sort();
}

test("every Web API method that the code calls is in the table, and the table names no other", () => {
  expect(called).toEqual(Object.keys(SCOPES_OF).sort());
});

test("no call goes by another way than a method of the client", () => {
  for (const text of code) expect(text).not.toMatch(/\.apiCall\(|slack\.com\/api\//);
});

test("the manifest's scopes are those of the calls, and of slash commands", () => {
  // users.info leaves the email out without users:read.email.
  expect(bot).toEqual([...new Set(["commands", "users:read.email", ...scopesOf(called)])].sort());
  expect(user).toBeUndefined();
});

// An optional scope that is not in `bot` as well is never asked for: https://docs.slack.dev/reference/app-manifest#oauth
test("the scopes that an installation may leave out are those that the bot can do without", () => {
  const needed = called.filter((method) => !CAN_DO_WITHOUT.includes(method));
  expect(optional).toEqual(scopesOf(CAN_DO_WITHOUT));
  expect(bot).toEqual(expect.arrayContaining(optional));
  for (const scope of scopesOf(needed)) expect(optional).not.toContain(scope);
});

test("the scopes that the bot checks at its start are those of the manifest", () => {
  expect([...REQUIRED_SCOPES]).toEqual(bot.filter((scope: string) => !optional.includes(scope)));
  for (const [method, scope] of Object.entries(METHOD_SCOPES)) expect(SCOPES_OF[method]).toEqual([scope]);
});

test("it declares the command and the shortcut that the code listens to", () => {
  const { slash_commands, shortcuts: declared } = manifest.features;
  const commands = code.flatMap((text) =>
    [...text.matchAll(/app\.command\("([^"]+)"/g)].map((match) => match[1]),
  );
  expect(slash_commands.map((each: { command: string }) => each.command)).toEqual(commands);
  expect(
    declared.map(({ type, callback_id }: { type: string; callback_id: string }) => ({ type, callback_id })),
  ).toEqual(Object.values(shortcuts).map((callback_id) => ({ type: "global", callback_id })));
});

test("the command's hint names every word that the command knows, and no other", () => {
  const words = [...textOf("src/handlers/command.ts").matchAll(/case "([a-z-]+)":/g)].map(
    (match) => match[1] ?? "",
  );
  const hinted = manifest.features.slash_commands[0].usage_hint
    .split(" | ")
    .map((hint: string) => hint.split(" ")[0])
    .filter((word: string) => word !== "[service]");
  expect([...new Set(hinted)].sort()).toEqual(words.sort());
});

test("it turns on Socket Mode and interactivity, and no event, page or address that nobody answers", () => {
  const { settings, features } = manifest;
  expect(settings).toEqual({
    interactivity: { is_enabled: true },
    org_deploy_enabled: false,
    socket_mode_enabled: true,
    token_rotation_enabled: false,
  });
  const listens = code.some((text) => /app\.event\(/.test(text));
  expect("event_subscriptions" in settings).toBe(listens);
  expect(features.app_home.home_tab_enabled).toBe(called.includes("views.publish"));
  expect(JSON.stringify(manifest)).not.toMatch(/https?:/);
});

test("its texts fit Slack's limits", () => {
  const { display_information: shown, features } = manifest;
  expect(shown.name.length).toBeLessThanOrEqual(35);
  expect(shown.description.length).toBeLessThanOrEqual(140);
  expect(features.bot_user.display_name).toMatch(/^[a-z0-9._-]{1,80}$/);
  for (const { name, description } of features.shortcuts) {
    expect(name.length).toBeLessThanOrEqual(24);
    expect(description.length).toBeLessThanOrEqual(150);
  }
});
