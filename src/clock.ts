// What time it is for the bot: the machine's, or in the sandbox the sandbox's, which people can move forward.
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

/** Follows a stream of JSON lines `{"offsetMs": …}`. Resolves with the first. */
async function sandboxClock(url: string, log: Logger): Promise<Clock> {
  const ended = new AbortController();
  const listeners = new Set<() => void>();
  let offsetMs = 0;
  const lines = streamLines(url, ended.signal);
  const first = await lines.next();
  if (!first.done) offsetMs = readOffset(first.value);

  async function follow(): Promise<void> {
    for await (const line of lines) {
      offsetMs = readOffset(line);
      for (const listener of listeners) listener();
    }
  }
  follow().catch((err: unknown) => {
    if (!ended.signal.aborted) log.warn({ err }, "the sandbox's clock cannot be followed any more");
  });
  return {
    now: () => new Date(Date.now() + offsetMs),
    onMove: (listener) => listeners.add(listener),
    close: () => ended.abort(),
  };
}

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
