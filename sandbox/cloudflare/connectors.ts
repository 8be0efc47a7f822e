// The running cloudflared replicas of the tunnels. By default they live in here and take each configuration version
// after a delay; a stand-in process can take the place of one: `attach` it with `drives: true`, `open` and `shut` its
// connections, and `report` its versions.
import type { Request } from "../cloudflared/wire.ts";
import { refuseAsConnector } from "./ingress.ts";
import { isObject, type Json, newUuid, type Tunnel } from "./state.ts";

/** `index` is cloudflared's own number of it, 0 to 3. */
export type Connection = { id: string; index: number; colo: string; openedAt: string; originIp: string };

export type Connector = {
  id: string;
  tunnelId: string;
  version: string;
  arch: string;
  runAt: string;
  /** The version it serves; -1 until it has its first document, and so long it answers 503. */
  configVersion: number;
  config: Json | null;
  connections: Connection[];
  /** Takes versions by `report` only. */
  drives: boolean;
  /** Why it kept its older version. */
  refused?: string;
} & Partial<Driver>;

/** How a stand-in process is reached. */
export type Driver = {
  /** Hands it a configuration version; it `report`s when it has taken it. */
  offer(version: number, config: Json): void;
  /** Tells it of a request that went through it. */
  served(request: Request): void;
  /** Closes its connections. */
  cut(): void;
};

export type NewConnector = Partial<
  Pick<Connector, "id" | "version" | "arch" | "runAt" | "drives"> & Driver
> & {
  connections?: number;
};

export type Connectors = {
  of(tunnelId: string): Connector[];
  /** How many run: stops the youngest, or starts new ones. */
  setCount(tunnel: Tunnel, count: number): void;
  attach(tunnel: Tunnel, connector?: NewConnector): Connector;
  detach(tunnelId: string, connectorId?: string): void;
  /** What a stand-in process says it serves now. */
  report(tunnelId: string, connectorId: string, version: number, config: Json): void;
  /** One more connection of a connector, or one less. */
  open(tunnelId: string, connectorId: string, index: number): Connection;
  shut(tunnelId: string, connectorId: string, index: number): void;
  /** How many of a connector's connections to the edge are up, of four. */
  setConnections(tunnelId: string, connectorId: string, count: number): void;
  /** The tunnel has a new document: every connector takes it after the delay. */
  push(tunnel: Tunnel): void;
  setDelay(ms: number): void;
  close(): void;
};

const COLOS = ["nrt08", "kix01", "nrt12", "kix06"];
const FULL = COLOS.length;

export function createConnectors(
  now: () => Date,
  initialDelayMs: number,
  onChange: (tunnelId: string, before: Json | null, after: Json | null) => void,
): Connectors {
  const running = new Map<string, Connector[]>();
  const timers = new Set<NodeJS.Timeout>();
  let delayMs = initialDelayMs;
  const of = (tunnelId: string) => running.get(tunnelId) ?? [];

  function later(task: () => void): void {
    if (delayMs <= 0) {
      task();
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, delayMs);
    timer.unref();
    timers.add(timer);
  }

  function apply(connector: Connector, version: number, config: Json): void {
    if (!of(connector.tunnelId).includes(connector) || version <= connector.configVersion) return;
    const refused = refuseAsConnector(config);
    const before = connector.config;
    if (refused) connector.refused = refused;
    else Object.assign(connector, { configVersion: version, config, refused: undefined });
    onChange(connector.tunnelId, before, connector.config);
  }

  function take(connector: Connector, tunnel: Tunnel): void {
    const { version, config } = tunnel;
    if (!config) return;
    if (connector.drives) later(() => connector.offer?.(version, config));
    else later(() => apply(connector, version, config));
  }

  function connection(index: number): Connection {
    const colo = COLOS[index % FULL] ?? "nrt08";
    const originIp = `198.51.100.${10 + index}`;
    return { id: newUuid(), index, colo, openedAt: now().toISOString(), originIp };
  }

  function connect(count: number): Connection[] {
    return COLOS.slice(0, count).map((_, index) => connection(index));
  }

  function find(tunnelId: string, connectorId: string): Connector | undefined {
    return of(tunnelId).find((each) => each.id === connectorId);
  }

  function attach(tunnel: Tunnel, given: NewConnector = {}): Connector {
    const { connections = FULL, ...chosen } = given;
    const connector: Connector = {
      id: newUuid(),
      tunnelId: tunnel.id,
      version: "2026.8.2",
      arch: "linux_amd64",
      runAt: now().toISOString(),
      configVersion: -1,
      config: null,
      drives: false,
      ...chosen,
      connections: connect(connections),
    };
    running.set(tunnel.id, [...of(tunnel.id), connector]);
    onChange(tunnel.id, null, null);
    take(connector, tunnel);
    return connector;
  }

  function detach(tunnelId: string, connectorId?: string): void {
    const gone = of(tunnelId).filter((each) => connectorId === undefined || each.id === connectorId);
    running.set(
      tunnelId,
      of(tunnelId).filter((each) => !gone.includes(each)),
    );
    for (const connector of gone) connector.cut?.();
    onChange(tunnelId, null, null);
  }

  return {
    of,
    attach,
    detach,
    setCount(tunnel, count) {
      while (of(tunnel.id).length > count) detach(tunnel.id, of(tunnel.id).at(-1)?.id);
      while (of(tunnel.id).length < count) attach(tunnel);
    },
    report(tunnelId, connectorId, version, config) {
      const connector = find(tunnelId, connectorId);
      if (connector) apply(connector, version, config);
    },
    open(tunnelId, connectorId, index) {
      const connector = find(tunnelId, connectorId);
      const opened = connection(index);
      const others = connector?.connections.filter((each) => each.index !== index) ?? [];
      if (connector) connector.connections = [...others, opened];
      onChange(tunnelId, null, null);
      return opened;
    },
    shut(tunnelId, connectorId, index) {
      const connector = find(tunnelId, connectorId);
      if (!connector) return;
      connector.connections = connector.connections.filter((each) => each.index !== index);
      onChange(tunnelId, null, null);
    },
    setConnections(tunnelId, connectorId, count) {
      const connector = find(tunnelId, connectorId);
      if (connector) connector.connections = connect(count);
      onChange(tunnelId, null, null);
    },
    push(tunnel) {
      for (const connector of of(tunnel.id)) take(connector, tunnel);
    },
    setDelay(ms) {
      delayMs = ms;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** A connector without a single connection takes no requests. */
export function serving(connectors: Connector[]): Connector[] {
  return connectors.filter((connector) => connector.connections.length > 0);
}

/** `inactive` never ran, `degraded` lacks connections, `down` lost them all. */
export function tunnelStatus(
  tunnel: Tunnel,
  connectors: Connector[],
): "inactive" | "healthy" | "degraded" | "down" {
  if (!tunnel.activeAt) return "inactive";
  if (serving(connectors).length === 0) return "down";
  return connectors.every((connector) => connector.connections.length === FULL) ? "healthy" : "degraded";
}

/** A connector as `GET …/connections` shows it. */
export function connectorView(connector: Connector): Json {
  return {
    id: connector.id,
    version: connector.version,
    arch: connector.arch,
    run_at: connector.runAt,
    features: ["serialized_headers", "quick_reconnects", "allow_remote_config", "management_logs"],
    config_version: Math.max(0, connector.configVersion),
    conns: connector.connections.map((connection) => ({
      id: connection.id,
      uuid: connection.id,
      client_id: connector.id,
      client_version: connector.version,
      colo_name: connection.colo,
      is_pending_reconnect: false,
      opened_at: connection.openedAt,
      origin_ip: connection.originIp,
    })),
  };
}

/** The Host header and the address that a rule's service is called with, or null where it is no HTTP service. */
export function originOf(service: string): URL | null {
  if (!URL.canParse(service)) return null;
  const url = new URL(service);
  return /^(http|https|ws|wss):$/.test(url.protocol) ? url : null;
}

/** `originRequest` of the whole document is the default of each rule, except `access`, which cloudflared reads from the
 *  rule alone: https://github.com/cloudflare/cloudflared/issues/784 */
export function originRequestOf(config: Json, rule: { originRequest?: Json }): Json {
  const { access: _, ...defaults } = isObject(config.originRequest) ? config.originRequest : {};
  return { ...defaults, ...rule.originRequest };
}
