// A real Postgres server on this machine, from the package that brings its binaries: for tests and for the bench.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "./bot.ts";

export type PostgresServer = { url: string; stop(): Promise<void> };

/** In a process of its own: the package hooks into the end of whatever process loads it, and would end ours with code 0
 *  though tests failed. It stops when its standard input ends, so also when we are killed. `durable`: every commit is on
 *  the disk before it is answered, as in production. */
export async function startPostgres(folder: string, durable = false): Promise<PostgresServer> {
  if (process.getuid?.() === 0) await chmod(folder, 0o755);
  const script = fileURLToPath(new URL("postgres-server.ts", import.meta.url));
  const args = [script, join(folder, "postgres"), String(await freePort()), durable ? "durable" : "quick"];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
  const told: string[] = [];
  child.stderr.on("data", (piece: Buffer) => told.push(piece.toString()));
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), ended.then(() => null)]);
  if (!first) throw new Error(`Postgres did not start:\n${told.join("").slice(-4000)}`);
  return {
    url: String(first[0]),
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
