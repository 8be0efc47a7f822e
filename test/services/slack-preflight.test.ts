// Everything that is wrong is told at once, with what to do.
import { describe, expect, it } from "vitest";
import {
  METHOD_SCOPES,
  type PreflightOptions,
  preflightSlack,
  REQUIRED_SCOPES,
} from "../../src/services/slack-preflight.ts";
import { APP_TOKEN, BOT_TOKEN, recorder, startWorkspace } from "./slack-world.ts";

async function start(options: Partial<PreflightOptions> = {}) {
  const world = await startWorkspace();
  const { log, lines } = recorder();
  const check = () =>
    preflightSlack({
      botToken: BOT_TOKEN,
      appToken: APP_TOKEN,
      apiUrl: world.apiUrl,
      log,
      channels: ["C0LEADS"],
      userGroups: ["S0LEADS"],
      ...options,
    });
  return { ...world, check, lines };
}

describe("preflightSlack", () => {
  it("finds nothing where all is well, and leaves no socket", async () => {
    const { check, workspace } = await start();
    expect(await check()).toEqual([]);
    expect(workspace.sockets()).toBe(0);
  });

  it("tells every problem at once", async () => {
    const channels = ["C0LEADS", "C0OPEN", "C0SECRET", "C0NONE"];
    const { check, workspace } = await start({
      appToken: "xapp-wrong",
      channels,
      userGroups: ["S0NONE", "S0EMPTY"],
    });
    workspace.setScopes(["chat:write", "channels:read", "usergroups:read", "users:read"]);
    workspace.archive("C0LEADS");
    const problems = await check();
    expect(problems.map(({ what }) => what)).toEqual([
      "The bot token lacks the scopes commands, im:write, users:read.email.",
      "Slack refuses SLACK_APP_TOKEN: invalid_auth.",
      "The channel #leads is archived.",
      "The bot is not in the channel #open.",
      "The bot finds no channel C0SECRET.",
      "The bot finds no channel C0NONE.",
      "There is no user group S0NONE.",
      "The user group S0EMPTY has no members.",
    ]);
    expect(problems.every(({ remedy }) => remedy.length > 10)).toBe(true);
    expect(problems.map(({ severity }) => severity).filter((each) => each === "note")).toHaveLength(1);
    expect(problems[3]?.remedy).toContain("/invite");
  });

  it("lets a bot that may post anywhere do without an invitation", async () => {
    const { check, workspace } = await start({ channels: ["C0OPEN"] });
    workspace.setScopes([...REQUIRED_SCOPES, "channels:read", "chat:write.public"]);
    expect(await check()).toEqual([]);
  });

  it("says once that channels could not be checked", async () => {
    const { check, workspace } = await start({ channels: ["C0LEADS", "C0OPEN"] });
    workspace.setScopes([...REQUIRED_SCOPES]);
    expect(await check()).toEqual([
      {
        what: expect.stringContaining("not checked"),
        remedy: expect.stringContaining("channels:read"),
        severity: "note",
      },
    ]);
  });

  it.each([
    ["a wrong bot token", { botToken: "xoxb-wrong" }, "SLACK_BOT_TOKEN: invalid_auth"],
    [
      "the app token in place of the bot's",
      { botToken: APP_TOKEN },
      "SLACK_BOT_TOKEN: not_allowed_token_type",
    ],
    [
      "the bot token in place of the app's",
      { appToken: BOT_TOKEN },
      "SLACK_APP_TOKEN: not_allowed_token_type",
    ],
    ["swapped tokens", { botToken: APP_TOKEN, appToken: BOT_TOKEN }, "swapped"],
  ])("recognises %s", async (_, options, what) => {
    const { check } = await start(options);
    const problems = await check();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.what).toContain(what);
  });

  it("names connections:write when the app token lacks it", async () => {
    const { check, faults } = await start();
    const body = { ok: false, error: "missing_scope", needed: "connections:write" };
    faults.add({
      vendor: "slack",
      path: "apps.connections.open",
      effect: { kind: "status", status: 200, body },
    });
    expect((await check())[0]?.what).toContain("connections:write");
  });

  it("tells a Slack out of reach from a wrong token", async () => {
    const { check, faults, lines } = await start();
    faults.add({ vendor: "slack", times: 0, effect: { kind: "drop" } });
    const problems = await check();
    expect(problems).toHaveLength(2);
    for (const { what, remedy } of problems) {
      expect(what).toContain("could not be reached");
      expect(remedy).toContain("slack.com");
    }
    expect(JSON.stringify(problems) + lines.join("")).not.toContain("MARKED");
  });

  it("asks for every scope that a method of ours needs", () => {
    for (const scope of Object.values(METHOD_SCOPES)) expect(REQUIRED_SCOPES).toContain(scope);
  });
});
