// Three ways to call Slack's Web API, so that none waits for another: while a person waits, when nobody does, and to look
// somebody up. The SDK's own retries are off in all of them; it would post twice, and pause a whole client for one 429.
import { setTimeout as wait } from "node:timers/promises";
import { webApi } from "@slack/bolt";
import type { Logger } from "pino";
import { boltLogger } from "../log.ts";
import type { ServiceFailure } from "./failure.ts";
import { type Observe, observed } from "./observing.ts";
import { toSlackFailure } from "./slack-failure.ts";
import { createPace, type PaceOptions } from "./slack-pace.ts";

export type SlackClientsOptions = {
  botToken: string;
  apiUrl?: string;
  log: Logger;
  pace?: Partial<PaceOptions>;
  /** Told of each call, repetitions included. */
  observe?: Observe;
  timeouts?: Partial<Record<"interactiveMs" | "backgroundMs" | "lookupMs", number>>;
};

export type WebClient = webApi.WebClient;

export type SlackClients = {
  /** While a person waits: 2.5 s, one attempt. */
  interactive<T>(operation: string, call: (client: WebClient) => Promise<T>): Promise<T>;
  /** A look-up: 1 s, one attempt. */
  lookup<T>(operation: string, call: (client: WebClient) => Promise<T>): Promise<T>;
  /** Nobody waits: 10 s, in turn with others of the same key. A 429 had no effect and is tried again; anything else
   *  only when doing it twice is doing it once. */
  background<T>(job: BackgroundJob, call: (client: WebClient) => Promise<T>): Promise<T>;
};

/** Calls with one `key` take turns; without a key they go at once. */
export type BackgroundJob = { operation: string; key?: string; idempotent: boolean };

const PACE: PaceOptions = { burst: 5, everyMs: 1000, longestWaitMs: 30_000 };
const ATTEMPTS = 3;
const PAUSE_MS = 300;

export function createSlackClients(options: SlackClientsOptions): SlackClients {
  const { interactiveMs = 2500, backgroundMs = 10_000, lookupMs = 1000 } = options.timeouts ?? {};
  const interactive = createClient(options, interactiveMs);
  const lookup = createClient(options, lookupMs);
  const background = createClient(options, backgroundMs);
  const pace = createPace({ ...PACE, ...options.pace });
  const longestWaitMs = options.pace?.longestWaitMs ?? PACE.longestWaitMs;

  const attempt: typeof attemptOnce = (operation, client, call) =>
    observed(options.observe, { vendor: "slack", operation }, () => attemptOnce(operation, client, call));

  return {
    interactive: (operation, call) => attempt(operation, interactive, call),
    lookup: (operation, call) => attempt(operation, lookup, call),
    async background({ operation, key, idempotent }, call) {
      for (let tries = 1; ; tries += 1) {
        if (key !== undefined) await pace.turn(key, operation);
        try {
          return await attempt(operation, background, call);
        } catch (error) {
          const waitMs = againAfter(error as ServiceFailure, idempotent, tries);
          if (waitMs === null || waitMs > longestWaitMs) throw error;
          if (key !== undefined) pace.hold(key, waitMs);
          else await wait(waitMs);
        }
      }
    },
  };
}

function createClient({ botToken, apiUrl, log }: SlackClientsOptions, timeout: number): WebClient {
  return new webApi.WebClient(botToken, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    logger: boltLogger(log),
    timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
}

async function attemptOnce<T>(
  operation: string,
  client: WebClient,
  call: (client: WebClient) => Promise<T>,
): Promise<T> {
  try {
    return await call(client);
  } catch (error) {
    throw toSlackFailure(operation, error);
  }
}

function againAfter(failure: ServiceFailure, idempotent: boolean, tries: number): number | null {
  if (failure.kind !== "retry" || tries >= ATTEMPTS) return null;
  if (failure.code === "ratelimited") return failure.retryAfterMs ?? 1000;
  return idempotent ? PAUSE_MS * 2 ** tries * (0.5 + Math.random() / 2) : null;
}
