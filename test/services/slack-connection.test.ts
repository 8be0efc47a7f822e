// The bot's sockets against a Slack that recycles, drops, freezes and refuses them.
import { describe, expect, it } from "vitest";
import { startRawSocket } from "./slack-raw-socket.ts";
import { BOT_TOKEN, greet, pause, slackApp, startWorkspace, unhandledDuring, until } from "./slack-world.ts";

describe("connecting", () => {
  it("opens the sockets that it was asked for, and acks a command", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { connections: 3 });
    greet(slack.app);
    await slack.start();
    await until("three sockets", () => workspace.sockets() === 3);
    const delivery = await workspace.command("U0ASHA", "C0LEADS", "/expose", "");
    expect(delivery).toMatchObject({ outcome: "acked", payload: { text: "hello" } });
    expect(slack.health()).toMatchObject({ ok: true, liveSockets: 3 });
    expect(slack.stats().acks).toMatchObject({ count: 1, unanswered: 0, late: 0, lost: 0 });
  });

  it("waits out a Slack that answers 500", async () => {
    const { workspace, faults, apiUrl } = await startWorkspace();
    const broken = { kind: "status", status: 500 } as const;
    faults.add({ vendor: "slack", path: "auth.test", times: 2, effect: broken });
    faults.add({ vendor: "slack", path: "apps.connections.open", times: 3, effect: broken });
    const slack = slackApp(apiUrl, { connections: 1 });
    await slack.start();
    expect(workspace.sockets()).toBe(1);
    expect(slack.stats()).toMatchObject({ opened: 1, failed: 3 });
  });

  it("gives up an address that never comes, and tries again", async () => {
    const { workspace, faults, apiUrl } = await startWorkspace();
    faults.add({ vendor: "slack", path: "apps.connections.open", effect: { kind: "hang" } });
    const slack = slackApp(apiUrl, { connections: 1, limits: { helloMs: 300 } });
    await slack.start();
    expect(workspace.sockets()).toBe(1);
    expect(slack.stats()).toMatchObject({ opened: 1, failed: 1 });
  });

  it("gives up a socket that never says hello, and tries again", async () => {
    const { workspace, faults, apiUrl } = await startWorkspace();
    const mute = await startRawSocket();
    const body = { ok: true, url: mute.url };
    faults.add({
      vendor: "slack",
      path: "apps.connections.open",
      effect: { kind: "status", status: 200, body },
    });
    const slack = slackApp(apiUrl, { connections: 1, limits: { helloMs: 300 } });
    const unhandled = await unhandledDuring(() => slack.start());
    expect(unhandled).toEqual([]);
    expect(workspace.sockets()).toBe(1);
    expect(slack.lines.join("")).toContain("did not say hello");
    await until("the mute socket let go", () => mute.open() === 0);
  });

  it.each([
    ["bot token", { botToken: "xoxb-wrong" }, "auth.test"],
    ["app token", { appToken: "xapp-wrong" }, "apps.connections.open"],
  ])("does not start with a wrong %s, and says what to do", async (_, options, operation) => {
    const { apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, options);
    const unhandled = await unhandledDuring(async () => {
      await expect(slack.start()).rejects.toMatchObject({
        kind: "denied",
        operation,
        message: expect.stringContaining("copy it again"),
      });
    });
    expect(unhandled).toEqual([]);
    expect(slack.fatal).toEqual([]);
  });

  it("says which token belongs where", async () => {
    const { apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { appToken: BOT_TOKEN });
    await expect(slack.start()).rejects.toMatchObject({
      message: expect.stringContaining("SLACK_APP_TOKEN with xapp-"),
    });
  });

  it("can be stopped while Slack cannot be reached", async () => {
    const { faults, apiUrl } = await startWorkspace();
    faults.add({ vendor: "slack", times: 0, effect: { kind: "drop" } });
    const slack = slackApp(apiUrl);
    const unhandled = await unhandledDuring(async () => {
      const started = slack.start();
      started.catch(() => undefined);
      await pause(100);
      await slack.stop();
      await expect(started).rejects.toThrow("stopped before it was up");
    });
    expect(unhandled).toEqual([]);
  });
});

describe("events", () => {
  it("survives an event without content", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { connections: 1 });
    greet(slack.app);
    await slack.start();
    const payload = { type: "app_rate_limited", team_id: "T0TEST", minute_rate_limited: 1518467820 };
    const unhandled = await unhandledDuring(async () => {
      const delivery = await workspace.sendEnvelope({ type: "events_api", payload });
      expect(delivery).toMatchObject({ outcome: "acked" });
    });
    expect(unhandled).toEqual([]);
    expect(await workspace.command("U0ASHA", "C0LEADS", "/expose", "")).toMatchObject({ outcome: "acked" });
  });

  it("hands over an event with its content", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { connections: 1 });
    const opened: string[] = [];
    slack.app.event("app_home_opened", async ({ event }) => void opened.push(event.user));
    await slack.start();
    expect(await workspace.openHome("U0ASHA")).toMatchObject({ outcome: "acked" });
    await until("the listener", () => opened.length === 1);
    expect(opened).toEqual(["U0ASHA"]);
  });
});
