// The sandbox's clock: the machine's, plus how far people moved it forward.
import type { SandboxClock } from "./contract.ts";

export function createClock(): SandboxClock {
  let offset = 0;
  const listeners = new Set<(offsetMs: number) => void>();
  return {
    now: () => new Date(Date.now() + offset),
    offsetMs: () => offset,
    forward(ms) {
      offset += ms;
      for (const listener of listeners) listener(offset);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
