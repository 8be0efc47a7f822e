// Slack's rate limits per method, counted in a sliding window of real time.
// https://docs.slack.dev/apis/web-api/rate-limits
export type Tier = "T1" | "T2" | "T3" | "T4" | "special";

const WINDOW_MS = 60_000;
const PER_WINDOW: Record<Tier, number> = {
  T1: 1,
  T2: 20,
  T3: 50,
  T4: 100,
  special: Number.POSITIVE_INFINITY,
};
/** One message per second and channel, with a burst. */
const SPECIAL = { perMs: 1_000, burst: 30 };

export type RateLimits = {
  /** Counts a call; answers with how long to wait in ms, 0 if it may go ahead. */
  take(method: string, tier: Tier, special?: string): number;
};

export function createRateLimits(now: () => number): RateLimits {
  const calls = new Map<string, number[]>();
  const buckets = new Map<string, { tokens: number; at: number }>();

  function takeFromWindow(key: string, most: number): number {
    const recent = (calls.get(key) ?? []).filter((at) => now() - at < WINDOW_MS);
    calls.set(key, recent);
    if (recent.length >= most) return WINDOW_MS - (now() - (recent[0] ?? now()));
    recent.push(now());
    return 0;
  }

  function takeFromBucket(key: string): number {
    const bucket = buckets.get(key) ?? { tokens: SPECIAL.burst, at: now() };
    const tokens = Math.min(SPECIAL.burst, bucket.tokens + (now() - bucket.at) / SPECIAL.perMs);
    buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now() });
    return tokens >= 1 ? 0 : (1 - tokens) * SPECIAL.perMs;
  }

  return {
    take(method, tier, special) {
      if (special !== undefined) return takeFromBucket(`${method} ${special}`);
      return Number.isFinite(PER_WINDOW[tier]) ? takeFromWindow(method, PER_WINDOW[tier]) : 0;
    },
  };
}
