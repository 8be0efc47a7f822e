// How fast we may post: Slack takes about one message per second and channel, in short bursts a little more. Waiting our
// turn is cheaper than a 429. https://docs.slack.dev/apis/web-api/rate-limits#posting-messages
import { setTimeout as wait } from "node:timers/promises";
import { tooMany } from "./slack-failure.ts";

export type PaceOptions = {
  /** So many at once after a quiet while. */
  burst: number;
  everyMs: number;
  /** Rather than wait longer than this, the caller is told to come back. */
  longestWaitMs: number;
  /** Default: the machine's. */
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
};

export type Pace = {
  /** Resolves when it is this key's turn; throws a `retry` failure when that is too far off. */
  turn(key: string, operation: string): Promise<void>;
  /** Nothing for this key before so many milliseconds are over: Slack said so. */
  hold(key: string, ms: number): void;
};

const KEYS_KEPT = 1000;

export function createPace(options: PaceOptions): Pace {
  const { burst, everyMs, longestWaitMs, now = () => performance.now(), sleep = (ms) => wait(ms) } = options;
  // For each key the moment at which its whole burst is free again; a turn pushes it one step into the future.
  const freeAt = new Map<string, number>();
  const slackMs = (burst - 1) * everyMs;

  function prune(): void {
    if (freeAt.size < KEYS_KEPT) return;
    for (const [key, at] of freeAt) if (at <= now()) freeAt.delete(key);
  }

  return {
    async turn(key, operation) {
      prune();
      const free = Math.max(freeAt.get(key) ?? 0, now());
      const waitMs = Math.max(0, free - slackMs - now());
      if (waitMs > longestWaitMs) throw tooMany(operation, waitMs);
      freeAt.set(key, free + everyMs);
      if (waitMs > 0) await sleep(waitMs);
    },
    hold(key, ms) {
      freeAt.set(key, Math.max(freeAt.get(key) ?? 0, now() + ms + slackMs));
    },
  };
}
