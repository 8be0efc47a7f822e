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

  it("waits for what has arrived, though no listener and no middleware has seen it yet", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const slack = slackApp(apiUrl);
    let served = false;
    slack.app.command("/expose", async ({ ack }) => {
      await ack();
      served = true;
    });
    const process = slack.app.processEvent.bind(slack.app);
    slack.app.processEvent = async (event) => {
      await pause(300);
      await process(event);
    };
    await slack.start();
    const sent = workspace.command("U0ASHA", "C0LEADS", "/expose", "");
    await until("it arrived", () => slack.stats().inFlight === 1);
    await slack.stop();
    expect([served, (await sent).outcome]).toEqual([true, "acked"]);
  });

  it("hands over to the next: what arrived is answered first, and what is sent meanwhile finds one of them", async () => {
    const { workspace, apiUrl } = await startWorkspace();
    const limits = { drainMs: 8000 };
    const [leaving, next] = [slackApp(apiUrl, { limits }), slackApp(apiUrl, { limits })];
    for (const { app } of [leaving, next])
      app.command("/expose", async ({ ack, command }) => {
        await pause(command.text === "slow" ? 200 : 5);
        await ack();
        await pause(200);
      });
    await Promise.all([leaving.start(), next.start()]);
    const command = (text: string) => workspace.command("U0ASHA", "C0LEADS", "/expose", text);
    const sent = Array.from({ length: 30 }, () => command("slow"));
    await until("they arrived", () => leaving.stats().inFlight + next.stats().inFlight === 30);
    expect(leaving.stats().inFlight).toBeGreaterThan(2);
    const sending = setInterval(() => sent.push(command("")), 10);
    await leaving.stop();
    expect(leaving.stats().inFlight).toBe(0);
    clearInterval(sending);
    const unacked = (await Promise.all(sent)).filter(({ outcome }) => outcome !== "acked");
    // One may cross the frame that closes a socket; the leaving bot has two sockets.
    expect(unacked.length).toBeLessThanOrEqual(2);
    expect(sent.length).toBeGreaterThan(30);
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
