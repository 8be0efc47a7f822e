// The Cloudflare of the sandbox: the API on one port, the edge that acts on it on another, and the verbs of people in
// front of a browser or in the dashboard.
import { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import type { CloudflareEmulator, Seed, Shared } from "../contract.ts";
import { createAccessTokens } from "./access-tokens.ts";
import { createAccount } from "./account.ts";
import { applicationView } from "./applications.ts";
import { type Connectors, createConnectors } from "./connectors.ts";
import { createDashboard, type Dashboard } from "./dashboard.ts";
import { createEdge, type Origin } from "./edge.ts";
import { createEdgePort, tunnelOf } from "./edge-port.ts";
import { createEdgeServer } from "./edge-server.ts";
import { createEdgeView } from "./edge-view.ts";
import { createAccessGate } from "./gate.ts";
import { createHistory } from "./history.ts";
import { createHoles } from "./holes.ts";
import { routeChanges, rulesOf } from "./ingress.ts";
import { createNetwork } from "./network.ts";
import { recordView } from "./records.ts";
import { type ApiLimits, type ApiParts, createApiServer } from "./router.ts";
import { accessRoutes } from "./routes-access.ts";
import { accountRoutes } from "./routes-account.ts";
import { dnsRoutes } from "./routes-dns.ts";
import { tunnelRoutes, tunnelToken } from "./routes-tunnels.ts";
import { createState, type Json, type Tunnel } from "./state.ts";
import { createVisitor } from "./visitor.ts";

export type CloudflareOptions = {
  port?: number;
  edgePort?: number;
  origin: Origin;
  limits?: Partial<ApiLimits>;
  /** true: as the real cloudflared, which keeps the visitor's Host unless the route sets `httpHostHeader`. Default
   *  false: the service address's host is sent. */
  keepsHost?: boolean;
};

/** The contract's emulator, with what only some tests need. */
export type Cloudflare = CloudflareEmulator &
  Dashboard & {
    connectors: Connectors;
    /** `METHOD /path/{parameter}` of each emulated endpoint, below /client/v4. */
    endpoints: string[];
  };

export async function startCloudflare(
  shared: Shared,
  seed: Seed["cloudflare"],
  options: CloudflareOptions,
): Promise<Cloudflare> {
  const now = () => shared.clock.now();
  const state = createState(seed, now());
  const history = createHistory(shared.clock);
  const tokens = createAccessTokens(() => state.team, shared.clock);
  const view = createEdgeView(seed.propagationMs);
  const gate = createAccessGate(state, view, tokens, now);
  // Replicas that run from the start have their configuration already.
  const connectors = createConnectors(now, 0, connectorsChanged);
  const keepsHost = options.keepsHost ?? false;
  const network = createNetwork();
  const { origin } = options;
  const edge = createEdge({ state, view, gate, tokens, connectors, origin, keepsHost, network });
  const holes = createHoles(edge, gate, view, connectors, history);
  const account = createAccount({ state, view, connectors, tokens, history, holes, now });

  function connectorsChanged(tunnelId: string, before: Json | null, after: Json | null): void {
    const tunnel = state.tunnels.get(tunnelId);
    if (tunnel) noteActivity(tunnel);
    const changed = routeChanges(before, after).map((change) => change.hostname);
    const sweeping =
      before === after || [before, after].some(hasWildcard) || lastRule(before) !== lastRule(after);
    if (sweeping) holes.judgeAll();
    holes.judge(changed);
    history.tell({ kind: "connectors" });
  }

  function noteActivity(tunnel: Tunnel): void {
    const up = connectors.of(tunnel.id).length > 0;
    if (up === (tunnel.activeAt !== null && tunnel.inactiveAt === null)) return;
    const at = now().toISOString();
    if (up) state.tunnels.set(tunnel.id, { ...tunnel, activeAt: at, inactiveAt: null });
    else if (tunnel.activeAt) state.tunnels.set(tunnel.id, { ...tunnel, inactiveAt: at });
  }

  for (const tunnel of seed.tunnels) {
    const stored = state.tunnels.get(tunnel.id);
    if (stored) connectors.setCount(stored, tunnel.connectors);
    holes.judge(rulesOf(stored?.config ?? null).flatMap((rule) => rule.hostname || []));
  }
  connectors.setDelay(seed.connectorDelayMs);

  const limits = { applications: 500, requests: 1200, enforced: false, ...options.limits };
  const api: ApiParts = { ...shared, state, account, connectors, history, limits };
  const routes = { ...tunnelRoutes(api), ...accessRoutes(api), ...accountRoutes(api), ...dnsRoutes(api) };
  const apiServer = createApiServer(api, routes);
  const edgeServer = createEdgeServer(shared, { edge, gate, history, holes, state });
  const tunnelPort = createEdgePort({ state, connectors, network, clock: shared.clock });
  const [port, edgePort, connectorPort] = [
    await listen(apiServer, options.port),
    await listen(edgeServer, options.edgePort),
    await listen(tunnelPort.server),
  ];

  return {
    apiUrl: `http://127.0.0.1:${port}/client/v4`,
    edgeUrl: `http://127.0.0.1:${edgePort}`,
    connectorAddress: `127.0.0.1:${connectorPort}`,
    network,
    tunnelToken(tunnelId) {
      const tunnel = state.tunnels.get(tunnelId);
      if (!tunnel) throw new Error(`no tunnel ${tunnelId}`);
      return tunnelToken(state.accountId, tunnel);
    },
    connectWith(token) {
      const known = tunnelOf(state, token);
      if ("because" in known) return null;
      return { tunnelId: known.tunnel.id, connectorId: connectors.attach(known.tunnel).id };
    },
    dropConnections: tunnelPort.drop,
    holdConnections: tunnelPort.hold,
    releaseConnections: tunnelPort.release,
    connectors,
    endpoints: Object.keys(routes),
    visit: createVisitor({ edge, gate, history, holes, state }),
    history: history.of,
    firstHole(hostname) {
      holes.watch(hostname.toLowerCase());
      return holes.first(hostname);
    },
    tunnelConfig(tunnelId) {
      const tunnel = state.tunnels.get(tunnelId);
      return { version: tunnel?.version ?? 0, config: structuredClone(tunnel?.config ?? {}) };
    },
    applications: () =>
      [...state.applications.values()].map((each) => structuredClone(applicationView(state, each))),
    records: (zoneId) => [...state.records.values()].filter((each) => each.zoneId === zoneId).map(recordView),
    ...createDashboard({ state, account, view, connectors, limits, holes, now }),
    onChange: history.onChange,
    async close() {
      view.close();
      connectors.close();
      tunnelPort.close();
      await Promise.all([stop(apiServer), stop(edgeServer), stop(tunnelPort.server)]);
    },
  };
}

function hasWildcard(config: Json | null): boolean {
  return rulesOf(config).some((rule) => rule.hostname?.startsWith("*."));
}

function lastRule(config: Json | null): string {
  return JSON.stringify([rulesOf(config).at(-1), config?.originRequest]);
}

function listen(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function stop(server: Server): Promise<void> {
  if (server instanceof HttpServer) server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
