// What time it is for the bot: the machine's, or in the sandbox the sandbox's, which people can move forward.
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";

export type Clock = {
  now(): Date;
  /** Called when the sandbox's time was moved. */
  onMove(listener: () => void): void;
  close(): void;
};

/** The machine's, unless an address of the sandbox's is given. */
export async function openClock(url: string | undefined, log: Logger): Promise<Clock> {
  return url ? await sandboxClock(url, log) : machineClock();
}

export function machineClock(): Clock {
  return { now: () => new Date(), onMove: () => undefined, close: () => undefined };
}

/** Follows a stream of JSON lines `{"offsetMs": …}`. Resolves with the first. One that breaks off is taken up again: `fetch`
 *  gives up a stream on which nothing came for five minutes, and time is moved less often. */
async function sandboxClock(url: string, log: Logger): Promise<Clock> {
  const ended = new AbortController();
  const listeners = new Set<() => void>();
  const opened = streamLines(url, ended.signal);
  const first = await opened.next();
  let offsetMs = first.done ? 0 : readOffset(first.value);

  function move(toMs: number): void {
    if (toMs === offsetMs) return;
    offsetMs = toMs;
    for (const listener of listeners) listener();
  }

  async function toItsEnd(lines: AsyncGenerator<string>): Promise<void> {
    for await (const line of lines) move(readOffset(line));
  }

  async function follow(): Promise<void> {
    for (let lines = opened; !ended.signal.aborted; lines = streamLines(url, ended.signal)) {
      await toItsEnd(lines).catch((err: unknown) => {
        if (!ended.signal.aborted) log.debug({ err }, "the sandbox's clock broke off");
      });
      await pause(AGAIN_MS, undefined, { ref: false });
    }
  }
  void follow();
  return {
    now: () => new Date(Date.now() + offsetMs),
    onMove: (listener) => listeners.add(listener),
    close: () => ended.abort(),
  };
}

const AGAIN_MS = 500;

async function* streamLines(url: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await fetch(url, { signal });
  let rest = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line.trim() !== "");
  }
}

function readOffset(line: string): number {
  const { offsetMs } = JSON.parse(line) as { offsetMs?: unknown };
  return typeof offsetMs === "number" && Number.isFinite(offsetMs) ? offsetMs : 0;
}
