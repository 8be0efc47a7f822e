// One instance of the worker pool: a stand-in process, started again when it ends, watched by a liveness probe if the
// revision has one. https://cloud.google.com/run/docs/configuring/workerpools/healthchecks
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Pace } from "./pace.ts";
import type { Revision } from "./revision.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Between SIGTERM and SIGKILL. https://cloud.google.com/run/docs/container-contract#instance-shutdown */
const KILL_MS = 10_000;
const FIRST_BACK_OFF_MS = 10_000;
const LONGEST_BACK_OFF_MS = 300_000;

export type InstanceState = {
  revision: string;
  running: boolean;
  restarts: number;
  lastExit: string | null;
  /** As its log names it; null until it did. */
  connectorId: string | null;
};

export type Instance = {
  state(): InstanceState;
  /** Ends the process that runs and goes on with this revision; resolves when it was started. */
  replace(revision: Revision): Promise<void>;
  /** Whether its `/ready` says so. */
  isReady(): Promise<boolean>;
  stop(): Promise<void>;
};

export type InstanceOptions = {
  /** `host:port` of its metrics server. */
  metrics: string;
  /** What every process needs besides its revision's environment. */
  env(): Record<string, string>;
  pace: Pace;
  /** A line that it printed. */
  write(origin: { revision: string; instance: string }, line: string): void;
  changed(): void;
};

export function startInstance(first: Revision, options: InstanceOptions): Instance {
  const { metrics, pace } = options;
  let revision = first;
  let wanted = true;
  let child: ChildProcess | null = null;
  let wake: () => void = () => undefined;
  let state: InstanceState = {
    revision: first.name,
    running: false,
    restarts: 0,
    lastExit: null,
    connectorId: null,
  };

  function become(change: Partial<InstanceState>): void {
    state = { ...state, ...change };
    options.changed();
  }

  async function run(current: Revision, instance: string): Promise<void> {
    const { args, env, name } = current;
    const started = spawn(process.execPath, ["sandbox/cloudflared/main.ts", ...args], {
      cwd: ROOT,
      env: { ...inherited(), ...options.env(), ...env, TUNNEL_METRICS: metrics },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    for (const output of [started.stderr, started.stdout])
      createInterface({ input: output }).on("line", (line) => {
        const id = /Generated Connector ID: ([0-9a-f-]+)/.exec(line)?.[1];
        if (id) become({ connectorId: id });
        if (line !== "") options.write({ revision: name, instance }, line);
      });
    become({ revision: name, running: true, connectorId: null });
    const closed = once(started, "close") as Promise<[number | null, string | null]>;
    const probe = watch(current, started);
    const [code, signal] = await closed;
    probe.stop();
    child = null;
    become({ running: false, lastExit: signal ?? `code ${code}` });
  }

  /** Kills a process whose probe failed too often in a row, once it had answered at all. */
  function watch({ liveness }: Revision, started: ChildProcess): { stop(): void } {
    let over = false;
    async function look(): Promise<void> {
      let failures = 0;
      while (liveness && !over && (await answers("/healthcheck")) === null) await pace.wait(1000);
      while (liveness && !over && failures < liveness.failureThreshold) {
        await pace.wait(liveness.periodSeconds * 1000);
        failures = (await answers(liveness.path)) === 200 ? 0 : failures + 1;
      }
      if (liveness && !over) await end(started);
    }
    void look();
    return {
      stop() {
        over = true;
      },
    };
  }

  async function answers(path: string): Promise<number | null> {
    try {
      return (await fetch(`http://${metrics}${path}`, { signal: AbortSignal.timeout(5000) })).status;
    } catch {
      return null;
    }
  }

  async function end(process: ChildProcess | null): Promise<void> {
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const closed = once(process, "close");
    process.kill("SIGTERM");
    const timer = setTimeout(() => process.kill("SIGKILL"), KILL_MS);
    await closed;
    clearTimeout(timer);
  }

  function woken(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }

  async function keep(): Promise<void> {
    let failures = 0;
    while (wanted) {
      const current = revision;
      const instance = randomBytes(32).toString("hex");
      while (wanted && current === revision) {
        await run(current, instance);
        if (!wanted || current !== revision) break;
        become({ restarts: state.restarts + 1 });
        const backOff = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** failures++);
        await Promise.race([pace.wait(backOff), woken()]);
      }
      failures = 0;
    }
  }
  const kept = keep();

  return {
    state: () => state,
    async replace(next) {
      revision = next;
      wake();
      await end(child);
    },
    isReady: async () => (await answers("/ready")) === 200,
    async stop() {
      wanted = false;
      wake();
      await end(child);
      await kept;
    },
  };
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    ["PATH", "HOME", "NODE_COMPILE_CACHE", "TMPDIR", "SystemRoot"].flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );
}
