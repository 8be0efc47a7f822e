// Socket Mode as the bot meets it: several sockets, recycling, drops, silence, redelivered events.
import type { App } from "@slack/bolt";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { clientOf, SEED, startBench, startBolt, until } from "./slack-bench.ts";

type Frame = Record<string, unknown>;

/** A bare client, for what the SDK hides. */
async function rawSocket(apiUrl: string, options: { acks?: boolean } = {}) {
  const { url } = await clientOf(apiUrl, SEED.appToken).apps.connections.open();
  const socket = new WebSocket(url!);
  const frames: Frame[] = [];
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.on("error", () => undefined);
  socket.on("message", (data) => {
    const frame = JSON.parse(String(data)) as Frame;
    frames.push(frame);
    if (options.acks && frame.envelope_id)
      socket.send(JSON.stringify({ envelope_id: frame.envelope_id, payload: {} }));
  });
  await until(() => frames.length > 0);
  return { socket, frames, closed };
}

function countCommands(seen: string[]) {
  return (app: App) => {
    app.command("/go", async ({ ack, command }) => {
      seen.push(command.text);
      await ack();
    });
  };
}

test("hello tells how many connections there are and for how long", async () => {
  const { slack } = await startBench();
  const first = await rawSocket(slack.apiUrl);
  const second = await rawSocket(slack.apiUrl);
  expect(first.frames[0]).toMatchObject({
    type: "hello",
    num_connections: 1,
    connection_info: { app_id: "A0DRAWBRIDGE" },
    debug_info: { approximate_connection_time: 18_060 },
  });
  expect(second.frames[0]).toMatchObject({ num_connections: 2 });
  expect(slack.sockets()).toBe(2);
});

test("each payload goes to one of the sockets, over time to all of them", async () => {
  const { slack } = await startBench();
  const sockets = [];
  for (let index = 0; index < 3; index += 1) sockets.push(await rawSocket(slack.apiUrl, { acks: true }));
  for (let index = 0; index < 60; index += 1) await slack.command("U0ASHA", "C0OPS", "/go", String(index));
  const shares = sockets.map(
    ({ frames }) => frames.filter((frame) => frame.type === "slash_commands").length,
  );
  expect(shares.reduce((sum, share) => sum + share)).toBe(60);
  expect(Math.min(...shares)).toBeGreaterThan(0);
});

test("the eleventh socket is told to go", async () => {
  const { slack } = await startBench();
  for (let index = 0; index < 10; index += 1) await rawSocket(slack.apiUrl);
  const eleventh = await rawSocket(slack.apiUrl);
  expect(eleventh.frames).toMatchObject([{ type: "disconnect", reason: "too_many_websockets" }]);
  await eleventh.closed;
  expect(slack.sockets()).toBe(10);
});

test("a refreshed socket gets no more payloads and is closed after its grace", async () => {
  const { slack } = await startBench();
  const old = await rawSocket(slack.apiUrl, { acks: true });
  const fresh = await rawSocket(slack.apiUrl, { acks: true });
  slack.recycle("one", "refresh_requested");
  await until(() => old.frames.some((frame) => frame.type === "disconnect"));
  for (let index = 0; index < 20; index += 1) await slack.command("U0ASHA", "C0OPS", "/go", "");
  expect(fresh.frames.filter((frame) => frame.type === "slash_commands")).toHaveLength(20);
  await old.closed;
  await until(() => slack.sockets() === 1);
});

test("after a recycle the real client comes back, and a command in the gap is lost", async () => {
  const { slack } = await startBench();
  const seen: string[] = [];
  await startBolt(slack.apiUrl, countCommands(seen), 300);
  slack.recycle("all", "warning");
  await until(() => slack.sockets() === 0);
  expect(await slack.command("U0ASHA", "C0OPS", "/go", "lost")).toMatchObject({
    outcome: "failed",
    because: "no-connection",
  });
  await until(() => slack.sockets() === 1);
  expect(await slack.command("U0ASHA", "C0OPS", "/go", "found")).toMatchObject({ outcome: "acked" });
  expect(seen).toEqual(["found"]);
});

test("after an abrupt drop the real client comes back", async () => {
  const { slack } = await startBench();
  await startBolt(slack.apiUrl, countCommands([]), 300);
  slack.dropSockets();
  await until(() => slack.sockets() === 0);
  await until(() => slack.sockets() === 1);
});

test("pings are answered, until the sockets freeze", async () => {
  const { slack } = await startBench();
  const { socket } = await rawSocket(slack.apiUrl);
  let pongs = 0;
  socket.on("pong", () => {
    pongs += 1;
  });
  socket.ping();
  await until(() => pongs === 1);
  slack.freezeSockets();
  socket.ping();
  const sent = slack.command("U0ASHA", "C0OPS", "/go", "");
  expect(await sent).toMatchObject({ outcome: "failed", because: "timeout" });
  expect(pongs).toBe(1);
  expect(slack.sockets()).toBe(1);
}, 10_000);

test("what nobody acks in three seconds: a command is lost, an event is sent again", async () => {
  const { slack } = await startBench();
  const deaf = await rawSocket(slack.apiUrl);
  const [command, event] = await Promise.all([
    slack.command("U0ASHA", "C0OPS", "/go", ""),
    slack.openHome("U0ASHA"),
  ]);
  expect(command).toMatchObject({ outcome: "failed", because: "timeout" });
  expect(event).toMatchObject({ outcome: "failed", because: "timeout" });
  const ofType = (type: string) => deaf.frames.filter((frame) => frame.type === type);
  await until(() => ofType("events_api").length === 2);
  const [first, second] = ofType("events_api") as [Frame, Frame];
  expect(first).toMatchObject({ retry_attempt: 0, retry_reason: "" });
  expect(second).toMatchObject({ retry_attempt: 1, retry_reason: "timeout", payload: first.payload });
  expect(second.envelope_id).not.toBe(first.envelope_id);
  expect(ofType("slash_commands")).toHaveLength(1);
});

test("an event in a gap reaches the bot as soon as it is back, marked as a retry", async () => {
  const { slack } = await startBench();
  expect(await slack.openHome("U0ASHA")).toMatchObject({ outcome: "failed", because: "no-connection" });
  const retries: unknown[] = [];
  await startBolt(slack.apiUrl, (app) => {
    app.event("app_home_opened", async ({ context }) => {
      retries.push(context.retryNum);
    });
  });
  await until(() => retries.length === 1);
  expect(retries).toEqual([1]);
});

test("any envelope can be sent again, and acks find their envelope", async () => {
  const { slack } = await startBench();
  const seen: string[] = [];
  await startBolt(slack.apiUrl, countCommands(seen));
  await slack.command("U0ASHA", "C0OPS", "/go", "once");
  const [envelope] = slack.lastEnvelopes();
  expect(envelope).toMatchObject({
    type: "slash_commands",
    accepts_response_payload: true,
    payload: {
      command: "/go",
      text: "once",
      is_enterprise_install: "false",
      channel_name: "ops",
      user_name: "asha",
    },
  });
  expect(await slack.sendEnvelope(envelope!)).toMatchObject({ outcome: "acked", payload: {} });
  expect(seen).toEqual(["once", "once"]);
});

test("app_rate_limited can be sent, as an event without an inner event", async () => {
  const { slack } = await startBench();
  const { frames } = await rawSocket(slack.apiUrl, { acks: true });
  const payload = {
    type: "app_rate_limited",
    team_id: "T0HARBOR",
    minute_rate_limited: 1,
    api_app_id: "A0DRAWBRIDGE",
  };
  expect(await slack.sendEnvelope({ type: "events_api", payload })).toMatchObject({ outcome: "acked" });
  expect(frames.at(-1)).toMatchObject({ type: "events_api", payload: { type: "app_rate_limited" } });
});

test("app_rate_limited comes without an event, and waits for its ack like one", async () => {
  const { slack } = await startBench();
  const { frames } = await rawSocket(slack.apiUrl, { acks: true });
  expect(await slack.sendRateLimited()).toMatchObject({ outcome: "acked" });
  expect(frames.at(-1)).toMatchObject({ type: "events_api", payload: { type: "app_rate_limited" } });
});

test("a connection made while Slack is mute gets no hello and no payload", async () => {
  const { slack } = await startBench();
  slack.muteSockets(true);
  const { url } = await clientOf(slack.apiUrl, SEED.appToken).apps.connections.open();
  const socket = new WebSocket(url!);
  const frames: string[] = [];
  socket.on("message", (data) => frames.push(String(data)));
  await new Promise<void>((resolve) => socket.on("open", () => resolve()));
  const nobody = { outcome: "failed", because: "no-connection" };
  expect(await slack.command("U0ASHA", "C0OPS", "/go", "")).toMatchObject(nobody);
  expect(frames).toEqual([]);
  slack.muteSockets(false);
  expect((await rawSocket(slack.apiUrl)).frames[0]).toMatchObject({ type: "hello" });
});
