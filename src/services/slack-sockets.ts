// Keeps a number of Socket Mode connections up: each line opens one, waits for its end and opens the next, a new one
// before the old is let go when Slack asks. Ends for good when Slack refuses the token.
import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import { ServiceFailure } from "./failure.ts";
import { isTokenFailure, toSlackFailure } from "./slack-failure.ts";
import type { SlackSocket, SocketEnd } from "./slack-receiver.ts";

export type Backoff = { firstMs: number; mostMs: number };

export type SocketsOptions = {
  /** Opens one connection and resolves once it is usable. */
  open: () => Promise<SlackSocket>;
  connections: number;
  staggerMs: number;
  backoff: Backoff;
  /** How long a replaced connection is left for Slack to close. */
  lingerMs: number;
  log: Logger;
  onFatal: (failure: ServiceFailure) => void;
  /** Default: the machine's timers. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
};

export type Sockets = {
  /** Resolves with the first connection, rejects when the token is refused before that. */
  start(): Promise<void>;
  live(): number;
  counts(): { opened: number; replaced: number; failed: number };
  /** No new connections, and the end of those that are up once their answers under way have gone out. */
  close(): Promise<void>;
};

/** A connection that lived shorter than this did not prove that the trouble is over. */
const STEADY_MS = 10_000;
const SWAP_PAUSE_MS = 100;
const SHORT_LINGER_MS = 3000;

type Outgoing = { socket: SlackSocket; lingerMs: number };

/** What the lines of one pool share. */
type Pool = SocketsOptions & {
  held: AbortController;
  up: Set<SlackSocket>;
  counts: { opened: number; replaced: number; failed: number };
  first: PromiseWithResolvers<void>;
};

export function createSockets(options: SocketsOptions): Sockets {
  const counts = { opened: 0, replaced: 0, failed: 0 };
  const first = Promise.withResolvers<void>();
  const pool: Pool = { ...options, held: new AbortController(), up: new Set(), counts, first };
  first.promise.catch(() => undefined);
  return {
    start() {
      const lines = Array.from({ length: options.connections }, (_, index) => keepLine(pool, index));
      for (const line of lines)
        line.catch((err) => options.log.error({ err }, "Slack connection loop failed"));
      return first.promise;
    },
    live: () => [...pool.up].filter((socket) => socket.isLive()).length,
    counts: () => ({ ...counts }),
    async close() {
      pool.held.abort();
      first.reject(new Error("the Slack connection was stopped before it was up"));
      await Promise.all([...pool.up].map((socket) => socket.retire()));
      pool.up.clear();
    },
  };
}

async function keepLine(pool: Pool, index: number): Promise<void> {
  const { log, backoff, held } = pool;
  await sleep(pool, index * pool.staggerMs);
  let failures = 0;
  let outgoing: Outgoing | null = null;
  let hurry = new AbortController();
  while (!held.signal.aborted) {
    const socket = await attempt(pool);
    if (socket instanceof ServiceFailure) {
      await sleep(pool, Math.max(delayAfter(failures, backoff), socket.retryAfterMs ?? 0));
      failures += 1;
      continue;
    }
    if (outgoing) {
      // One socket at a time lingers in each line: Slack counts them all.
      hurry.abort();
      hurry = new AbortController();
      void letGo(pool, outgoing.socket, outgoing.lingerMs, hurry.signal);
    }
    const began = performance.now();
    const end = await socket.ended;
    const livedMs = Math.round(performance.now() - began);
    if (held.signal.aborted) return;
    log.info({ ...end, livedMs }, "Slack connection ends");
    outgoing = keepsServing(end) ? { socket, lingerMs: lingerFor(end, pool) } : null;
    if (outgoing) pool.counts.replaced += 1;
    else void letGo(pool, socket);
    failures = outgoing || livedMs > STEADY_MS ? 0 : failures + 1;
    if (!outgoing || livedMs < SWAP_PAUSE_MS) await sleep(pool, delayAfter(failures, backoff));
  }
}

async function attempt(pool: Pool): Promise<SlackSocket | ServiceFailure> {
  try {
    const socket = await pool.open();
    if (pool.held.signal.aborted) void socket.close();
    else pool.up.add(socket);
    pool.counts.opened += 1;
    pool.first.resolve();
    return socket;
  } catch (error) {
    const failure = toSlackFailure("apps.connections.open", error);
    pool.counts.failed += 1;
    pool.log.warn({ err: failure }, "could not open a Slack connection");
    if (isTokenFailure(failure)) giveUp(pool, failure);
    return failure;
  }
}

/** Told once: to whoever waits for the start, or else to `onFatal`. */
function giveUp(pool: Pool, failure: ServiceFailure): void {
  if (pool.held.signal.aborted) return;
  pool.held.abort();
  pool.first.reject(failure);
  if (pool.counts.opened > 0) pool.onFatal(failure);
}

async function letGo(pool: Pool, socket: SlackSocket, lingerMs = 0, hurry?: AbortSignal): Promise<void> {
  await socket.retire(lingerMs, hurry);
  pool.up.delete(socket);
}

async function sleep({ sleep: given, held }: Pool, ms: number): Promise<void> {
  await (given ?? sleepFor)(ms, held.signal);
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}

/** Slack recycles connections every few hours and tells before. Told that there are too many, or that Socket Mode was
 *  switched off, opening one more beside it would make things worse. */
function keepsServing({ asked, reason }: SocketEnd): boolean {
  return asked && reason !== "too_many_websockets" && reason !== "link_disabled";
}

/** A warning comes about 10 s ahead, and until then the connection gets payloads like any other. */
function lingerFor({ reason }: SocketEnd, { lingerMs }: Pool): number {
  return reason === "warning" ? lingerMs : Math.min(lingerMs, SHORT_LINGER_MS);
}

/** Doubles with each failure up to the cap; the jitter keeps replicas from coming back all at once. */
export function delayAfter(failures: number, { firstMs, mostMs }: Backoff, random = Math.random): number {
  return Math.min(mostMs, firstMs * 2 ** failures) * (0.5 + random() / 2);
}
