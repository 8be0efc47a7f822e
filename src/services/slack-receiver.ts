// One Socket Mode connection, from the request for an address to the last frame. Built on the SDK's receiver with its
// reconnecting switched off, and with two of its listeners wrapped: it closes a connection the moment Slack announces
// a recycling, and it fails on an event without an inner event.
import { setImmediate as loopTurn, setTimeout as wait } from "node:timers/promises";
import { type App, SocketModeReceiver } from "@slack/bolt";
import type { Logger } from "pino";
import { boltLogger } from "../log.ts";
import { inTime } from "../time-limit.ts";
import type { AckWatchdog, SlackEnvelope } from "./ack-watchdog.ts";

export type SocketEnd = { asked: boolean; reason: string };

export type SlackSocket = {
  isLive(): boolean;
  /** Settles once: when Slack asks for a reconnection (the socket still works then), or when it is gone. */
  ended: Promise<SocketEnd>;
  /** Leaves the closing to Slack for so long, or until hurried: a socket that we close may have a payload on its way to
   *  it, which nobody could answer. Then lets the answers under way go out, at most 3 s, and closes. */
  retire(lingerMs?: number, hurry?: AbortSignal): Promise<void>;
  /** Closes; settles within about a second whatever Slack does. */
  close(): Promise<void>;
};

export type SocketOptions = {
  app: App;
  appToken: string;
  apiUrl?: string;
  log: Logger;
  watchdog: AckWatchdog;
  /** Told of each payload, from its arrival on: settles once its listeners have ended. */
  onWork: (ended: Promise<unknown>) => void;
  /** How long Slack may take to say hello. Default 10 s. */
  helloMs?: number;
  /** A connection whose pings stay unanswered this long is dead. Default 5 s. */
  pongMs?: number;
};

type Client = SocketModeReceiver["client"];
type Listener = (...args: unknown[]) => unknown;
type Frame = { type?: string; reason?: string; envelope_id?: string; payload?: Record<string, unknown> };

const CLOSE_CAP_MS = 1000;
const RETIRE_CAP_MS = 3000;
const LOOK_EVERY_MS = 250;
const OPEN_TIMEOUT_MS = 8000;

/** Resolves once Slack said hello; throws what the SDK throws, or an Error when there is no hello in time. */
export async function openSocket(options: SocketOptions): Promise<SlackSocket> {
  const { app, log, helloMs = 10_000 } = options;
  const receiver = createReceiver(options);
  const { client } = receiver;
  receiver.init(app);
  const pending = guardAcks(client, options);
  const end = Promise.withResolvers<SocketEnd>();
  wrapMessages(client, log, (reason) => end.resolve({ asked: true, reason }));
  try {
    await connect(client, helloMs, end.promise);
  } catch (error) {
    void abandon(client);
    throw error;
  }
  const stopLooking = watchLife(client, (reason) => end.resolve({ asked: false, reason }));
  const close = async () => {
    stopLooking();
    end.resolve({ asked: false, reason: "closed by us" });
    await shut(client);
  };
  return {
    isLive: () => client.websocket?.isActive() ?? false,
    ended: end.promise,
    close,
    async retire(lingerMs = 0, hurry) {
      const active = () => client.websocket?.isActive() ?? false;
      await waitWhile(() => active() && !hurry?.aborted, lingerMs);
      await untilAnswered(pending, active);
      await close();
    },
  };
}

function createReceiver({ appToken, apiUrl, log, pongMs = 5000 }: SocketOptions): SocketModeReceiver {
  const logger = boltLogger(log);
  return new SocketModeReceiver({
    appToken,
    logger,
    autoReconnectEnabled: false,
    clientPingTimeout: pongMs,
    // An object of its own: the SDK writes its retry settings into it, and would into that of the app's clients.
    installerOptions: {
      clientOptions: {
        ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
        retryConfig: { retries: 0 },
        timeout: OPEN_TIMEOUT_MS,
        rejectRateLimitedCalls: true,
      },
    },
    // The default acks payloads that could not be authorised, as if they had been served.
    async processEventErrorHandler({ error }) {
      log.error({ err: error }, "listener failed");
      return false;
    },
  });
}

/** Hands Bolt an ack that goes through the watchdog. Answers with the envelopes still to be acked. */
function guardAcks(client: Client, { watchdog, onWork }: SocketOptions): Set<string> {
  const pending = new Set<string>();
  const toBolt = client.listeners("slack_event") as Listener[];
  client.removeAllListeners("slack_event");
  client.on("slack_event", (envelope: SlackEnvelope) => {
    pending.add(envelope.envelope_id);
    const guarded = watchdog.guard({ ...envelope, body: wholeText(envelope.body) });
    onWork(Promise.all(toBolt.map((listener) => listener(guarded))));
  });
  client.on("outgoing_message", (message: { envelope_id: string }) => pending.delete(message.envelope_id));
  return pending;
}

function wrapMessages(client: Client, log: Logger, asked: (reason: string) => void): void {
  const toSdk = client.listeners("ws_message") as Listener[];
  client.removeAllListeners("ws_message");
  client.on("ws_message", (data: unknown, isBinary: boolean) => {
    const frame = isBinary ? null : parseFrame(data);
    if (frame === null) return log.warn("Slack sent a frame that is no JSON");
    if (frame.type === "disconnect") return asked(frame.reason ?? "unknown");
    if (frame.type === "events_api" && !isObject(frame.payload?.event))
      return takeEventless(client, frame, log);
    for (const listener of toSdk) void settle(listener, [data, isBinary], log);
  });
}

async function settle(listener: Listener, args: unknown[], log: Logger): Promise<void> {
  try {
    await listener(...args);
  } catch (error) {
    log.error({ err: error }, "Slack SDK failed on a frame");
  }
}

/** `app_rate_limited` comes without an inner event. https://docs.slack.dev/apis/events-api#rate-limiting */
function takeEventless(client: Client, frame: Frame, log: Logger): void {
  log.warn({ payloadType: frame.payload?.type }, "Slack sent an event without content");
  if (!client.websocket?.isActive()) return;
  client.websocket.send(JSON.stringify({ envelope_id: frame.envelope_id, payload: {} }), () => undefined);
}

async function connect(client: Client, helloMs: number, ended: Promise<SocketEnd>): Promise<void> {
  const started = client.start().catch((error: unknown) => {
    // The SDK rejects with nothing when the connection closes before the hello.
    throw error ?? new Error("Slack closed the connection before it said hello");
  });
  const refused = ended.then(({ reason }) => {
    throw new Error(`Slack asked to disconnect before it said hello: ${reason}`);
  });
  refused.catch(() => undefined);
  await inTime(Promise.race([started, refused]), helloMs, () => {
    throw new Error("Slack did not say hello in time");
  });
}

/** Also when the address is still being asked for: the SDK would go on and connect. */
async function abandon(client: Client): Promise<void> {
  client.once("connecting", () => setImmediate(() => void shut(client)));
  await shut(client);
}

/** The SDK tells that a connection ended only after the closing handshake, for which a dead peer has up to 30 s. The
 *  socket's own state tells at once. */
function watchLife(client: Client, gone: (reason: string) => void): () => void {
  const look = setInterval(() => {
    if (!client.websocket?.isActive()) gone("connection lost");
  }, LOOK_EVERY_MS);
  look.unref();
  client.once("disconnected", () => gone("connection closed"));
  return () => clearInterval(look);
}

async function shut(client: Client): Promise<void> {
  const closed = new Promise<true>((resolve) => client.once("disconnected", () => resolve(true)));
  client.disconnect().catch(() => undefined);
  if ((await Promise.race([closed, wait(CLOSE_CAP_MS)])) === true) return;
  // A second call gives up the handshake and destroys the socket.
  client.websocket?.disconnect();
}

function parseFrame(data: unknown): Frame | null {
  try {
    const frame: unknown = JSON.parse(
      typeof data === "string" ? data : new TextDecoder().decode(data as ArrayBuffer),
    );
    return isObject(frame) ? frame : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** What has arrived already counts too: a turn of the event loop takes it in. */
async function untilAnswered(pending: Set<string>, active: () => boolean): Promise<void> {
  const until = performance.now() + RETIRE_CAP_MS;
  for (let quiet = false; !quiet && active() && performance.now() < until; ) {
    await waitWhile(() => active() && pending.size > 0, until - performance.now());
    await loopTurn();
    quiet = pending.size === 0;
  }
}

async function waitWhile(holds: () => boolean, mostMs: number): Promise<void> {
  const until = performance.now() + mostMs;
  while (holds() && performance.now() < until) await wait(20);
}

/** The same value without NUL and half characters, which no database takes and nobody types on purpose. */
function wholeText<Value>(value: Value): Value {
  return clean(value) as Value;
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\u0000", "");
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, clean(each)]));
}
