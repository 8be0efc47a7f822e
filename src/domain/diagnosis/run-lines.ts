// What each line does to the state of the process that wrote it.
import { type FaultKind, isOver, newLoss, type Run, upCount } from "./connector-run.ts";
import { countDrop, type DropKind } from "./drops.ts";
import type { EdgeError } from "./error-kinds.ts";
import { count, later, newTally } from "./evidence.ts";
import type { LogFact } from "./facts.ts";
import { routesWithoutHost } from "./host-header.ts";
import type { Sign } from "./line-kinds.ts";

const MOST_SERVICES = 200;
const IN_FLIGHT_MS = 10_000;

export function note(run: Run, fault: FaultKind, line: LogFact): void {
  const tally = run.faults.get(fault) ?? newTally();
  run.faults.set(fault, tally);
  count(tally, line);
}

export function take(run: Run, sign: Sign, line: LogFact): void {
  seen(run, line);
  if (run.stopping) afterStop(run, sign);
  else if (sign.sign === "edge") edgeFault(run, sign, line);
  else if (sign.sign === "origin") originFault(run, sign, line);
  else if (sign.sign === "exit") exit(run, sign.error, line);
  else (LIVE[sign.sign] ?? boot)(run, line, sign);
}

type Effect = (run: Run, line: LogFact, sign: Sign) => void;

const LIVE: Partial<Record<Sign["sign"], Effect>> = {
  registered,
  sigterm: stop,
  "orderly-end": stop,
  retrying: setDown,
  unregistered(run, line) {
    run.farewell = true;
    setDown(run, line);
  },
  stopped(run) {
    run.ended = true;
  },
  precheck,
  config: configured,
};

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

function boot(run: Run, line: LogFact, sign: Sign): void {
  switch (sign.sign) {
    case "start":
      run.startedAt = line.at;
      break;
    case "connector-id":
      run.connector = sign.id;
      break;
    case "version":
      run.version = sign.version;
      break;
    case "settings":
      run.pinned = sign.protocol ?? run.pinned;
      break;
    case "initial-protocol":
      run.protocol = sign.protocol;
      break;
    case "few-addresses":
      run.expected = sign.available;
      note(run, "few-addresses", line);
      break;
    case "fallback":
      run.fellBack = true;
      note(run, "fallback", line);
      break;
    case "bad-config":
    case "outdated":
    case "quic-hint":
      note(run, sign.sign, line);
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
  run.withoutHost = line.config === null ? [] : routesWithoutHost(line.config);
  if (run.withoutHost.length > 0) note(run, "host-header", line);
}

function registered(run: Run, line: LogFact): void {
  const index = line.connIndex ?? 0;
  const { at, ip, location, protocol } = line;
  run.indexes.set(index, { up: true, since: at, ip, location, protocol, loss: newLoss() });
  run.registered += 1;
  run.farewell = false;
  run.registeredAt = later(run.registeredAt, at);
  if (protocol === "quic" || (protocol === null && run.protocol === "quic" && !run.fellBack))
    run.everQuic = true;
  run.faults.delete("last-one-lost");
  for (const fault of TO_CONNECT) {
    const tally = run.faults.get(fault);
    if (tally && isOver(run, tally)) run.faults.delete(fault);
  }
}

/** Faults that are over once their connections are registered: when they come again, they begin anew. Those of QUIC are kept,
 *  since a fall back to HTTP/2 is lasting. */
const TO_CONNECT: readonly FaultKind[] = ["edge-dns", "token", "edge-ipv6", "tcp-blocked"];

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
    loss: newLoss(),
  });
}

/** Lines that cloudflared prints as a warning while another connection is up, and as an error while none is. The echoes of a
 *  loss count the lost one as up, older wordings and other lines have one level always:
 *  https://github.com/cloudflare/cloudflared/blob/master/supervisor/conn_aware_logger.go */
const LEVEL_TELLS =
  /^(Unable to establish connection|Failed to dial a quic connection|Register tunnel error|Connection terminated)/i;

function othersUp({ level }: LogFact): boolean | null {
  return level === null ? null : level === "warn";
}

function edgeFault(run: Run, sign: Extract<Sign, { sign: "edge" }>, line: LogFact): void {
  const { error, weight } = sign;
  if (LEVEL_TELLS.test(line.message)) run.othersUp = othersUp(line);
  if (error === "harmless") return;
  // The supervisor's last word on an index; at level error nothing else is up.
  const isLast = weight === "terminated" && line.level === "error";
  if (isLast) note(run, "last-one-lost", line);
  if (error === "quic-drop" || error === "h2-drop" || error === "drop-echo" || error === "unknown") {
    const kind = countDrop(run.drops, run.indexes, sign, line);
    setDown(run, line);
    if (kind || isLast) noteLoss(run, kind, line);
  } else {
    note(run, error, line);
    setDown(run, line);
    if (DIALS.has(error) && weight === "cause") noteRetry(run, line);
  }
}

const DIALS = new Set<EdgeError>(["edge-ipv6", "tcp-blocked", "quic-blocked", "quic-rejected"]);

function noteLoss(run: Run, kind: DropKind | null, line: LogFact): void {
  const index = run.indexes.get(line.connIndex ?? -1);
  if (!index) return;
  index.loss.kind ??= kind;
  count(index.loss.drops, line);
}

/** A failed dial; its echoes are none of their own. */
function noteRetry(run: Run, line: LogFact): void {
  const index = run.indexes.get(line.connIndex ?? -1);
  if (index) count(index.loss.retries, line);
}

function originFault(run: Run, sign: Extract<Sign, { sign: "origin" }>, line: LogFact): void {
  serves(run, line);
  if (sign.error === "harmless") return;
  if (sign.error === "fd") {
    note(run, "fd", line);
    return;
  }
  const key = `${sign.error} ${sign.service}`;
  const known = run.origin.get(key);
  if (!known && run.origin.size >= MOST_SERVICES) return;
  const entry = known ?? { service: sign.service, error: sign.error, tally: newTally() };
  run.origin.set(key, entry);
  count(entry.tally, line);
}

/** A request came in over a connection that was thought lost: the line that said it is back is missing. */
function serves(run: Run, line: LogFact): void {
  const index = line.connIndex === null ? undefined : run.indexes.get(line.connIndex);
  if (!index || index.up || index.since === null || line.at === null) return;
  if (line.at.getTime() - index.since.getTime() > IN_FLIGHT_MS)
    Object.assign(index, { up: true, since: line.at, loss: newLoss() });
}

function stop(run: Run, line: LogFact): void {
  run.stopping = true;
  run.stoppingAt = line.at;
  run.readyAtStop = run.farewell || upCount(run) > 0;
}

function exit(run: Run, error: EdgeError, line: LogFact): void {
  run.ended = true;
  run.exited = true;
  if (error === "harmless") return;
  const vague = error === "unknown" || error === "drop-echo" || error === "h2-drop" || error === "quic-drop";
  note(run, vague ? "odd-exit" : error, line);
}
