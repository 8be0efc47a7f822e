// The Slack connection is ours: two sockets or so on one Bolt app, each replaced before Slack takes it away, with our own
// back-off, an end when a token is refused, and a shutdown that waits for handlers but not for ever.
import { setTimeout as wait } from "node:timers/promises";
import { App, type Receiver } from "@slack/bolt";
import type { Logger } from "pino";
import { boltLogger } from "../log.ts";
import { type AckStats, createAckWatchdog } from "./ack-watchdog.ts";
import { isTokenFailure, toSlackFailure } from "./slack-failure.ts";
import { openSocket } from "./slack-receiver.ts";
import { type Backoff, createSockets, delayAfter } from "./slack-sockets.ts";

export type SlackAppOptions = {
  botToken: string;
  appToken: string;
  /** Default: Slack's own. */
  apiUrl?: string;
  /** Sockets held by this process. Slack allows an app 10 in all, and a swap takes one more for a moment. Default 2. */
  connections?: number;
  log: Logger;
  now?: () => Date;
  /** Called once when Slack refuses the app token for good after the start: say so, stop and leave. */
  onFatal: (reason: string) => void;
  /** Told how many milliseconds each answer to Slack took. */
  onAck?: (ms: number) => void;
  limits?: Partial<ConnectionLimits>;
};

export type ConnectionLimits = {
  helloMs: number;
  pongMs: number;
  ackMs: number;
  staggerMs: number;
  drainMs: number;
  lingerMs: number;
  backoff: Backoff;
};

/** `ok`: a socket was live within the last minute. Not "an event was seen": a quiet workspace sends none for hours. */
export type SlackHealth = { ok: boolean; liveSockets: number; lastLiveAt: Date | null };

export type SlackStats = {
  acks: AckStats;
  inFlight: number;
  opened: number;
  replaced: number;
  failed: number;
};

export type SlackApp = {
  /** Register listeners before `start`. */
  app: App;
  /** Checks the bot token and resolves when the first socket is up. Waits out a Slack that cannot be reached; throws a
   *  ServiceFailure that says what to do when a token is refused. */
  start(): Promise<void>;
  /** Closes every socket as soon as what came over it is acked, so that what comes next goes to the bot that takes over;
   *  then waits for the handlers at work. 8 s at most, and a second for a socket that does not close. */
  stop(): Promise<void>;
  health(): SlackHealth;
  stats(): SlackStats;
};

const LIMITS: ConnectionLimits = {
  helloMs: 10_000,
  pongMs: 5_000,
  ackMs: 2_500,
  staggerMs: 500,
  // Cloud Run kills 10 s after SIGTERM; closing the sockets needs one of them.
  drainMs: 8_000,
  lingerMs: 15_000,
  backoff: { firstMs: 100, mostMs: 15_000 },
};

/** @example const slack = createSlackApp({ botToken, appToken, log, onFatal: (reason) => leave(reason) }); */
export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { log, connections = 2, now = () => new Date() } = options;
  const limits = { ...LIMITS, ...options.limits };
  const app = createBoltApp(options);
  const work = countWork();
  const watchdog = createAckWatchdog({ log, withinMs: limits.ackMs, onAck: options.onAck });
  const sockets = createSockets({
    open: () => openSocket({ ...options, ...limits, app, watchdog, onWork: work.begin }),
    connections,
    staggerMs: limits.staggerMs,
    backoff: limits.backoff,
    lingerMs: limits.lingerMs,
    log,
    onFatal: (failure) => options.onFatal(failure.message),
  });
  const liveness = createLiveness(sockets.live, now);
  const stopping = new AbortController();

  return {
    app,
    async start() {
      liveness.begin();
      await initialize(app, limits.backoff, log, stopping.signal);
      await sockets.start();
      log.info({ connections }, "connected to Slack");
    },
    async stop() {
      const until = performance.now() + limits.drainMs;
      stopping.abort();
      await sockets.close();
      await drain(work.count, until, log);
      liveness.end();
    },
    health: liveness.health,
    stats: () => ({ acks: watchdog.stats(), inFlight: work.count(), ...sockets.counts() }),
  };
}

// The app never starts or stops anything: its sockets are ours.
const NO_RECEIVER: Receiver = {
  init: () => undefined,
  start: async () => undefined,
  stop: async () => undefined,
};

function createBoltApp({ botToken, apiUrl, log }: SlackAppOptions): App {
  const logger = boltLogger(log);
  const app = new App({
    token: botToken,
    receiver: NO_RECEIVER,
    // Otherwise the constructor calls auth.test and its failure is an unhandled rejection.
    deferInitialization: true,
    convoStore: false,
    logger,
    clientOptions: {
      ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
      logger,
      timeout: 2_500,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    },
  });
  app.error(async (error) => log.error({ err: error }, "listener failed"));
  return app;
}

function countWork() {
  let running = 0;
  return {
    begin(ended: Promise<unknown>): void {
      running += 1;
      const end = () => {
        running -= 1;
      };
      ended.then(end, end);
    },
    count: () => running,
  };
}

async function initialize(app: App, backoff: Backoff, log: Logger, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      return await app.init();
    } catch (error) {
      const failure = toSlackFailure("auth.test", error);
      if (isTokenFailure(failure)) throw failure;
      log.warn({ err: failure }, "could not check the bot token yet");
      const delayMs = Math.max(delayAfter(failures, backoff), failure.retryAfterMs ?? 0);
      await wait(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
  throw new Error("the Slack connection was stopped before it was up");
}

async function drain(inFlight: () => number, until: number, log: Logger): Promise<void> {
  while (inFlight() > 0 && performance.now() < until) await wait(20);
  if (inFlight() > 0) log.warn({ inFlight: inFlight() }, "handlers still at work at shutdown");
}

const LIVE_WITHIN_MS = 60_000;
const SAMPLE_EVERY_MS = 1000;

/** Measured by the machine's steady clock: `now` may be moved, it only dates the answer. */
function createLiveness(live: () => number, now: () => Date) {
  let seen: number | null = null;
  let lastLiveAt: Date | null = null;
  let timer: NodeJS.Timeout | undefined;

  function look(): number {
    const count = live();
    if (count > 0) {
      seen = performance.now();
      lastLiveAt = now();
    }
    return count;
  }

  return {
    begin() {
      // A start has as long as a reconnection.
      seen = performance.now();
      timer = setInterval(look, SAMPLE_EVERY_MS);
      timer.unref();
    },
    end: () => clearInterval(timer),
    health(): SlackHealth {
      const liveSockets = look();
      return { ok: seen !== null && performance.now() - seen <= LIVE_WITHIN_MS, liveSockets, lastLiveAt };
    },
  };
}
