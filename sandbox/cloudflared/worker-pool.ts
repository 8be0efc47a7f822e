// The Cloud Run worker pool that runs cloudflared in the sandbox: some instances of the stand-in, rolled from revision to
// revision, their output handed to Cloud Logging.
import { freePort } from "../bot.ts";
import type { GoogleEmulator, SandboxClock } from "../contract.ts";
import { type Instance, type InstanceState, startInstance } from "./instance.ts";
import { createPace } from "./pace.ts";
import { describePool } from "./pool-document.ts";
import { type Revision, revisionName } from "./revision.ts";

export type WorkerPoolOptions = {
  project: string;
  region: string;
  name: string;
  instances: number;
  /** 1 is cloudflared's own pace. */
  timeScale: number;
  /** Where the stand-ins connect, and with what. */
  edge: string;
  /** Asked for whenever a process starts. */
  token: () => string;
  clock: SandboxClock;
  google: Pick<GoogleEmulator, "writeLog" | "workerPools" | "setWorkerPool">;
};

export type PoolLine = { instance: number; line: string };

export type WorkerPool = {
  /** `project/region/name`, as the policy file names it. */
  name: string;
  /** Addresses of the metrics servers. */
  metrics: string[];
  instances(): (InstanceState & { metrics: string })[];
  /** The last lines of all instances, oldest first. */
  lines(): PoolLine[];
  /** The revision that every instance runs, or is about to. */
  revision(): Revision;
  /** Rolls out a new revision, one instance after the other, each once the one before is ready; `heedless` does not look. */
  deploy(revision: Omit<Revision, "name">, heedless?: boolean): Promise<void>;
  scale(count: number): Promise<void>;
  /** Resolves when every instance is ready. */
  ready(): Promise<void>;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
};

/** How long a roll-out waits for an instance before it goes on with the next. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 100;
const MOST_INSTANCES = 4;
const LINES_KEPT = 30;

export async function startWorkerPool(
  first: Omit<Revision, "name">,
  options: WorkerPoolOptions,
): Promise<WorkerPool> {
  const pace = createPace(options.timeScale);
  const listeners = new Set<() => void>();
  const ports = await Promise.all(Array.from({ length: MOST_INSTANCES }, freePort));
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const running: Instance[] = [];
  let number = 1;
  let revision: Revision = { ...first, name: revisionName(options.name, number) };
  let rolling: Promise<void> = Promise.resolve();
  let closed = false;
  const recent: PoolLine[] = [];
  const store = createWriter(options);

  function add(): void {
    const place = running.length;
    const env = () => ({
      TUNNEL_TOKEN: options.token(),
      TUNNEL_EDGE: options.edge,
      SANDBOX_TIME_SCALE: String(options.timeScale),
      SANDBOX_CLOCK_OFFSET_MS: String(options.clock.offsetMs()),
    });
    const metrics = addresses[place] ?? "";
    const write = (origin: Origin, line: string) => {
      store(origin, line);
      recent.push({ instance: place, line });
      recent.splice(0, recent.length - LINES_KEPT);
      changed();
    };
    running.push(startInstance(revision, { metrics, env, pace, write, changed }));
    changed();
  }

  function changed(): void {
    for (const listener of listeners) listener();
  }

  async function roll(heedless: boolean): Promise<void> {
    for (const instance of [...running]) {
      if (closed) return;
      await instance.replace(revision);
      const end = Date.now() + (heedless ? 0 : PATIENCE_MS);
      await untilReady(instance, () => closed || Date.now() >= end);
    }
  }

  for (let count = 0; count < options.instances; count++) add();

  return {
    name: `${options.project}/${options.region}/${options.name}`,
    metrics: addresses.slice(0, options.instances).map((address) => `http://${address}`),
    instances: () => running.map((each, at) => ({ ...each.state(), metrics: addresses[at] ?? "" })),
    lines: () => [...recent],
    revision: () => revision,
    deploy(next, heedless = false) {
      number += 1;
      revision = { ...next, name: revisionName(options.name, number) };
      const { project, region, name } = options;
      describePool(options.google, `projects/${project}/locations/${region}/workerPools/${name}`, next);
      changed();
      rolling = rolling.then(() => roll(heedless));
      return rolling;
    },
    async scale(count) {
      while (running.length < Math.min(count, MOST_INSTANCES)) add();
      const surplus = running.splice(count);
      await Promise.all(surplus.map((instance) => instance.stop()));
      changed();
    },
    async ready() {
      await Promise.all(running.map((instance) => untilReady(instance, () => closed)));
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      const stopping = running.map((instance) => instance.stop());
      pace.stop();
      await Promise.all(stopping);
    },
  };
}

async function untilReady(instance: Instance, over: () => boolean): Promise<void> {
  while (!over() && !(await instance.isReady()))
    await new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS));
}

type Origin = { revision: string; instance: string };

/** Entries of one second keep their order by their insertId, as Cloud Run's do. */
function createWriter({ project, region, name, google }: WorkerPoolOptions) {
  let count = 0;
  return ({ revision, instance }: Origin, line: string): void => {
    const insertId = `6a${(++count).toString(16).padStart(22, "0")}`;
    google.writeLog({ project, region, workerPool: name, revision, instance }, line, { insertId });
  };
}
