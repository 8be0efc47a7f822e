// PGlite does not lock its folder, and two processes on one folder lose rows: so this lock, taken before it is opened. Its
// holder shows life, since in another container, or on another machine with the same volume, its process id says nothing.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { holderIn, newLock, standingOf } from "./lock-holder.ts";
import { showLife, showsLife } from "./lock-socket.ts";
import { StoreUnusable } from "./unusable.ts";

export class FolderInUse extends Error {
  constructor(folder: string, who: string) {
    super(
      `The data folder ${folder} is in use by ${who}. The embedded store allows one process: stop the other one, ` +
        "or set DATABASE_URL to a Postgres database to run more than one.",
    );
    this.name = "FolderInUse";
  }
}

/** How often a holder renews its lock, and for how long one that does not is waited for. */
export type LockTimes = { renewMs: number; patienceMs: number };

const TIMES: LockTimes = { renewMs: 3_000, patienceMs: 15_000 };
/** Two renewals: for who only asks, and does not take it. */
const ASKING_MS = 6_000;
const LOOK_AGAIN_MS = 250;
/** Looking at the lock and taking it lasts less than a millisecond: after this long, whoever had the turn is dead. */
const TURN_ABANDONED_MS = 5_000;

/** Takes the lock, or throws FolderInUse. A lock whose process is gone is taken over. Returns what gives it back. */
export async function lockFolder(folder: string, times = TIMES): Promise<() => void> {
  mkdirSync(folder, { recursive: true });
  const file = lockIn(folder);
  const lock = newLock();
  for (;;) {
    const seen = look(file);
    const holder = await holderOf(folder, seen, times.patienceMs);
    if (holder) throw new FolderInUse(folder, holder);
    if (await take(file, seen, lock)) return hold(folder, lock, times.renewMs);
  }
}

/** Without taking it: whether a living process has it. */
export async function isFolderInUse(folder: string): Promise<boolean> {
  return (await holderOf(folder, look(lockIn(folder)), ASKING_MS)) !== null;
}

/** Throws where this process may not write in the folder. */
export async function writeInFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await inTurn(lockIn(folder), () => undefined);
}

type Seen = { lock: string; renewedAt: number };

/** In words; null when nobody does, or this lock has changed meanwhile. */
async function holderOf(folder: string, seen: Seen, patienceMs: number): Promise<string | null> {
  const holder = holderIn(seen.lock);
  const standing = standingOf(holder);
  if (standing === "running") return `process ${holder.pid}`;
  const away = "a process in another container or on another machine";
  // Asked without a lock as well: an older version may have taken that of a living process away.
  if (await showsLife(folder)) return standing === "elsewhere" ? away : "another process";
  return standing === "elsewhere" && (await isRenewed(folder, seen, patienceMs)) ? away : null;
}

/** Looks are counted, not time: whoever stood still meanwhile, with the other one or without, goes on waiting for it. And
 *  looks are compared with one another, since the clocks of two machines differ. */
async function isRenewed(folder: string, seen: Seen, patienceMs: number): Promise<boolean> {
  for (let left = patienceMs; left > 0; left -= LOOK_AGAIN_MS) {
    await setTimeout(LOOK_AGAIN_MS);
    const now = look(lockIn(folder));
    if (!isSame(now, seen)) return now.lock === seen.lock;
  }
  return false;
}

/** False when it is not as it was seen any more. */
async function take(file: string, seen: Seen, lock: string): Promise<boolean> {
  return await inTurn(file, (turn) => {
    if (!isSame(look(file), seen)) return false;
    // Renamed, so that nobody reads the half of it.
    writeFileSync(join(turn, "lock"), lock);
    renameSync(join(turn, "lock"), file);
    return true;
  });
}

function hold(folder: string, lock: string, renewMs: number): () => void {
  const file = lockIn(folder);
  const life = showLife(folder);
  const renewing = setInterval(() => {
    if (renew(file, lock)) return;
    clearInterval(renewing);
    // Caught by nobody, which ends the process at once: a store that is closed in good order writes.
    throw new StoreUnusable(
      `Another process took the data folder ${folder} over, or its lock was deleted, while this one stood still. ` +
        "It ends, so as not to write over the other's rows. Start it again, and one process only.",
    );
  }, renewMs).unref();
  return () => {
    clearInterval(renewing);
    if (look(file).lock !== lock) return;
    life.close();
    rmSync(file, { force: true });
  };
}

/** False when it is ours no longer. */
function renew(file: string, lock: string): boolean {
  try {
    if (look(file).lock !== lock) return false;
    utimesSync(file, new Date(), new Date());
  } catch {
    // A disk that refuses just now: others cannot take what it does not show, and it is asked again.
  }
  return true;
}

/** One at a time looks and takes: of two who see a dead process's lock, the slower would take away the quicker one's. */
async function inTurn<T>(file: string, act: (turn: string) => T): Promise<T> {
  const turn = `${file}.turn`;
  await takeTurn(turn);
  try {
    return act(turn);
  } finally {
    rmSync(turn, { recursive: true, force: true });
  }
}

async function takeTurn(turn: string): Promise<void> {
  for (;;) {
    try {
      mkdirSync(turn);
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      if (isAbandoned(turn)) rmSync(turn, { recursive: true, force: true });
      else await setTimeout(10);
    }
  }
}

function isAbandoned(turn: string): boolean {
  const made = statSync(turn, { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs > TURN_ABANDONED_MS;
}

function lockIn(folder: string): string {
  return join(folder, "drawbridge.lock");
}

function look(file: string): Seen {
  try {
    return { lock: readFileSync(file, "utf8"), renewedAt: statSync(file).mtimeMs };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { lock: "", renewedAt: 0 };
    throw error;
  }
}

function isSame(one: Seen, other: Seen): boolean {
  return one.lock === other.lock && one.renewedAt === other.renewedAt;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
