// A process of its own for tests that are about processes: two at once, and one that is killed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export type Child = {
  pid: number;
  /** Waits for a line that it prints; fails with all it has said when it ends without. */
  says(line: string): Promise<void>;
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Waits for its end; what it said on both outputs. */
  ended(): Promise<string>;
};

const NODE = join(import.meta.dirname, "../node_modules/.bin/node");

/** `script` is a path from the folder of the tests. `under` is a command that runs it. The child is killed when the test is
 *  over. */
export function startChild(
  script: string,
  args: string[],
  { under = [], ...as }: { uid?: number; gid?: number; under?: string[] } = {},
): Child {
  const [command = NODE, ...rest] = [...under, NODE, join(import.meta.dirname, script), ...args];
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"], ...as });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on("line", (line) => {
      lines.push(line);
      tell();
    });
  const closed = once(child, "close").then(tell);
  onTestFinished(() => kill(child, "SIGKILL", closed));
  return {
    pid: child.pid!,
    kill: (signal) => kill(child, signal, closed),
    ended: async () => {
      await closed;
      return lines.join("\n");
    },
    says: (line) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (lines.includes(line)) resolve();
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`It ended without saying "${line}":\n${lines.join("\n")}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals, closed: Promise<void>): Promise<void> {
  child.kill(signal);
  await closed;
}
