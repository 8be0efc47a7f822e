// Says what one log line is a sign of, by the family of its message and the kind of its error.
import { type EdgeError, edgeError, type OriginError, originError } from "./error-kinds.ts";
import type { LogFact } from "./facts.ts";

export type Sign =
  | { sign: "start" }
  | { sign: "version"; version: string }
  | { sign: "connector-id"; id: string }
  | { sign: "settings"; protocol: string | null }
  | { sign: "initial-protocol"; protocol: string }
  | { sign: "precheck" }
  | { sign: "registered" }
  | { sign: "config" }
  | { sign: "bad-config" }
  | { sign: "retrying"; neverUp: boolean }
  | { sign: "fallback" }
  | { sign: "quic-hint" }
  | { sign: "few-addresses"; available: number }
  /** A lost or failed connection, or a failed start. `weight`: a cause line, or an echo that others print as well. */
  | { sign: "edge"; error: EdgeError; weight: "cause" | "echo" | "terminated" }
  | { sign: "exit"; error: EdgeError }
  | { sign: "unregistered" }
  | { sign: "sigterm" }
  | { sign: "orderly-end" }
  | { sign: "stopped" }
  | { sign: "dns-hint" }
  | { sign: "bad-flags" }
  | { sign: "token-malformed" }
  | { sign: "origin"; error: OriginError; service: string }
  | { sign: "outdated" }
  | { sign: "noise" }
  | { sign: "unknown" };

const NOISE: Sign = { sign: "noise" };

/** Messages that are always the same. The keys are lower case: older versions wrote some with a capital. */
const WHOLE: ReadonlyMap<string, (line: LogFact) => Sign> = new Map<string, (line: LogFact) => Sign>([
  ["starting tunnel", () => ({ sign: "start" })],
  ["registered tunnel connection", () => ({ sign: "registered" })],
  ["unregistered tunnel connection", () => ({ sign: "unregistered" })],
  ["updated to new configuration", () => ({ sign: "config" })],
  ["failed to deserialize new configuration", () => ({ sign: "bad-config" })],
  ["failed to update ingress", () => ({ sign: "bad-config" })],
  ["precheck", () => ({ sign: "precheck" })],
  ["precheck complete", () => ({ sign: "precheck" })],
  ["lost connection with the edge", () => ({ sign: "edge", error: "h2-drop", weight: "cause" })],
  ["failed to dial a quic connection", (line) => quicDial(line)],
  ["failed to create new quic connection", (line) => quicDial(line)],
  ["unable to establish connection with cloudflare edge", (line) => edgeDial(line)],
  ["failed to accept incoming stream requests", (line) => edge(line, "cause")],
  ["failed to serve the control stream", (line) => edge(line, "cause")],
  ["register tunnel error from server side", (line) => edge(line, "cause")],
  ["failed to serve quic connection", (line) => edge(line, "cause")],
  ["failed to serve tunnel connection", (line) => edge(line, "echo")],
  ["serve tunnel error", (line) => edge(line, "echo")],
  ["unable to establish connection.", (line) => edge(line, "echo")],
  ["failed to run the datagram handler", () => NOISE],
  ["connection terminated", (line) => terminated(line)],
  ["failed to serve incoming request", (line) => h2Request(line)],
  ["request failed", () => NOISE],
  ["tunnel server stopped", () => ({ sign: "stopped" })],
  ["no more connections active and exiting", () => ({ sign: "orderly-end" })],
  ["initiating shutdown", (line) => shutdown(line)],
  ["initial tunnel connection failed", (line) => shutdown(line)],
  ["couldn't start tunnel", (line) => shutdown(line)],
  ["error opening metrics server listener", (line) => badStart(line)],
  ["metrics server stopped", () => NOISE],
  ["update check failed", () => NOISE],
  ["icmp proxy feature is disabled", () => NOISE],
  ["unable to lookup protocol percentage.", () => NOISE],
]);

export function signOf(line: LogFact): Sign {
  if (line.message === "") return requestFailed(line);
  const whole = WHOLE.get(line.message.toLowerCase());
  return whole ? whole(line) : (byFamily(line) ?? textSign(line.message) ?? adviceSign(line));
}

/** Hints and side effects. The receive buffer is a matter of speed, ICMP and flows of private networks are not ours. */
const HARMLESS =
  /^[+|]|receive buffer size|UDP-Buffer-Sizes|\bICMP\b|ping_group_range|^Too many concurrent|^If you are using private routing|^See 'cloudflared|^Changing protocol|^observer channel buffer|^Unable to lookup protocol/i;

const FAMILIES: readonly [RegExp, (match: RegExpExecArray, line: LogFact) => Sign][] = [
  [/^Retrying connection in up to (\S+)/i, ([, wait]) => ({ sign: "retrying", neverUp: wait !== "1s" })],
  [/^Initiating graceful shutdown/i, () => ({ sign: "sigterm" })],
  [/^Generated Connector ID: (\S+)/i, ([, id = ""]) => ({ sign: "connector-id", id })],
  [/^Version (\d+\.\d+\.\d+)/i, ([, version = ""]) => ({ sign: "version", version })],
  [/^Initial protocol (\w+)/i, ([, protocol = ""]) => ({ sign: "initial-protocol", protocol })],
  [
    /^(?:Settings|Environmental variables):? /i,
    (_, line) => ({ sign: "settings", protocol: protocolIn(line) }),
  ],
  [/^Switching to fallback protocol http2/i, () => ({ sign: "fallback" })],
  [/^If this log occurs persistently/i, () => ({ sign: "quic-hint" })],
  [
    /^You requested \d+ HA connections .*at most (\d+)/i,
    ([, most]) => ({ sign: "few-addresses", available: Number(most) }),
  ],
  [/^edge discovery: (error|failed to resolve)/i, (_, line) => discovery(line)],
  [/^Failed to fetch features|^Failed to refresh protocol/i, () => ({ sign: "dns-hint" })],
  // Versions before 2022 put the connection's id into the message.
  [/^Connection [0-9a-f-]{36} registered/i, () => ({ sign: "registered" })],
  [HARMLESS, () => NOISE],
];

function byFamily(line: LogFact): Sign | null {
  for (const [family, sign] of FAMILIES) {
    const match = family.exec(line.message);
    if (match) return sign(match, line);
  }
  return null;
}

const TOKEN_TEXT =
  /tunnel token is not valid|failed to read token file|cloudflared tunnel run" requires the ID or name|illegal base64 data|token file .*(permission denied|no such file)/i;
const USAGE =
  /^(\[error\] )?Incorrect Usage|flag provided but not defined|^invalid value .* for flag|flag needs an argument|h2mux is no longer a supported protocol|invalid edge-ip-version|^DNS Proxy is no longer supported/i;

/** What is printed as plain text by the command line itself: usage errors and the last words before an exit. */
function textSign(message: string): Sign | null {
  if (TOKEN_TEXT.test(message)) return { sign: "token-malformed" };
  if (USAGE.test(message)) return { sign: "bad-flags" };
  if (/could not lookup srv records/i.test(message)) return { sign: "exit", error: "edge-dns" };
  return null;
}

// The update server words this line, so only its gist can be relied upon.
const OUTDATED =
  /outdated|out of date|recommend(ed)? (upgrading|updating|to upgrade)|please (upgrade|update)|newer version|unsupported version/i;

function adviceSign(line: LogFact): Sign {
  if (line.level === "warn" && OUTDATED.test(line.message)) return { sign: "outdated" };
  if (line.level === "debug" || line.level === "info") return NOISE;
  if (line.error === null) return { sign: "unknown" };
  const error = edgeError(line.error, line.ip);
  return error === "fd" ? { sign: "edge", error, weight: "cause" } : { sign: "unknown" };
}

function edge(line: LogFact, weight: "cause" | "echo"): Sign {
  return { sign: "edge", error: line.error === null ? "drop-echo" : edgeError(line.error, line.ip), weight };
}

function quicDial(line: LogFact): Sign {
  const error =
    line.error === null
      ? "quic-blocked"
      : edgeError(`failed to dial to edge with quic: ${line.error}`, line.ip);
  return { sign: "edge", error, weight: "cause" };
}

function edgeDial(line: LogFact): Sign {
  const error = line.error === null ? "tcp-blocked" : edgeError(`DialContext error: ${line.error}`, line.ip);
  return { sign: "edge", error, weight: "cause" };
}

/** Without an error the index was handed back on purpose. */
function terminated(line: LogFact): Sign {
  if (line.error === null) return { sign: "orderly-end" };
  return { sign: "edge", error: edgeError(line.error, line.ip), weight: "terminated" };
}

/** The other copies of an origin's fault carry no service, and only repeat it. */
function h2Request(line: LogFact): Sign {
  const refused = edgeError(line.error ?? "") === "token";
  return refused ? { sign: "edge", error: "token", weight: "echo" } : NOISE;
}

function requestFailed({ error, originService }: LogFact): Sign {
  if (error === null || originService === null) return NOISE;
  return { sign: "origin", error: originError(error), service: originService };
}

function shutdown(line: LogFact): Sign {
  return line.error === null ? { sign: "stopped" } : { sign: "exit", error: edgeError(line.error, line.ip) };
}

function badStart(line: LogFact): Sign {
  const error = edgeError(line.error ?? "");
  return error === "fd" ? { sign: "exit", error } : { sign: "bad-flags" };
}

function discovery(line: LogFact): Sign {
  return /the DNS query failed|error looking up|failed to resolve/i.test(line.message)
    ? { sign: "edge", error: "edge-dns", weight: "cause" }
    : NOISE;
}

function protocolIn(line: LogFact): string | null {
  return /\b(?:protocol|TUNNEL_TRANSPORT_PROTOCOL):(\w+)/.exec(line.message)?.[1] ?? null;
}
