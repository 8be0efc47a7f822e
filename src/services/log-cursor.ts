// How far the log has been read. Entries come late and come twice, so each reading begins some way back, and remembers
// which entries of that stretch were handed on.
import type { LogEntry } from "./log-entry.ts";

/** Kept by the caller, in memory: a process that starts has none. */
export type LogCursor = {
  /** Everything before this moment is done with. */
  from: string;
  /** Entries since then that were handed on: insert id and milliseconds. */
  seen: [insertId: string, at: number][];
};

/** How late an entry may come and still be read. Cloud Logging mostly takes seconds. */
const OVERLAP_MS = 90_000;
/** Without a cursor: enough to know what a connector was doing. */
const FIRST_LOOK_MS = 15 * 60_000;
/** Older lines say nothing of now, however long the bot was away. */
const OLDEST_MS = 24 * 60 * 60_000;

export function startingCursor(cursor: LogCursor | null, now: Date): LogCursor {
  const oldest = now.getTime() - (cursor ? OLDEST_MS : FIRST_LOOK_MS);
  const from = Math.max(oldest, cursor ? Date.parse(cursor.from) : 0);
  return { from: new Date(from).toISOString(), seen: cursor?.seen ?? [] };
}

/** Of these entries, those not handed on before, in order of time, and the cursor after them. */
export function admit(cursor: LogCursor, entries: LogEntry[]): { fresh: LogEntry[]; cursor: LogCursor } {
  const from = Date.parse(cursor.from);
  const known = new Set(cursor.seen.map(([insertId, at]) => keyOf({ insertId, at })));
  const fresh: LogEntry[] = [];
  for (const entry of entries) {
    if (entry.at < from || known.has(keyOf(entry))) continue;
    known.add(keyOf(entry));
    fresh.push(entry);
  }
  fresh.sort((a, b) => a.at - b.at);
  const seen: LogCursor["seen"] = [
    ...cursor.seen,
    ...fresh.map(({ insertId, at }): [string, number] => [insertId, at]),
  ];
  return { fresh, cursor: { ...cursor, seen } };
}

/** After a reading that came to the end. How far it goes follows from the entries and not from our clock, which may be
 *  ahead of Google's; an entry from the future moves it no further than that clock. It never goes back. */
export function settled(cursor: LogCursor, now: Date): LogCursor {
  const newest = Math.max(...cursor.seen.map(([, at]) => Math.min(at, now.getTime())), 0);
  return movedTo(cursor, newest - OVERLAP_MS);
}

/** After a reading that stopped at this moment because there was more. */
export function movedTo(cursor: LogCursor, moment: number): LogCursor {
  const from = Math.max(Date.parse(cursor.from), moment);
  return { from: new Date(from).toISOString(), seen: cursor.seen.filter(([, at]) => at >= from) };
}

function keyOf({ insertId, at }: { insertId: string; at: number }): string {
  return `${at} ${insertId}`;
}
