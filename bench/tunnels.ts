// Figures of the watch over tunnels: how soon a lost connection is told, by the signal that shows it; how many log lines are
// diagnosed in a second; what the watch costs at Cloudflare's API.
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { demoSeed } from "../sandbox/seed.ts";
import { startSandbox } from "../sandbox/start.ts";
import { createDiagnostician } from "../src/domain/diagnosis/diagnose.ts";
import { createCloudflareClient } from "../src/services/cloudflare-client.ts";
import { createLogReader } from "../src/services/connector-log.ts";
import { createTunnels } from "../src/services/tunnel.ts";
import { createTunnelSignal } from "../src/services/tunnel-signal.ts";
import { type Figure, type Measure, quantile } from "./figure.ts";
import { type Bench, onStage, type Stage, until } from "./stage.ts";

type Source = {
  name: string;
  most: number;
  /** Makes the tunnel lose connections, or have them back. */
  lose(stage: Stage): void;
  regain(stage: Stage): void;
};

const ALERTS = "C0ALERTS";
/** Round after round is no flapping here. */
const AT_ONCE = {
  outageAfter: "0s",
  degradedAfter: "0s",
  recoveredAfter: "0s",
  flapping: { drops: 100 },
};
const LONGEST_PAUSE_MS = 5_000;

/** From the drop to the message in the channel, with thresholds of zero and the pace of production. */
export function drop(rounds: number): Figure {
  return {
    name: "drop",
    async run(bench) {
      const ready = await startReady();
      const sources = [readySource(ready.set), logSource(), apiSource()];
      try {
        const taken = await Promise.all(sources.map((each) => measure(bench, each, ready.url, rounds)));
        return taken.flat();
      } finally {
        ready.server.close();
      }
    },
  };
}

async function measure(bench: Bench, source: Source, readyUrl: string, rounds: number): Promise<Measure[]> {
  const metrics = source.name === "/ready" ? [readyUrl] : [];
  const times = await onStage(bench, {}, async (stage) => {
    const file = join(stage.sandbox.dataDir, "watch.yaml");
    await writeFile(file, await policyWith(stage.sandbox.env.POLICY_FILE ?? "", metrics));
    const taken: number[] = [];
    source.regain(stage);
    await stage.startBot({ LOOK_SECONDS: "5", POLICY_FILE: file });
    for (let round = 0; round < rounds; round++) taken.push(await once(stage, source));
    return taken;
  });
  return [0.5, 0.95].map((share) => ({
    what: `drop to message by ${source.name}, p${share * 100}`,
    value: quantile(times, share) / 1000,
    unit: "s",
    aim: share === 0.95 ? { most: source.most } : null,
  }));
}

async function once(stage: Stage, source: Source): Promise<number> {
  const incidents = () => stage.sandbox.slack.messages(ALERTS).filter((each) => !each.threadTs);
  // At any moment between two looks.
  await pause(Math.random() * LONGEST_PAUSE_MS);
  const before = incidents().length;
  const began = performance.now();
  source.lose(stage);
  await until("an incident is posted", () => incidents().length > before);
  const took = performance.now() - began;
  source.regain(stage);
  await until("it is over", () => incidents().at(-1)?.text.startsWith("Over: ") === true);
  return took;
}

async function policyWith(file: string, metrics: string[]): Promise<string> {
  const policy = parse(await readFile(file, "utf8")) as { tunnels: object[] };
  const connectors = { workerPool: "lakeside-prod/asia-northeast1/cloudflared", metrics };
  const tunnels = policy.tunnels.map((tunnel) => ({ ...tunnel, connectors }));
  return stringify({ ...policy, tunnels, health: AT_ONCE });
}

function tunnelOf({ sandbox }: Stage): string {
  return sandbox.seed.cloudflare.tunnels[0]?.id ?? "";
}

function apiSource(): Source {
  return {
    name: "Cloudflare's API",
    most: 30,
    lose: (stage) => stage.sandbox.cloudflare.setConnectors(tunnelOf(stage), 0),
    regain: (stage) => stage.sandbox.cloudflare.setConnectors(tunnelOf(stage), 2),
  };
}

function logSource(): Source {
  const origin = {
    project: "lakeside-prod",
    region: "asia-northeast1",
    workerPool: "cloudflared",
    instance: "a",
  };
  const print = ({ sandbox }: Stage, fields: object) =>
    sandbox.google.writeLog(
      origin,
      JSON.stringify({ ...fields, time: sandbox.shared.clock.now().toISOString() }),
    );
  return {
    name: "the log",
    most: 30,
    lose: (stage) => print(stage, { level: "info", connIndex: 1, message: "Lost connection with the edge" }),
    regain(stage) {
      for (const connIndex of [0, 1, 2, 3])
        print(stage, {
          level: "info",
          connIndex,
          protocol: "http2",
          message: "Registered tunnel connection",
        });
    },
  };
}

function readySource(set: (connections: number) => void): Source {
  return { name: "/ready", most: 10, lose: () => set(3), regain: () => set(4) };
}

/** A connector's `/ready`, and nothing else. */
async function startReady(): Promise<{ server: Server; url: string; set(connections: number): void }> {
  let readyConnections = 4;
  const connectorId = "1b8c4f5e-6f0a-4a52-9f0e-0d1f6a2c9b77";
  const server = createServer((request, response) => {
    const found = request.url === "/ready";
    response
      .writeHead(found ? 200 : 404)
      .end(found ? JSON.stringify({ status: 200, readyConnections, connectorId }) : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const set = (connections: number) => {
    readyConnections = connections;
  };
  return { server, url: `http://127.0.0.1:${port}`, set };
}

/** Lines of a connector that flaps, read and diagnosed as `npm run diagnose` does it. */
export function diagnosis(lines: number): Figure {
  return {
    name: "diagnosis",
    async run() {
      const text = Array.from({ length: lines }, (_, index) => lineAt(index)).join("\n");
      const reader = createLogReader("bench");
      const diagnostician = createDiagnostician();
      const began = performance.now();
      for (const fact of [...reader.push(`${text}\n`), ...reader.end()]) diagnostician.take(fact);
      diagnostician.conclude();
      const seconds = (performance.now() - began) / 1000;
      const value = Math.round(lines / seconds);
      return [{ what: "log lines diagnosed", value, unit: "lines/s", aim: { least: 50_000 } }];
    },
  };
}

const MESSAGES = [
  "Registered tunnel connection",
  "Lost connection with the edge",
  "Retrying connection in up to 1s",
];

function lineAt(index: number): string {
  const time = new Date(Date.UTC(2026, 0, 1) + index * 250).toISOString();
  return JSON.stringify({
    connIndex: index % 4,
    level: "info",
    message: MESSAGES[index % 3],
    protocol: "http2",
    time,
  });
}

const HOUR_S = 3_600;
const EVERY_S = 15;

/** An hour of the watch at Cloudflare's API while nothing happens. */
export function healthCalls(sizes: number[]): Figure {
  return {
    name: "health-calls",
    async run() {
      const measures: Measure[] = [];
      for (const size of sizes)
        measures.push({
          what: `calls to Cloudflare in an hour, ${size} tunnels`,
          value: await callsWith(size),
          unit: "calls",
          aim: { most: 1_440 },
        });
      return measures;
    },
  };
}

async function callsWith(size: number): Promise<number> {
  const tunnels = Array.from({ length: size }, (_, index) => ({
    id: `3d539f97-cd3a-4d8e-833b-65e9099c7${index.toString(16).padStart(3, "0")}`,
    name: `tunnel-${index}`,
    connectors: 2,
  }));
  const cloudflare = { ...demoSeed.cloudflare, tunnels, applications: [], records: [] };
  const sandbox = await startSandbox({ bot: false, seed: { ...demoSeed, cloudflare } });
  try {
    const { accountId, apiToken } = cloudflare;
    const baseURL = sandbox.env.CLOUDFLARE_BASE_URL;
    const client = createCloudflareClient({ apiToken, ...(baseURL ? { baseURL } : {}), timeoutMs: 5_000 });
    const tunnelIds = tunnels.map(({ id }) => id);
    const signal = createTunnelSignal({
      tunnels: createTunnels({ client, accountId }),
      tunnelIds,
      callsAreShort: () => false,
    });
    let calls = 0;
    sandbox.shared.journal.onWrite(({ vendor }) => {
      if (vendor === "cloudflare") calls += 1;
    });
    const began = Date.now();
    for (let second = 0; second < HOUR_S; second += EVERY_S)
      await signal.read(new Date(began + second * 1000));
    return calls;
  } finally {
    await sandbox.stop();
  }
}
