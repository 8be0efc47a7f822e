// What signals say of a tunnel, for tests: connectors, readings of Cloudflare's API and of `/ready`, lines of a log.
import type { LogFact } from "../../src/domain/diagnosis/facts.ts";
import type { ConnectorDetails } from "../../src/domain/observed.ts";
import type { EndpointReading, Readiness, Signals, TunnelReading } from "../../src/domain/signals.ts";

export const NOW = new Date("2026-11-24T09:00:00Z");
export const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
export const TUNNEL = { tunnelId: "t1", name: "cloud-run" };
export const NONE: Signals = {
  api: null,
  endpoints: [],
  log: null,
  probes: [],
  instances: null,
  others: false,
  failedRevision: null,
};

export function connector(
  id: string,
  connections = 4,
  change: Partial<ConnectorDetails> = {},
): ConnectorDetails {
  const edge = { colo: "nrt08" };
  return {
    id,
    configVersion: 7,
    version: "2026.8.2",
    openedAt: ago(900),
    connections: Array(connections).fill(edge),
    ...change,
  };
}

export function api(status: TunnelReading["status"], change: Partial<TunnelReading> = {}): TunnelReading {
  const connectors = [connector("c1"), connector("c2")];
  return {
    tunnelId: "t1",
    at: ago(2),
    name: "cloud-run",
    status,
    connectors,
    connectorsAt: ago(2),
    ...change,
  };
}

export const answered = (connections: number, connectorId = "c1"): Readiness => ({
  state: "answered",
  connectorId,
  connections,
});
export const REFUSED: Readiness = { state: "refused" };
export const SILENT: Readiness = { state: "silent", because: "no answer in time" };

export function endpoints(...ready: Readiness[]): EndpointReading[] {
  return ready.map((each, index) => ({
    address: `http://10.0.0.${index}:2000`,
    at: ago(1),
    ready: each,
    details: {
      version: "2026.8.2",
      protocol: "http2",
      configVersion: 7,
      colos: ["nrt08", "kix01", "nrt12", "kix06"],
    },
    detailsAt: ago(40),
  }));
}

export function line(message: string, seconds: number, change: Partial<LogFact> = {}): LogFact {
  return {
    kind: "log",
    at: ago(seconds),
    stream: "one",
    group: "p/r/cloudflared",
    place: { project: "p", location: "r" },
    level: "info",
    message,
    error: null,
    connIndex: null,
    ip: null,
    location: null,
    protocol: null,
    tunnelId: null,
    originService: null,
    configVersion: null,
    config: null,
    precheck: null,
    ...change,
  };
}

export const registered = (connIndex: number, seconds: number, stream = "one") =>
  line("Registered tunnel connection", seconds, { connIndex, stream, protocol: "http2", location: "nrt08" });
export const lost = (connIndex: number, seconds: number, stream = "one") =>
  line("Lost connection with the edge", seconds, { connIndex, stream });
export const started = (seconds: number, stream = "one", id = "c1") => [
  line("Starting tunnel", seconds, { stream }),
  line(`Generated Connector ID: ${id}`, seconds, { stream }),
  line("Version 2026.8.2 (Checksum x)", seconds, { stream }),
];
export const up = (seconds: number, stream = "one", id = "c1") => [
  ...started(seconds, stream, id),
  ...[0, 1, 2, 3].map((index) => registered(index, seconds - 1, stream)),
];
export const log = (...facts: LogFact[]): Signals["log"] => ({ at: ago(1), standing: [], facts });
