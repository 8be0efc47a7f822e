// Socket Mode: several sockets per app, each payload to any one of them, acks by envelope id.
// https://docs.slack.dev/apis/events-api/using-socket-mode
import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import type { Delivery } from "../contract.ts";
import { createEventQueue } from "./event-retries.ts";
import type { Json } from "./workspace.ts";

const MOST_SOCKETS = 10;
const TICKET_LIFE_MS = 30_000;
const ACK_WITHIN_MS = 3_000;
const PING_EVERY_MS = 10_000;
/** How long a socket stays open after a disconnect message that the client did not follow. */
const GRACE_MS = { warning: 10_000, refresh_requested: 1_000, too_many_websockets: 0, link_disabled: 0 };
/** When this side gives up on a connection that went silent. */
const FROZEN_CLOSE_MS = 15_000;
const KEPT_ENVELOPES = 500;

export type DisconnectReason = keyof typeof GRACE_MS;

export type SocketMode = {
  /** A new ws URL, for one connection. */
  ticket(host: string): string;
  /** Slash commands and interactions: one attempt, three seconds. */
  deliver(envelope: Json): Promise<Delivery>;
  /** Events: sent again when nobody acks. Resolves with the first attempt's outcome. */
  deliverEvent(payload: Json): Promise<Delivery>;
  count(): number;
  recycle(which: "one" | "all", reason: DisconnectReason): void;
  drop(): void;
  freeze(): void;
  /** New connections get no hello, and no payload. */
  mute(on: boolean): void;
  sent(): Json[];
  close(): void;
};

type Live = { socket: WebSocket; frozen: boolean; leaving: boolean };
type Waiting = (ack: { payload: unknown }) => void;

export function createSocketMode(server: Server, appId: string, changed: () => void): SocketMode {
  const tickets = new Map<string, number>();
  const live = new Set<Live>();
  const waiting = new Map<string, Set<Waiting>>();
  const unanswered = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();
  let sent: Json[] = [];
  let closing = false;
  let muted = false;
  const acceptor = new WebSocketServer({ noServer: true, autoPong: false });
  const events = createEventQueue(attempt, () => pick() !== undefined, later);

  function later(ms: number, action: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!closing) action();
    }, ms);
    timers.add(timer);
    return timer;
  }

  function pick(): Live | undefined {
    const ready = [...live].filter((each) => !each.leaving && each.socket.readyState === each.socket.OPEN);
    return ready[Math.floor(Math.random() * ready.length)];
  }

  function attempt(envelope: Json): Promise<Delivery> {
    const began = performance.now();
    const ms = () => Math.round((performance.now() - began) * 10) / 10;
    const chosen = pick();
    if (!chosen) return Promise.resolve({ outcome: "failed", because: "no-connection", ms: ms() });
    sent = [...sent.slice(1 - KEPT_ENVELOPES), structuredClone(envelope)];
    const id = String(envelope.envelope_id);
    return new Promise((resolve) => {
      const waiters = waiting.get(id) ?? new Set<Waiting>();
      const settle = (delivery: Delivery) => {
        clearTimeout(timer);
        timers.delete(timer);
        waiters.delete(acked);
        unanswered.delete(fail);
        if (waiters.size === 0) waiting.delete(id);
        resolve(delivery);
      };
      const acked: Waiting = ({ payload }) => settle({ outcome: "acked", ms: ms(), payload });
      const fail = () => settle({ outcome: "failed", because: "timeout", ms: ms() });
      const timer = later(ACK_WITHIN_MS, fail);
      unanswered.add(fail);
      waiting.set(id, waiters.add(acked));
      if (!chosen.frozen) chosen.socket.send(JSON.stringify(envelope));
    });
  }

  function disconnect(target: Live, reason: DisconnectReason): void {
    // A warned connection still gets payloads until it closes; one that is being refreshed does not.
    target.leaving = reason !== "warning";
    send(target, { type: "disconnect", reason, debug_info: { host: "applink-sandbox" } });
    later(GRACE_MS[reason], () => target.socket.close(1000));
    later(GRACE_MS[reason] + 2_000, () => target.socket.terminate());
  }

  function accept(socket: WebSocket): void {
    const entry: Live = { socket, frozen: false, leaving: muted };
    if (live.size >= MOST_SOCKETS) {
      disconnect(entry, "too_many_websockets");
      return;
    }
    live.add(entry);
    socket.on("ping", (data) => {
      if (!entry.frozen) socket.pong(data);
    });
    socket.on("message", (data) => hear(String(data)));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      live.delete(entry);
      changed();
    });
    if (!muted) send(entry, hello(appId, live.size));
    changed();
    events.flush();
  }

  function hear(text: string): void {
    const frame = parseFrame(text);
    for (const acked of [...(waiting.get(String(frame?.envelope_id)) ?? [])])
      acked({ payload: frame?.payload ?? {} });
  }

  server.on("upgrade", (request: IncomingMessage, stream, head) => {
    const ticket = new URL(request.url ?? "/", "http://sandbox").searchParams.get("ticket") ?? "";
    const issued = tickets.get(ticket);
    tickets.delete(ticket);
    if (issued === undefined || Date.now() - issued > TICKET_LIFE_MS) {
      stream.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    acceptor.handleUpgrade(request, stream, head, accept);
  });

  const pings = setInterval(() => {
    for (const each of live)
      if (!each.frozen && each.socket.readyState === each.socket.OPEN) each.socket.ping();
  }, PING_EVERY_MS);

  return {
    ticket(host) {
      const ticket = randomUUID();
      tickets.set(ticket, Date.now());
      return `ws://${host}/link/?ticket=${ticket}&app_id=${appId}`;
    },
    deliver: (envelope) => sendRaw(envelope, attempt, pick),
    deliverEvent: (payload) => events.deliver(payload),
    count: () => live.size,
    recycle(which, reason) {
      const targets = [...live].filter((each) => !each.leaving);
      for (const target of which === "one" ? targets.slice(0, 1) : targets) disconnect(target, reason);
    },
    drop() {
      for (const each of live) each.socket.terminate();
    },
    freeze() {
      for (const each of live) {
        each.frozen = true;
        each.socket.pause();
        later(FROZEN_CLOSE_MS, () => each.socket.terminate());
      }
    },
    mute(on) {
      muted = on;
    },
    sent: () => structuredClone(sent),
    close() {
      clearInterval(pings);
      closing = true;
      for (const fail of unanswered) fail();
      for (const timer of timers) clearTimeout(timer);
      for (const { socket } of live) {
        socket.close(1001);
        setTimeout(() => socket.terminate(), 100);
      }
      acceptor.close();
    },
  };
}

/** Frames that carry no envelope id (hello, disconnect) are never acked, so they count as taken once sent. */
function sendRaw(
  envelope: Json,
  attempt: (envelope: Json) => Promise<Delivery>,
  pick: () => Live | undefined,
): Promise<Delivery> {
  if (envelope.type !== "hello" && envelope.type !== "disconnect") {
    return attempt({ envelope_id: randomUUID(), ...envelope });
  }
  const chosen = pick();
  if (!chosen) return Promise.resolve({ outcome: "failed", because: "no-connection", ms: 0 });
  send(chosen, envelope);
  return Promise.resolve({ outcome: "acked", ms: 0, payload: null });
}

function send(target: Live, frame: Json): void {
  if (!target.frozen && target.socket.readyState === target.socket.OPEN)
    target.socket.send(JSON.stringify(frame));
}

function hello(appId: string, connections: number): Json {
  return {
    type: "hello",
    num_connections: connections,
    debug_info: { host: "applink-sandbox", build_number: 1, approximate_connection_time: 18_060 },
    connection_info: { app_id: appId },
  };
}

function parseFrame(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
