// Leaving in an orderly way, and leaving no secret behind.
import { describe, expect, it } from "vitest";
import { pause, slackApp, startWorkspace, unhandledDuring, until } from "./slack-world.ts";

describe("stopping", () => {
  it("waits for the handlers at work", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl);
    let done = false;
    slack.app.command("/expose", async ({ ack }) => {
      await ack();
      await pause(300);
      done = true;
    });
    await slack.start();
    await workspace.command("U0ASHA", "C0LEADS", "/expose", "");
    expect(slack.stats().inFlight).toBe(1);
    await slack.stop();
    expect(done).toBe(true);
    await until("no socket", () => workspace.sockets() === 0);
    expect(slack.health().liveSockets).toBe(0);
  });

  it("hands over to the next: nothing that Slack sends meanwhile is lost, however long its own handlers work", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const [leaving, next] = [slackApp(apiUrl), slackApp(apiUrl)];
    for (const { app } of [leaving, next])
      app.command("/expose", async ({ ack }) => {
        await pause(10);
        await ack();
        await pause(200);
      });
    await Promise.all([leaving.start(), next.start()]);
    const sent: ReturnType<typeof workspace.command>[] = [];
    const sending = setInterval(() => sent.push(workspace.command("U0ASHA", "C0LEADS", "/expose", "")), 5);
    await until("both are at work", () => leaving.stats().inFlight > 0 && next.stats().inFlight > 0);
    await leaving.stop();
    expect(leaving.stats().inFlight).toBe(0);
    clearInterval(sending);
    const lost = (await Promise.all(sent)).filter(({ outcome }) => outcome !== "acked");
    expect([sent.length > 20, lost]).toEqual([true, []]);
  });

  it("does not wait for ever, nor come back", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl, { limits: { drainMs: 100 } });
    slack.app.command("/expose", async ({ ack }) => {
      await ack();
      await new Promise(() => undefined);
    });
    await slack.start();
    await workspace.command("U0ASHA", "C0LEADS", "/expose", "");
    const unhandled = await unhandledDuring(async () => {
      await slack.stop();
      await pause(200);
    });
    expect(unhandled).toEqual([]);
    expect(slack.messages()).toContain("handlers still at work at shutdown");
    expect(workspace.sockets()).toBe(0);
  });

  it("leaves no token in its log", async () => {
    const { workspace, faults, apiUrl } = await startWorkspace();
    faults.add({ vendor: "slack", path: "apps.connections.open", effect: { kind: "malformed" } });
    const slack = slackApp(apiUrl);
    slack.app.command("/expose", async ({ ack }) => ack("hello"));
    slack.app.command("/fails", async ({ client }) => {
      throw new Error(`broke with ${client.token}`);
    });
    await slack.start();
    await workspace.command("U0ASHA", "C0LEADS", "/expose", "MARKED");
    workspace.dropSockets();
    await until("new sockets", () => slack.stats().opened >= 3 && slack.health().liveSockets === 2);
    const failing = workspace.command("U0ASHA", "C0LEADS", "/fails", "MARKED");
    await until("the fault", () => slack.messages().includes("listener failed"));
    await slack.stop();
    // What no listener answered is answered before the sockets go.
    expect(await failing).toMatchObject({ outcome: "acked" });
    expect(slack.lines.join("")).toContain("broke with [redacted]");
    expect(slack.lines.join("")).not.toContain("MARKED");
  });
});
