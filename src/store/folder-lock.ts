// PGlite does not lock its folder, and two processes on one folder lose rows: so this lock, taken before it is opened.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export class FolderInUse extends Error {
  constructor(folder: string, pid: string) {
    super(
      `The data folder ${folder} is in use by process ${pid}. The embedded store allows one process: stop the other one, ` +
        "or set DATABASE_URL to a Postgres database to run more than one.",
    );
    this.name = "FolderInUse";
  }
}

/** Looking at the lock and taking it lasts less than a millisecond: after this long, whoever had the turn is dead. */
const TURN_ABANDONED_MS = 5_000;

/** Takes the lock, or throws FolderInUse. A lock whose process is gone is taken over. Returns what gives it back. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "drawbridge.lock");
  takeTurn(`${file}.turn`);
  try {
    const [pid = "", started = ""] = contentOf(file).split(" ");
    if (isRunning(Number(pid), started)) throw new FolderInUse(folder, pid);
    writeFileSync(file, `${process.pid} ${startedAt(process.pid)}`);
    return () => rmSync(file, { force: true });
  } finally {
    rmSync(`${file}.turn`, { recursive: true, force: true });
  }
}

/** One at a time looks and takes: of two who see a dead process's lock, the slower would take away the quicker one's. */
function takeTurn(turn: string): void {
  for (;;) {
    try {
      mkdirSync(turn);
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      if (isAbandoned(turn)) rmSync(turn, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function isAbandoned(turn: string): boolean {
  const made = statSync(turn, { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs > TURN_ABANDONED_MS;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "";
    throw error;
  }
}

/** A process id can be given to another process after a crash: the start time tells them apart where Linux says it. */
function isRunning(pid: number, started: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false;
  }
  return started === "" || startedAt(pid) === "" || startedAt(pid) === started;
}

function startedAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
