// The state of one cloudflared process, from its start to its end, as its log lines show it.
import { countDrop, type Drops, newDrops } from "./drops.ts";
import type { EdgeError, OriginError } from "./error-kinds.ts";
import { count, later, newTally, type Tally } from "./evidence.ts";
import type { LogFact } from "./facts.ts";
import type { Sign } from "./line-kinds.ts";

export type Index = {
  up: boolean;
  since: Date | null;
  ip: string | null;
  location: string | null;
  protocol: string | null;
};

export type Fault =
  | Exclude<EdgeError, "harmless" | "drop-echo" | "unknown">
  | "token-malformed"
  | "bad-config"
  | "outdated"
  | "udp-precheck"
  | "tcp-precheck"
  | "dns-precheck"
  | "hard-fail"
  | "quic-hint"
  | "fallback"
  | "few-addresses"
  | "host-header"
  | "odd-exit"
  | "last-one-lost";

export type Run = {
  stream: string;
  group: string;
  connector: string | null;
  tunnelId: string | null;
  version: string | null;
  /** When "Starting tunnel" was printed; null where the log begins later. */
  startedAt: Date | null;
  firstAt: Date | null;
  lastAt: Date | null;
  /** The protocol it began with, and whether it was told to keep to it. */
  protocol: string | null;
  pinned: string | null;
  expected: number;
  indexes: Map<number, Index>;
  registered: number;
  registeredAt: Date | null;
  everQuic: boolean;
  fellBack: boolean;
  faults: Map<Fault, Tally>;
  /** By service and kind of error. */
  origin: Map<string, { service: string; error: OriginError; tally: Tally }>;
  drops: Drops;
  /** A graceful shutdown began: nothing after it counts. */
  stoppingAt: Date | null;
  stopping: boolean;
  /** Whether any connection was up when the shutdown began. */
  readyAtStop: boolean;
  ended: boolean;
  /** It ended by itself. */
  exited: boolean;
  configVersion: number | null;
  configAt: Date | null;
};

const MOST_SERVICES = 200;

export function newRun(stream: string, group: string): Run {
  return {
    stream,
    group,
    connector: null,
    tunnelId: null,
    version: null,
    startedAt: null,
    firstAt: null,
    lastAt: null,
    protocol: null,
    pinned: null,
    expected: 4,
    indexes: new Map(),
    registered: 0,
    registeredAt: null,
    everQuic: false,
    fellBack: false,
    faults: new Map(),
    origin: new Map(),
    drops: newDrops(),
    stoppingAt: null,
    stopping: false,
    readyAtStop: false,
    ended: false,
    exited: false,
    configVersion: null,
    configAt: null,
  };
}

export function upCount(run: Run): number {
  let up = 0;
  for (const index of run.indexes.values()) if (index.up) up += 1;
  return up;
}

export function note(run: Run, fault: Fault, line: LogFact): void {
  const tally = run.faults.get(fault) ?? newTally();
  run.faults.set(fault, tally);
  count(tally, line);
}

export function take(run: Run, sign: Sign, line: LogFact): void {
  if (sign.sign === "noise" || sign.sign === "unknown") return seen(run, line);
  seen(run, line);
  if (run.stopping) return afterStop(run, sign);
  switch (sign.sign) {
    case "registered":
      return registered(run, line);
    case "edge":
      return edgeFault(run, sign, line);
    case "origin":
      return originFault(run, sign, line);
    case "sigterm":
    case "orderly-end":
      return stop(run, line);
    case "unregistered":
      return setDown(run, line);
    case "stopped":
      run.ended = true;
      return;
    case "exit":
      return exit(run, sign.error, line);
    default:
      return boot(run, sign, line);
  }
}

/** A process prints nothing while all is well, so any line says that it lives. */
function seen(run: Run, line: LogFact): void {
  run.firstAt ??= line.at;
  run.lastAt = later(run.lastAt, line.at);
  run.tunnelId ??= line.tunnelId;
}

/** The lines of a shutdown. A connection that says goodbye was up until then. */
function afterStop(run: Run, sign: Sign): void {
  if (sign.sign === "unregistered") run.readyAtStop = true;
  if (sign.sign === "stopped") run.ended = true;
}

function boot(run: Run, sign: Sign, line: LogFact): void {
  switch (sign.sign) {
    case "start":
      run.startedAt = line.at;
      return;
    case "connector-id":
      run.connector = sign.id;
      return;
    case "version":
      run.version = sign.version;
      return;
    case "settings":
      run.pinned = sign.protocol ?? run.pinned;
      return;
    case "initial-protocol":
      run.protocol = sign.protocol;
      return;
    case "few-addresses":
      run.expected = sign.available;
      return note(run, "few-addresses", line);
    case "fallback":
      run.fellBack = true;
      return note(run, "fallback", line);
    case "precheck":
      return precheck(run, line);
    case "config":
      return configured(run, line);
    case "bad-flags":
    case "token-malformed":
    case "bad-config":
    case "outdated":
    case "quic-hint":
      return note(run, sign.sign, line);
    default:
      return;
  }
}

function precheck(run: Run, line: LogFact): void {
  const { component, status, hardFail } = line.precheck ?? {};
  if (hardFail) note(run, "hard-fail", line);
  if (status !== "fail" || !component) return;
  if (/^UDP/i.test(component)) note(run, "udp-precheck", line);
  else if (/^TCP/i.test(component)) note(run, "tcp-precheck", line);
  else if (/^DNS/i.test(component)) note(run, "dns-precheck", line);
}

function configured(run: Run, line: LogFact): void {
  run.configVersion = line.configVersion;
  run.configAt = line.at;
  run.faults.delete("bad-config");
  run.faults.delete("host-header");
  if (line.config !== null && lacksHostHeader(line.config)) note(run, "host-header", line);
}

type OriginRequest = { httpHostHeader?: unknown };
type Ingress = { service?: unknown; hostname?: unknown; originRequest?: OriginRequest };

/** Google's front end picks the Cloud Run service by Host, so a route to `run.app` must set it. */
function lacksHostHeader(config: string): boolean {
  if (!config.includes(".run.app")) return false;
  try {
    const document = JSON.parse(config) as { ingress?: Ingress[]; originRequest?: OriginRequest };
    const general = document.originRequest?.httpHostHeader;
    return (document.ingress ?? []).some(
      ({ service, originRequest }) =>
        typeof service === "string" &&
        /^https?:\/\/[^/:]+\.run\.app(:\d+)?\/?$/.test(service) &&
        !(originRequest?.httpHostHeader || general),
    );
  } catch {
    return false;
  }
}

function registered(run: Run, line: LogFact): void {
  const index = line.connIndex ?? 0;
  const { at, ip, location, protocol } = line;
  run.indexes.set(index, { up: true, since: at, ip, location, protocol });
  run.registered += 1;
  run.registeredAt = later(run.registeredAt, at);
  if (protocol === "quic" || (protocol === null && run.protocol === "quic" && !run.fellBack)) run.everQuic = true;
  run.faults.delete("last-one-lost");
}

function setDown(run: Run, line: LogFact): void {
  if (line.connIndex === null) return;
  const before = run.indexes.get(line.connIndex);
  if (before && !before.up) return;
  run.indexes.set(line.connIndex, {
    up: false,
    since: line.at,
    ip: before?.ip ?? line.ip,
    location: before?.location ?? null,
    protocol: before?.protocol ?? null,
  });
}

function edgeFault(run: Run, sign: Extract<Sign, { sign: "edge" }>, line: LogFact): void {
  const { error, weight } = sign;
  if (error === "harmless") return;
  // The supervisor's last word on an index; at level error nothing else is up.
  if (weight === "terminated" && line.level === "error") note(run, "last-one-lost", line);
  if (error === "quic-drop" || error === "h2-drop" || error === "drop-echo" || error === "unknown") {
    countDrop(run.drops, run.indexes, sign, line);
  } else {
    note(run, error, line);
  }
  setDown(run, line);
}

function originFault(run: Run, sign: Extract<Sign, { sign: "origin" }>, line: LogFact): void {
  if (sign.error === "harmless") return;
  if (sign.error === "fd") return note(run, "fd", line);
  // Each failure is printed twice; the copy without the service counts only where the other is missing.
  const service = sign.echo ? echoed(run, sign.error) : (line.originService ?? "");
  const key = `${sign.error} ${service}`;
  const known = run.origin.get(key);
  if (known) {
    if (!sign.echo) count(known.tally, line);
    return;
  }
  if (run.origin.size >= MOST_SERVICES) return;
  const tally = newTally();
  count(tally, line);
  run.origin.set(key, { service, error: sign.error, tally });
  if (!sign.echo) run.origin.delete(`${sign.error} `);
}

function echoed(run: Run, error: OriginError): string {
  for (const known of run.origin.values()) if (known.error === error) return known.service;
  return "";
}

function stop(run: Run, line: LogFact): void {
  run.stopping = true;
  run.stoppingAt = line.at;
  run.readyAtStop = upCount(run) > 0;
}

function exit(run: Run, error: EdgeError, line: LogFact): void {
  run.ended = true;
  run.exited = true;
  if (error === "harmless") return;
  const vague = error === "unknown" || error === "drop-echo" || error === "h2-drop" || error === "quic-drop";
  note(run, vague ? "odd-exit" : error, line);
}
