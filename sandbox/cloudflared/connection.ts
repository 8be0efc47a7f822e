// The life of one of the tunnel's connections: dial, register, serve, lose, try again. The waits and their order are
// those of cloudflared's supervisor/tunnel.go.

import { type At, dialError, EDGE_LINES } from "./lines.ts";
import { dial, type EdgeLink } from "./link.ts";
import type { Log } from "./log.ts";
import type { Pace } from "./pace.ts";
import type { ProcessState } from "./process-state.ts";
import type { Settings } from "./settings.ts";
import type { FromEdge, Protocol } from "./wire.ts";

export type Parts = {
  settings: Settings;
  state: ProcessState;
  log: Log;
  pace: Pace;
  addresses: string[];
  /** A first QUIC packet leaves. */
  onQuicDial(): void;
  take(message: FromEdge, index: number, link: EdgeLink): void;
};

const DIAL_MS = { quic: 5000, http2: 15_000 };
/** The ninth failed dial allows the fall back: eight changes of address lie before it. */
const DIALS_BEFORE_FALLBACK = 9;
const RECONNECT_MS = 20_000;

type Outcome = "lost" | "not-dialled" | "refused";

/** Runs until the process stops. `first` is called at each registration. */
export async function keepConnected(
  index: number,
  initial: Protocol,
  parts: Parts,
  onRegistered: (protocol: Protocol) => void,
): Promise<void> {
  const { state, settings, log, pace, addresses } = parts;
  let protocol = initial;
  let failures = 0;
  let turn = index;
  while (!state.stopping) {
    const at = { index, ip: addresses[turn % addresses.length] ?? "" };
    const outcome = await attempt(at, protocol, parts, () => onRegistered(protocol));
    if (state.stopping) return;
    if (outcome === "lost") {
      failures = 0;
      await afterLoss(at, protocol, parts);
      continue;
    }
    const backoff = Math.min(failures++, settings.retries);
    log(EDGE_LINES.retrying(at, goDuration(2 ** (backoff + 1))));
    await pace.upTo(2 ** backoff * 1000);
    if (state.stopping) return;
    if (outcome === "not-dialled") turn += 1;
    if (outcome === "not-dialled" && mayFallBack(protocol, failures, parts)) {
      log(EDGE_LINES["quic-hint"](at));
      log(EDGE_LINES.fallback(at));
      protocol = "http2";
      failures = 0;
    }
  }
}

function mayFallBack(protocol: Protocol, failures: number, { settings, state }: Parts): boolean {
  return (
    protocol === "quic" &&
    settings.protocol === "auto" &&
    failures >= DIALS_BEFORE_FALLBACK &&
    !state.everQuic
  );
}

async function attempt(at: At, protocol: Protocol, parts: Parts, onRegistered: () => void): Promise<Outcome> {
  const { state, settings, log, pace } = parts;
  state.attempts += 1;
  try {
    if (protocol === "quic") parts.onQuicDial();
    const connection = `${state.connectorId} ${at.index}`;
    const link = await dial(settings.edge, protocol, connection, () => pace.wait(DIAL_MS[protocol]));
    if (!link) {
      if (!state.stopping) logDialFailure(at, protocol, parts);
      return "not-dialled";
    }
    link.onMessage((message) => parts.take(message, at.index, link));
    const { connectorId, version } = state;
    const token = settings.token.text;
    const asked = { token, connIndex: at.index, connectorId, version, arch: "linux_amd64" };
    const registration = await link.register(asked);
    if ("refused" in registration) {
      state.refused += 1;
      link.close();
      if (!state.stopping) logRefusal(at, protocol, parts, registration.refused);
      return "refused";
    }
    goLive(at, protocol, parts, { link, ...registration });
    onRegistered();
    await link.closed;
    if (!state.stopping) logLoss(at, protocol, state.live.size, log);
    state.live.delete(at.index);
    return "lost";
  } finally {
    state.attempts -= 1;
  }
}

function goLive(
  at: At,
  protocol: Protocol,
  { state, log }: Parts,
  { link, connection, location }: { link: EdgeLink; connection: string; location: string },
): void {
  state.live.set(at.index, { link, ip: at.ip, protocol, location });
  state.locations.set(at.index, [...(state.locations.get(at.index) ?? []), location]);
  state.registered += 1;
  state.everQuic ||= protocol === "quic";
  log(EDGE_LINES.registered(at, connection, location, protocol));
}

function logDialFailure(at: At, protocol: Protocol, { state, log }: Parts): void {
  const active = state.live.size;
  log(protocol === "quic" ? EDGE_LINES["quic-dial"](at, active) : EDGE_LINES["h2-dial"](at, active));
  log(EDGE_LINES.serve(at, active, dialError(protocol, at.ip)));
}

/** Over QUIC the reason stands in the first line only. */
function logRefusal(at: At, protocol: Protocol, { state, log }: Parts, because: string): void {
  const active = state.live.size;
  if (protocol === "http2") {
    log(EDGE_LINES["h2-register"](at, active, because));
    log(EDGE_LINES["h2-serve-req"](because));
    return;
  }
  const vague = "control stream encountered a failure while serving";
  log(EDGE_LINES["quic-control"](at, because));
  log(EDGE_LINES["quic-datagram"](at));
  log(EDGE_LINES["quic-serve"](at, active, vague));
  log(EDGE_LINES.serve(at, active, vague));
}

const H2_LOST = "connection with edge closed";
const QUIC_LOST = "accept stream listener encountered a failure while serving";

/** The dying connection still counts as active here, so that the last one's loss may be a warning. */
function logLoss(at: At, protocol: Protocol, active: number, log: Log): void {
  if (protocol === "http2") {
    log(EDGE_LINES["h2-lost"](at));
    log(EDGE_LINES["h2-serve-req"]("Error shutting down control stream: client disconnected"));
    log(EDGE_LINES.serve(at, active, H2_LOST));
    return;
  }
  log(EDGE_LINES["quic-accept"](at));
  log(EDGE_LINES["quic-datagram"](at));
  log(EDGE_LINES["quic-serve"](at, active, QUIC_LOST));
  log(EDGE_LINES.serve(at, active, QUIC_LOST));
}

async function afterLoss(at: At, protocol: Protocol, { state, log, pace }: Parts): Promise<void> {
  log(EDGE_LINES.retrying(at, "1s"));
  await pace.upTo(1000);
  if (state.stopping) return;
  log(EDGE_LINES.terminated(at, state.live.size, protocol === "http2" ? H2_LOST : QUIC_LOST));
  await pace.upTo(RECONNECT_MS);
}

/** A duration as Go writes it. */
function goDuration(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
