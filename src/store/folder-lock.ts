// PGlite does not lock its folder, and two processes on one folder lose rows: so this lock, taken before it is opened.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Takes the lock, or throws FolderInUse. A lock whose process is gone is taken over. Returns what gives it back. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "drawbridge.lock");
  const mine = `${process.pid} ${startedAt(process.pid)}`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, mine, { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const [pid = "", started = ""] = readFileSync(file, "utf8").split(" ");
      if (isRunning(Number(pid), started)) throw new FolderInUse(folder, pid);
      rmSync(file, { force: true });
    }
  }
  throw new FolderInUse(folder, "unknown");
}

/** A process id can be given to another process after a crash: the start time tells them apart where Linux says it. */
function isRunning(pid: number, started: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
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
