// Who holds a folder's lock, by what the lock says, and what this process can tell of them by their process id.
import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

export type Holder = {
  pid: string;
  started: string;
  /** Tells two locks apart whose processes have the same id. Locks of older versions have neither this nor a place. */
  token: string;
  place: string;
};

/** `elsewhere`: an id of there says nothing here. */
export type Standing = "running" | "gone" | "elsewhere";

export function holderIn(lock: string): Holder {
  const [pid = "", started = "", token = "", place = ""] = lock.split(" ");
  return { pid, started, token, place };
}

/** What this process writes into a lock that it takes. */
export function newLock(): string {
  return [process.pid, startedAt(process.pid), randomUUID(), placeHere()].join(" ");
}

export function standingOf(
  { pid, started, token, place }: Holder,
  here = placeHere(),
  isRunning = isRunningHere,
): Standing {
  if (!/^[1-9]\d*$/.test(pid)) return "gone";
  if (token !== "" && place !== here) return "elsewhere";
  return isRunning(Number(pid), started) ? "running" : "gone";
}

/** Where an id means the same process: one PID namespace (each container has a process 1) of one boot of one machine. Empty
 *  where the system does not say. */
function placeHere(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

/** A process id can be given to another process after a crash: the start time tells them apart where Linux says it. */
function isRunningHere(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
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
