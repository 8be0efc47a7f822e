// A stand-in for cloudflared, as a process of its own: its lines, its metrics server, its ways to start, fail and stop,
// against the emulated edge. It takes `tunnel run`, the TUNNEL_* environment and SANDBOX_TIME_SCALE.
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { argv, env, exit, stderr, stdout } from "node:process";
import { keepConnected, type Parts } from "./connection.ts";
import { BOOT_LINES, EDGE_DNS_HELP, EDGE_LINES } from "./lines.ts";
import { lookUp } from "./link.ts";
import { createLog, type Log } from "./log.ts";
import { serveMetrics } from "./metrics-server.ts";
import { createOrchestrator } from "./orchestrator.ts";
import { createPace, type Pace } from "./pace.ts";
import { runPrechecks } from "./prechecks.ts";
import { newState, type ProcessState } from "./process-state.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { Protocol } from "./wire.ts";

const VERSION = "2026.8.2";
const CHECKSUM = "809407c3d6e78787e2b14863ea6a1d4f00000000000000000000000000000000";
const CONNECTIONS = 4;
const FEATURES_MS = 10_000;

const clock = { offsetMs: Number(env.SANDBOX_CLOCK_OFFSET_MS ?? 0) };
const now = () => new Date(Date.now() + clock.offsetMs);

await main();

async function main(): Promise<void> {
  const settings = readSettings(argv.slice(2), env);
  const format = "code" in settings ? "default" : settings.output;
  const log = createLog({ format, now, stderr: (text) => stderr.write(text) }, (text) => stdout.write(text));
  if ("code" in settings) {
    for (const line of settings.lines) log(line);
    exit(settings.code);
  }
  const pace = createPace(Number(env.SANDBOX_TIME_SCALE ?? 1));
  const state = newState(randomUUID(), settings.token.tunnelId, VERSION);
  const initial = settings.protocol === "http2" ? "http2" : "quic";
  announce(log, settings, state, initial);
  const metrics = await startMetrics(settings, state, log);
  // The handler is gone after the first signal: a second one ends the process as the system does.
  process.once("SIGTERM", () => void stop(state, log, pace, metrics));

  const quic = once(() => log(BOOT_LINES["udp-buffer"](now())));
  const checked = { settings, state, log, pace, onQuicDial: quic };
  if (settings.prechecks) void runPrechecks(checked);
  const addresses = await lookUp(settings.edge);
  if (addresses === null) return await withoutAddresses(state, log, pace);
  await connect({ ...checked, addresses, take: createOrchestrator(state, log, clock) }, initial);
}

function announce(log: Log, settings: Settings, state: ProcessState, initial: Protocol): void {
  log(BOOT_LINES.start(state.tunnelId));
  log(BOOT_LINES.version(VERSION, CHECKSUM));
  log(BOOT_LINES.settings(settings.shown));
  log(BOOT_LINES["connector-id"](state.connectorId));
  log(BOOT_LINES["initial-protocol"](initial));
  log(BOOT_LINES["icmp-gid"]());
  log(BOOT_LINES["icmp-off"]());
}

async function startMetrics({ metrics, shown }: Settings, state: ProcessState, log: Log): Promise<Server> {
  try {
    return await serveMetrics(metrics, state, shown);
  } catch {
    log(BOOT_LINES["metrics-port"](metrics));
    exit(1);
  }
}

/** The first connection comes alone; the others follow, one a second, with the protocol that it came to. */
async function connect(parts: Parts, initial: Protocol): Promise<void> {
  const started = once((protocol: Protocol) => void others(parts, protocol));
  await keepConnected(0, initial, parts, started);
}

async function others(parts: Parts, protocol: Protocol): Promise<void> {
  for (let index = 1; index < Math.min(CONNECTIONS, parts.addresses.length); index++) {
    await parts.pace.wait(1000);
    if (parts.state.stopping) return;
    void keepConnected(index, protocol, parts, () => undefined);
  }
}

/** The edge's names do not resolve, and the back-up over TLS does not answer either: it gives up at once. */
async function withoutAddresses(state: ProcessState, log: Log, pace: Pace): Promise<void> {
  await pace.wait(FEATURES_MS);
  if (state.stopping) return;
  log(BOOT_LINES.features());
  log(BOOT_LINES.percentage());
  log(BOOT_LINES["edge-dns"]());
  for (const text of EDGE_DNS_HELP) log(BOOT_LINES["edge-dns-help"](text));
  log(EDGE_LINES["server-stopped"]());
  log(BOOT_LINES["edge-dns-exit"]());
  log(BOOT_LINES["edge-dns-last-words"]());
  exit(1);
}

/** `/ready` says 503 from the first moment. The retries are an artefact of the real one. */
async function stop(state: ProcessState, log: Log, pace: Pace, metrics: Server): Promise<void> {
  state.stopping = true;
  log(EDGE_LINES.sigterm());
  const live = [...state.live].map(([index, { ip, link }]) => ({ at: { index, ip }, link }));
  for (const { at, link } of live) {
    link.send({ kind: "unregister" });
    log(EDGE_LINES.unregistered(at));
  }
  for (const { at } of live) log(EDGE_LINES.retrying(at, "1s"));
  await pace.wait(1000);
  pace.stop();
  for (const { at, link } of live) {
    link.close();
    log(EDGE_LINES.terminated(at, 0));
  }
  log(EDGE_LINES["no-more"]());
  log(EDGE_LINES["server-stopped"]());
  metrics.closeAllConnections();
  metrics.close();
  log(EDGE_LINES["metrics-stopped"]());
  exit(0);
}

function once<Given extends unknown[]>(task: (...given: Given) => void): (...given: Given) => void {
  let done = false;
  return (...given) => {
    if (done) return;
    done = true;
    task(...given);
  };
}
