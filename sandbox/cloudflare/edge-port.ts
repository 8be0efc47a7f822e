// Where a cloudflared connects: the private port of the emulated edge. It checks the token, keeps the connector's
// connections, hands it each configuration version, and tells it of the requests that pass.
import { createServer, type Server, type Socket } from "node:net";
import { type FromEdge, speak, type ToEdge, type Wire } from "../cloudflared/wire.ts";
import type { SandboxClock } from "../contract.ts";
import type { Connectors } from "./connectors.ts";
import type { Network, NetworkState } from "./network.ts";
import { tunnelToken } from "./routes-tunnels.ts";
import { isObject, type Json, type State, type Tunnel } from "./state.ts";

/** One process: it keeps its configuration while it has no connection. */
type Session = {
  tunnelId: string;
  runAt: string;
  links: Map<number, Link>;
  applied: { version: number; config: Json };
};

type Link = Wire<FromEdge> & {
  protocol: "http2" | "quic" | null;
  registered: { session: Session; connectorId: string; connIndex: number } | null;
};

export type EdgePort = {
  server: Server;
  /** Cuts this many connections of a tunnel, as a restart of one of the edge's machines does; answers how many there were. */
  drop(tunnelId: string, count: number): number;
  /** Cuts them and does not take them back until `release`. */
  hold(tunnelId: string, count: number): void;
  release(): void;
  close(): void;
};

export type EdgePortParts = { state: State; connectors: Connectors; network: Network; clock: SandboxClock };

/** Two regions, as the SRV records of the real edge name them. */
const ADDRESSES = ["198.41.192.77", "198.41.200.23", "198.41.192.167", "198.41.200.113"];

export function createEdgePort({ state, connectors, network, clock }: EdgePortParts): EdgePort {
  const sessions = new Map<string, Session>();
  const links = new Set<Link>();
  const held = new Set<string>();

  const server = createServer((socket) => greet(socket));
  const stopNetwork = network.onChange((now) => {
    for (const link of links) if (isCut(link, now)) link.close();
  });
  const stopClock = clock.onChange((offsetMs) => {
    for (const link of links) link.send({ kind: "clock", offsetMs });
  });

  function greet(socket: Socket): void {
    const wire = speak<ToEdge, FromEdge>(socket, (message) => take(link, message));
    const link: Link = { ...wire, protocol: null, registered: null };
    links.add(link);
    socket.on("close", () => {
      links.delete(link);
      unregister(link);
    });
  }

  function take(link: Link, message: ToEdge): void {
    const { dns, ...ways } = network.state();
    if (message.kind === "lookup") {
      link.send(dns === "open" ? { kind: "addresses", ips: ADDRESSES } : { kind: "no-such-host" });
    } else if (message.kind === "dial") {
      const open = ways[message.protocol] === "open" && !held.has(message.connection);
      if (open) link.protocol = message.protocol;
      link.send({ kind: open ? "dialled" : "dropped" });
    } else if (message.kind === "register") register(link, message);
    else if (message.kind === "unregister") unregister(link);
    else applied(link, message);
  }

  function register(link: Link, asked: Extract<ToEdge, { kind: "register" }>): void {
    const known = tunnelOf(state, asked.token);
    if ("because" in known) {
      link.send({ kind: "refused", because: known.because });
      return;
    }
    const { tunnel } = known;
    const session = sessions.get(asked.connectorId) ?? newSession(tunnel.id);
    sessions.set(asked.connectorId, session);
    if (session.links.size === 0) attach(session, tunnel, asked);
    session.links.set(asked.connIndex, link);
    link.registered = { session, connectorId: asked.connectorId, connIndex: asked.connIndex };
    const connection = connectors.open(tunnel.id, asked.connectorId, asked.connIndex);
    link.send({ kind: "registered", connection: connection.id, location: connection.colo });
  }

  function newSession(tunnelId: string): Session {
    const applied = { version: -1, config: {} };
    return { tunnelId, runAt: clock.now().toISOString(), links: new Map(), applied };
  }

  function attach(session: Session, tunnel: Tunnel, asked: Extract<ToEdge, { kind: "register" }>): void {
    const { connectorId: id, version, arch } = asked;
    const any = () => session.links.values().next().value;
    connectors.attach(tunnel, {
      id,
      version,
      arch,
      runAt: session.runAt,
      connections: 0,
      drives: true,
      // After the answer to the registration, even where there is no delay.
      offer: (newest, config) =>
        void setImmediate(() => any()?.send({ kind: "configuration", version: newest, config })),
      served: (request) => any()?.send({ kind: "request", request }),
      cut: () => session.links.forEach((link) => void link.close()),
    });
    const { applied } = session;
    if (applied.version >= 0) connectors.report(session.tunnelId, id, applied.version, applied.config);
  }

  function unregister(link: Link): void {
    if (!link.registered) return;
    const { session, connectorId, connIndex } = link.registered;
    link.registered = null;
    session.links.delete(connIndex);
    connectors.shut(session.tunnelId, connectorId, connIndex);
    // A connector without a connection is none that the edge knows of.
    if (session.links.size === 0) connectors.detach(session.tunnelId, connectorId);
  }

  function applied({ registered }: Link, { version, refused }: { version: number; refused: boolean }): void {
    const tunnel = registered && state.tunnels.get(registered.session.tunnelId);
    if (!registered || !tunnel?.config || tunnel.version !== version) return;
    if (!refused) registered.session.applied = { version, config: tunnel.config };
    connectors.report(tunnel.id, registered.connectorId, version, tunnel.config);
  }

  function liveOf(tunnelId: string): Link[] {
    return [...links].filter((link) => link.registered?.session.tunnelId === tunnelId);
  }

  return {
    server,
    drop(tunnelId, count) {
      const live = liveOf(tunnelId).slice(0, count);
      for (const link of live) link.close();
      return live.length;
    },
    hold(tunnelId, count) {
      for (const link of liveOf(tunnelId).slice(0, count)) {
        held.add(nameOf(link));
        link.close();
      }
    },
    release: () => held.clear(),
    close() {
      stopNetwork();
      stopClock();
      for (const link of links) link.close();
    },
  };
}

function nameOf({ registered }: Link): string {
  return `${registered?.connectorId} ${registered?.connIndex}`;
}

function isCut({ protocol }: Link, now: NetworkState): boolean {
  return protocol !== null && now[protocol] === "blocked";
}

/** In the edge's words. */
export function tunnelOf(state: State, token: string): { tunnel: Tunnel } | { because: string } {
  const given = readToken(token);
  const tunnel = state.tunnels.get(String(given.t));
  if (!tunnel || tunnel.deletedAt) return { because: "Unauthorized: Failed to get tunnel" };
  if (given.a !== state.accountId) return { because: "Unauthorized: Account doesn't have tunnel" };
  const expected = readToken(tunnelToken(state.accountId, tunnel));
  return given.s === expected.s ? { tunnel } : { because: "Unauthorized: Invalid tunnel secret" };
}

function readToken(token: string): Json {
  try {
    const read: unknown = JSON.parse(Buffer.from(token, "base64").toString());
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}
