// Keeps the page's state live: every event of the control address means "ask again", at most a few times a second.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { loadState } from "./api.ts";
import type { PageState } from "./state.ts";

const AT_MOST_EVERY_MS = 120;

export type Live = { state: PageState | null; online: boolean; refresh(): Promise<void> };

export function useLive(as: string | null): Live {
  const [state, setState] = useState<PageState | null>(null);
  const [online, setOnline] = useState(true);
  const asked = useRef(0);
  const person = useRef(as);
  person.current = as;

  const refresh = useCallback(async () => {
    const turn = ++asked.current;
    const next = await loadState(person.current);
    if (turn === asked.current) setState(next);
  }, []);

  useEffect(() => {
    refresh().catch(() => setOnline(false));
  }, [as, refresh]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const source = new EventSource("/events");
    source.onmessage = () => {
      setOnline(true);
      timer ??= setTimeout(() => {
        timer = null;
        refresh().catch(() => setOnline(false));
      }, AT_MOST_EVERY_MS);
    };
    source.onerror = () => setOnline(false);
    return () => {
      source.close();
      if (timer) clearTimeout(timer);
    };
  }, [refresh]);

  return { state, online, refresh };
}

/** Re-renders every few seconds, so that a clock on the page goes on. */
export function useTicks(everyMs: number): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
