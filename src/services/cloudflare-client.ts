// The Cloudflare SDK as we use it: no retries of its own, whole envelopes checked, faults as ServiceFailure, and lists
// that are complete or fail. Every call of the service files goes through here.
import { setTimeout as wait } from "node:timers/promises";
import Cloudflare from "cloudflare";
import { type Envelope, type Item, readEnvelope, readPages } from "./cloudflare-answer.ts";
import { toServiceFailure } from "./cloudflare-failure.ts";
import { createWeather } from "./cloudflare-weather.ts";
import type { ServiceFailure } from "./failure.ts";
import { type Observe, observed } from "./observing.ts";

export type CallOptions = { timeout: number; maxRetries: 0; signal: AbortSignal };

/** `retries` is for reads only: a write whose answer is lost may have happened. `empty` lets an answer hold no result. */
export type CallPolicy = { retries?: number; timeoutMs?: number; empty?: boolean };

/** What the SDK returns; its raw answer is read, because its parsed one takes `success: false` and a page of HTML for
 *  an empty list. */
type Pending<T> = PromiseLike<T> & { asResponse(): Promise<Response> };

export type CloudflareClient = {
  api: Cloudflare;
  call<T>(operation: string, fn: (options: CallOptions) => Pending<T>, policy?: CallPolicy): Promise<T>;
  /** Every item of a paged list. Fails unless all that the server counts arrived. */
  list(
    operation: string,
    perPage: number,
    fn: (page: Page, options: CallOptions) => Pending<unknown>,
  ): Promise<Item[]>;
  /** How many of the token's calls are left, as last told; null before the first answer that says so. */
  callsLeft(): number | null;
  /** Whether less than a fifth of them is left until the count starts over. */
  callsAreShort(): boolean;
};

export type Page = { page: number; per_page: number };

export const READ: CallPolicy = { retries: 2 };

// The SDK would send today's date, so that a change of the API could reach a running bot overnight.
const API_VERSION = "2026-10-02";
const PATIENCE_MS = 3_000;

type ClientOptions = {
  apiToken: string;
  baseURL?: string;
  timeoutMs?: number;
  /** Before the first repetition of a read; doubled before each further one. */
  pauseMs?: number;
  /** Ends waits and calls when the process shuts down. */
  signal?: AbortSignal;
  /** Told of each call, repetitions included. */
  observe?: Observe;
};

export function createCloudflareClient(options: ClientOptions): CloudflareClient {
  const api = createSdk(options);
  const weather = createWeather();

  async function patiently(
    operation: string,
    fn: (options: CallOptions) => Pending<unknown>,
    policy: CallPolicy,
  ): Promise<Envelope> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await observed(options.observe, { vendor: "cloudflare", operation }, () =>
          once(options, weather, operation, fn, policy),
        );
      } catch (error) {
        const failure = toServiceFailure(operation, error);
        const pause = pauseBefore(failure, (options.pauseMs ?? 150) * 2 ** attempt);
        const most = weather.isFoul() ? 0 : (policy.retries ?? 0);
        if (attempt >= most || pause === null || options.signal?.aborted) throw failure;
        await wait(pause, undefined, { signal: options.signal }).catch(() => undefined);
      }
    }
  }

  return {
    api,
    call: async <T>(operation: string, fn: (options: CallOptions) => Pending<T>, policy: CallPolicy = {}) =>
      (await patiently(operation, fn, policy)).result as T,
    list: (operation, perPage, fn) =>
      readPages(operation, perPage, (page) =>
        patiently(operation, (each) => fn({ page, per_page: perPage }, each), READ),
      ),
    callsLeft: weather.callsLeft,
    callsAreShort: weather.callsAreShort,
  };
}

async function once(
  options: ClientOptions,
  weather: ReturnType<typeof createWeather>,
  operation: string,
  fn: (options: CallOptions) => Pending<unknown>,
  policy: CallPolicy,
): Promise<Envelope> {
  weather.refuseIfHeld(operation);
  const timeout = policy.timeoutMs ?? options.timeoutMs ?? 10_000;
  // The SDK's own time limit ends with the headers; ours covers the body too.
  const limit = limitedSignal(timeout, options.signal);
  try {
    const response = await fn({ timeout, maxRetries: 0, signal: limit.signal }).asResponse();
    weather.heard(response.headers);
    return weather.answered(readEnvelope(operation, await response.text(), policy.empty ?? false));
  } catch (error) {
    throw weather.failed(toServiceFailure(operation, error));
  } finally {
    limit.done();
  }
}

function createSdk(options: { apiToken: string; baseURL?: string; timeoutMs?: number }): Cloudflare {
  return new Cloudflare({
    apiToken: options.apiToken,
    // Left out, the SDK would take these from the environment and send them beside the token.
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: options.baseURL ?? "https://api.cloudflare.com/client/v4",
    apiVersion: API_VERSION,
    maxRetries: 0,
    timeout: options.timeoutMs ?? 10_000,
    logLevel: "warn",
  });
}

/** Null where waiting here is not worth it. */
function pauseBefore(failure: ServiceFailure, usual: number): number | null {
  if (failure.kind !== "retry") return null;
  if (failure.retryAfterMs !== undefined)
    return failure.retryAfterMs <= PATIENCE_MS ? failure.retryAfterMs : null;
  return usual * (0.5 + Math.random());
}

function limitedSignal(
  timeoutMs: number,
  outer: AbortSignal | undefined,
): { signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    },
  };
}
