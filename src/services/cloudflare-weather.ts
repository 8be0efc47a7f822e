// What the last answers of Cloudflare say of the next call: whether to send it, and whether to repeat it at once.
import { slowDown } from "./cloudflare-failure.ts";
import type { ServiceFailure } from "./failure.ts";

type Told = { remaining: number; quota: number; resetsAt: number };

/** Calls of one token in five minutes, where an answer does not say. */
const QUOTA = 1200;
const SHORT = 0.2;
/** So many failures with no answer in between: Cloudflare as a whole is in trouble. */
const FOUL = 10;

/** What the last calls say of the next. A 429 is for the whole token, so nothing is sent before its time is up; and while
 *  every call fails none is repeated at once: the queue comes back later. */
export function createWeather() {
  let failures = 0;
  let heldUntil = 0;
  let told: Told | null = null;
  return {
    heard(headers: Headers): void {
      told = toldBy(headers) ?? told;
    },
    callsLeft: (): number | null => told?.remaining ?? null,
    callsAreShort: (): boolean =>
      told !== null && performance.now() < told.resetsAt && told.remaining < SHORT * told.quota,
    refuseIfHeld(operation: string): void {
      const left = heldUntil - performance.now();
      if (left > 0) throw slowDown(operation, Math.ceil(left));
    },
    answered<T>(answer: T): T {
      failures = 0;
      return answer;
    },
    failed(failure: ServiceFailure): ServiceFailure {
      if (failure.kind !== "retry") failures = 0;
      else failures += 1;
      if (failure.status === 429 && failure.retryAfterMs !== undefined)
        heldUntil = Math.max(heldUntil, performance.now() + failure.retryAfterMs);
      return failure;
    },
    isFoul: () => failures > FOUL,
  };
}

/** `Ratelimit: "default";r=50;t=30` and `Ratelimit-Policy: "default";q=1200;w=300`.
 *  https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
function toldBy(headers: Headers): Told | null {
  const match = /\br=(\d+);\s*t=(\d+)/.exec(headers.get("ratelimit") ?? "");
  if (!match) return null;
  const quota = /\bq=(\d+)/.exec(headers.get("ratelimit-policy") ?? "");
  return {
    remaining: Number(match[1]),
    quota: Number(quota?.[1] ?? QUOTA),
    resetsAt: performance.now() + Number(match[2]) * 1000,
  };
}
