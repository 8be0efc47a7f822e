// A Postgres of a test's own, to be paused and to be crashed under load.
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../sandbox/postgres.ts";

export type OwnPostgres = {
  url: string;
  /** Every process of it stands still: connections stay, and nothing is answered. */
  pause(): void;
  goOn(): void;
  /** One of its processes is killed: Postgres cuts every connection and recovers, as after an immediate restart. */
  crash(): void;
  stop(): Promise<void>;
};

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-postgres-"));
  const server = await startPostgres(folder);
  const main = Number(readFileSync(join(folder, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
  const all = () => [main, ...childrenOf(main)];
  const signal = (to: number[], name: NodeJS.Signals) => {
    for (const pid of to) if (parentOf(String(pid)) > 0) process.kill(pid, name);
  };
  return {
    url: server.url,
    pause: () => signal(all(), "SIGSTOP"),
    goOn: () => signal(all().reverse(), "SIGCONT"),
    crash: () => signal(childrenOf(main).slice(0, 1), "SIGKILL"),
    async stop() {
      signal(all().reverse(), "SIGCONT");
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** By Linux's list of processes. */
function childrenOf(parent: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => parentOf(pid) === parent).map(Number);
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
