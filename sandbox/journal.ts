// Every request that an emulator received, in order, so that tests and people can read what the bot really sent.
import type { Journal, JournalEntry } from "./contract.ts";

/** Keeps the last `limit` entries. */
export function createJournal(limit = 50_000): Journal {
  let entries: JournalEntry[] = [];
  const listeners = new Set<(entry: JournalEntry) => void>();
  return {
    write(entry) {
      entries.push(entry);
      if (entries.length > limit) entries = entries.slice(-Math.floor(limit / 2));
      for (const listener of listeners) listener(entry);
    },
    entries: () => [...entries],
    clear() {
      entries = [];
    },
    onWrite(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
