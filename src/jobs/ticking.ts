// The bot's heartbeat: looks twice a second for what is due, sweeps every minute, and at once when time was moved.
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { isAway } from "../store/away.ts";
import type { JobName } from "./queue.ts";
import { warnSeldom } from "./seldom.ts";

type Tools = {
  wake: (job: JobName, key: string) => Promise<void>;
  dueTunnels: () => Promise<string[]>;
  /** The last moment within so many milliseconds at which something comes due; null where nothing does. */
  lastDueWithin: (ms: number) => Promise<Date | null>;
  /** Has the look at what is due begin now. */
  lookNow: () => Promise<void>;
  /** What a sweep looks over, each by its own job. */
  sweepKeys: () => Promise<string[]>;
  clock: Clock;
  sweepMs: number;
  /** How often the tunnels are looked at. */
  lookMs: number;
  log: Logger;
};

const TICK_MS = 500;

export type Ticking = {
  /** Since a look for what is due last came to an end, well or not. */
  silentMs(): number;
  stop(): void;
};

export function startTicking(tools: Tools): Ticking {
  let busy = false;
  let stopped = false;
  let lastEnd = performance.now();
  let early: NodeJS.Timeout | undefined;
  const warn = warnSeldom(tools.log);

  async function sweep(): Promise<void> {
    await tools.lookNow();
    for (const key of await tools.sweepKeys()) await tools.wake("sweep", key);
  }

  async function tick(): Promise<void> {
    for (const tunnelId of await tools.dueTunnels()) await tools.wake("converge", tunnelId);
    // A wait ends when it is over and not at the next tick. What ends close together is served by one pass.
    const last = await tools.lastDueWithin(TICK_MS);
    clearTimeout(early);
    const leftMs = last ? last.getTime() - tools.clock.now().getTime() : TICK_MS;
    if (leftMs < TICK_MS && !stopped) early = setTimeout(() => void guardedTick(), Math.max(leftMs, 1));
  }

  async function look(): Promise<void> {
    await tools.wake("watch", "tunnels");
  }

  async function run(what: () => Promise<void>): Promise<void> {
    await what().catch((err: unknown) => {
      if (isAway(err)) warn(err, "the store did not answer; trying again");
      // What a stop cuts off is no fault.
      else if (!stopped) tools.log.error({ err }, "a look failed");
    });
  }

  async function guardedTick(): Promise<void> {
    if (busy) return;
    busy = true;
    await run(tick);
    busy = false;
    lastEnd = performance.now();
  }

  const timers = [
    setInterval(() => void guardedTick(), TICK_MS),
    setInterval(() => void run(sweep), tools.sweepMs),
    setInterval(() => void run(look), tools.lookMs),
  ];
  tools.clock.onMove(() => void run(sweep));
  void run(sweep);
  return {
    silentMs: () => performance.now() - lastEnd,
    stop() {
      stopped = true;
      clearTimeout(early);
      timers.forEach(clearInterval);
    },
  };
}
