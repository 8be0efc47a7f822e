// The bot's sockets are replaced without a gap, and come back from every loss.
import { describe, expect, it } from "vitest";
import { CLOSE_FRAME, startRawSocket, textFrame } from "./slack-raw-socket.ts";
import { greet, pause, slackApp, startWorkspace, unhandledDuring, until } from "./slack-world.ts";

describe("hot swap", () => {
  it("acks every command while sockets are recycled 30 times", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl);
    greet(slack.app, 5);
    await slack.start();
    await until("two sockets", () => workspace.sockets() === 2);
    const deliveries: Promise<{ outcome: string }>[] = [];
    const unhandled = await unhandledDuring(async () => {
      for (let round = 1; round <= 30; round += 1) {
        workspace.recycle("one", "refresh_requested");
        for (let each = 0; each < 8; each += 1) {
          deliveries.push(workspace.command("U0ASHA", "C0LEADS", "/expose", ""));
          await pause(6);
        }
      }
      const outcomes = (await Promise.all(deliveries)).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(outcomes.map(() => "acked"));
    });
    expect(unhandled).toEqual([]);
    expect(slack.stats()).toMatchObject({ acks: { lost: 0, unanswered: 0, count: deliveries.length } });
    expect(slack.stats().replaced).toBe(30);
    await until("two sockets again", () => workspace.sockets() === 2 && slack.health().liveSockets === 2);
  });

  it("goes on serving a warned socket until Slack closes it", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { connections: 1, limits: { lingerMs: 15_000 } });
    greet(slack.app);
    await slack.start();
    workspace.recycle("all", "warning");
    await until("the new socket", () => slack.stats().opened === 2);
    expect(workspace.sockets()).toBe(2);
    const deliveries = Array.from({ length: 40 }, () =>
      workspace.command("U0ASHA", "C0LEADS", "/expose", ""),
    );
    const outcomes = (await Promise.all(deliveries)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(outcomes.map(() => "acked"));
    expect(workspace.sockets()).toBe(2);
  });

  it("lets an answer under way go out through the old socket", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { connections: 1 });
    greet(slack.app, 400);
    await slack.start();
    const delivery = workspace.command("U0ASHA", "C0LEADS", "/expose", "");
    await pause(50);
    workspace.recycle("all", "warning");
    await until("the new socket", () => slack.stats().opened === 2);
    expect(slack.stats().acks.count).toBe(0);
    expect(await delivery).toMatchObject({ outcome: "acked" });
    await until("the old socket closed", () => workspace.sockets() === 1);
  });

  it("does not open one more when Slack says that there are too many", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { connections: 1 });
    await slack.start();
    let most = 0;
    workspace.onChange(() => {
      most = Math.max(most, workspace.sockets());
    });
    workspace.recycle("all", "too_many_websockets");
    await until("a new socket", () => slack.stats().opened === 2 && workspace.sockets() === 1);
    expect(most).toBe(1);
    expect(slack.stats().replaced).toBe(0);
  });

  it("comes back after sockets were dropped", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl);
    greet(slack.app);
    await slack.start();
    const unhandled = await unhandledDuring(async () => {
      for (let round = 0; round < 5; round += 1) {
        await until("two sockets", () => slack.health().liveSockets === 2);
        workspace.dropSockets();
        await until("none", () => slack.health().liveSockets === 0);
      }
      await until("two sockets", () => slack.health().liveSockets === 2);
    });
    expect(unhandled).toEqual([]);
    expect(await workspace.command("U0ASHA", "C0LEADS", "/expose", "")).toMatchObject({ outcome: "acked" });
  });

  it("notices a peer that fell silent without closing", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { connections: 1, limits: { pongMs: 300 } });
    greet(slack.app);
    await slack.start();
    await pause(250);
    workspace.freezeSockets();
    await until("a new socket", () => slack.stats().opened === 2);
    expect(slack.lines.join("")).toContain("A pong wasn't received");
    expect(slack.health().liveSockets).toBe(1);
  });

  it("does not wait for a peer that says goodbye and keeps the line open", async () => {
    const { workspace, faults, apiUrl } = await startWorkspace();
    const rude = await startRawSocket(textFrame({ type: "hello" }), CLOSE_FRAME);
    const body = { ok: true, url: rude.url };
    faults.add({
      vendor: "slack",
      path: "apps.connections.open",
      effect: { kind: "status", status: 200, body },
    });
    const slack = slackApp(apiUrl, { connections: 1 });
    await slack.start();
    await until("a new socket", () => workspace.sockets() === 1);
    // The socket's own state told; the SDK tells only when the line is gone.
    expect(slack.lines.join("")).toContain("connection lost");
    await until("the line let go", () => rude.open() === 0);
  });

  it("ends with a clear reason when the token is refused at a reconnection", async () => {
    const { workspace, faults, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl);
    await slack.start();
    await until("two sockets", () => workspace.sockets() === 2);
    const revoked = { kind: "status", status: 200, body: { ok: false, error: "token_revoked" } } as const;
    faults.add({ vendor: "slack", path: "apps.connections.open", times: 0, effect: revoked });
    const unhandled = await unhandledDuring(async () => {
      workspace.dropSockets();
      await until("the end", () => slack.fatal.length > 0);
      await pause(100);
    });
    expect(unhandled).toEqual([]);
    expect(slack.fatal).toHaveLength(1);
    expect(slack.fatal[0]).toContain("token_revoked");
    expect(slack.fatal[0]).toContain("install the app again");
  });
});
