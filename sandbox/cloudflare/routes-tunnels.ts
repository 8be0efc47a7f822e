// The tunnels of an account, their connectors and their configuration documents.
// https://developers.cloudflare.com/api/resources/zero_trust/subresources/tunnels/
import type { HttpAnswer } from "../http-fault.ts";
import { connectorView, tunnelStatus } from "./connectors.ts";
import { type Call, ok, paged, refuse } from "./envelope.ts";
import { refuseDocument } from "./ingress.ts";
import type { ApiParts, Routes } from "./router.ts";
import { type Json, newAud, newUuid, type Tunnel } from "./state.ts";

const TUNNELS = "/accounts/{account_id}/cfd_tunnel";
const TUNNEL = `${TUNNELS}/{tunnel_id}`;

export function tunnelRoutes(api: ApiParts): Routes {
  const { state, account, connectors } = api;
  const now = () => api.clock.now().toISOString();

  function view(tunnel: Tunnel): Json {
    return {
      id: tunnel.id,
      account_tag: state.accountId,
      name: tunnel.name,
      created_at: tunnel.createdAt,
      deleted_at: tunnel.deletedAt,
      conns_active_at: tunnel.activeAt,
      conns_inactive_at: tunnel.inactiveAt,
      connections: [],
      tun_type: "cfd_tunnel",
      status: tunnelStatus(tunnel, connectors.of(tunnel.id)),
      config_src: tunnel.configSrc,
      remote_config: tunnel.configSrc === "cloudflare",
      metadata: {},
    };
  }

  function withTunnel(handle: (tunnel: Tunnel, call: Call) => HttpAnswer) {
    return (call: Call) => {
      const tunnel = state.tunnels.get(call.params.tunnel_id ?? "");
      return tunnel && !tunnel.deletedAt ? handle(tunnel, call) : refuse(404, 1002, "Tunnel not found");
    };
  }

  function taken(name: string, except?: string): boolean {
    return [...state.tunnels.values()].some(
      (each) => each.name === name && !each.deletedAt && each.id !== except,
    );
  }

  function list({ query }: Call): HttpAnswer {
    const found = [...state.tunnels.values()].filter((tunnel) => {
      if (query.is_deleted !== undefined && (query.is_deleted === "true") !== (tunnel.deletedAt !== null))
        return false;
      if (query.name !== undefined && query.name !== tunnel.name) return false;
      if (query.uuid !== undefined && query.uuid !== tunnel.id) return false;
      if (query.include_prefix !== undefined && !tunnel.name.startsWith(query.include_prefix)) return false;
      if (query.exclude_prefix !== undefined && tunnel.name.startsWith(query.exclude_prefix)) return false;
      return query.status === undefined || query.status === tunnelStatus(tunnel, connectors.of(tunnel.id));
    });
    return paged(query, found.map(view), { initial: 20, most: 1000 });
  }

  function create({ body }: Call): HttpAnswer {
    const name = body.name;
    if (typeof name !== "string" || name === "") return refuse(400, 1003, "Tunnel name is required");
    if (taken(name)) return refuse(409, 1013, "You already have a tunnel with this name");
    // Without config_src the API makes a locally managed tunnel.
    const configSrc = body.config_src === "cloudflare" ? "cloudflare" : "local";
    const tunnel: Tunnel = {
      id: newUuid(),
      name,
      secret:
        typeof body.tunnel_secret === "string"
          ? body.tunnel_secret
          : Buffer.from(newAud(), "hex").toString("base64"),
      configSrc,
      config: null,
      version: 0,
      configuredAt: now(),
      createdAt: now(),
      deletedAt: null,
      activeAt: null,
      inactiveAt: null,
    };
    account.putTunnel(tunnel);
    return ok(view(tunnel));
  }

  function edit(tunnel: Tunnel, { body }: Call): HttpAnswer {
    const name = typeof body.name === "string" ? body.name : tunnel.name;
    if (taken(name, tunnel.id)) return refuse(409, 1013, "You already have a tunnel with this name");
    const secret = typeof body.tunnel_secret === "string" ? body.tunnel_secret : tunnel.secret;
    account.putTunnel({ ...tunnel, name, secret });
    return ok(view({ ...tunnel, name }));
  }

  function remove(tunnel: Tunnel): HttpAnswer {
    if (connectors.of(tunnel.id).length > 0) {
      return refuse(400, 1022, "Cannot delete tunnel because it has active connections");
    }
    const deleted = { ...tunnel, deletedAt: now() };
    account.putTunnel(deleted);
    return ok(view(deleted));
  }

  function token(tunnel: Tunnel): HttpAnswer {
    return ok(tunnelToken(state.accountId, tunnel));
  }

  function cutConnections(tunnel: Tunnel, { query }: Call): HttpAnswer {
    // Without client_id all connectors are cut off.
    connectors.detach(tunnel.id, query.client_id);
    return ok(null);
  }

  function configuration(tunnel: Tunnel): Json {
    return {
      account_id: state.accountId,
      tunnel_id: tunnel.id,
      version: tunnel.version,
      config: tunnel.config,
      source: tunnel.configSrc,
      created_at: tunnel.configuredAt,
    };
  }

  /** A whole new document. On a locally managed tunnel it takes the management over. */
  function configure(tunnel: Tunnel, { body }: Call): HttpAnswer {
    const because = refuseDocument(body.config);
    if (because) return refuse(400, 1056, `Bad Configuration: ${because}`);
    return ok(configuration(account.putConfig(tunnel, body.config as Json)));
  }

  return {
    [`GET ${TUNNELS}`]: list,
    [`POST ${TUNNELS}`]: create,
    [`GET ${TUNNEL}`]: withTunnel((tunnel) => ok(view(tunnel))),
    [`PATCH ${TUNNEL}`]: withTunnel(edit),
    [`DELETE ${TUNNEL}`]: withTunnel(remove),
    [`GET ${TUNNEL}/token`]: withTunnel(token),
    [`GET ${TUNNEL}/connections`]: withTunnel((tunnel) => ok(connectors.of(tunnel.id).map(connectorView))),
    [`DELETE ${TUNNEL}/connections`]: withTunnel(cutConnections),
    [`GET ${TUNNEL}/configurations`]: withTunnel((tunnel) => ok(configuration(tunnel))),
    [`PUT ${TUNNEL}/configurations`]: withTunnel(configure),
  };
}

/** What `cloudflared tunnel run --token` takes. */
export function tunnelToken(accountId: string, tunnel: Tunnel): string {
  return Buffer.from(JSON.stringify({ a: accountId, t: tunnel.id, s: tunnel.secret })).toString("base64");
}
