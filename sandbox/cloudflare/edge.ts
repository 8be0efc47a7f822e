// The edge: DNS, then Access, then the tunnel's connector with its own lock, then the origin.
import type { Visit } from "../contract.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { type Connector, type Connectors, originOf, originRequestOf, serving } from "./connectors.ts";
import type { EdgeView } from "./edge-view.ts";
import { errorPage } from "./error-page.ts";
import type { AccessGate, EdgeRequest } from "./gate.ts";
import { type AccessLock, ruleFor, rulesOf } from "./ingress.ts";
import type { Network } from "./network.ts";
import { newHexId, type State } from "./state.ts";

export type Origin = (
  host: string,
  path: string,
) => { status: number; headers: Record<string, string>; body: string };

/** `email` where somebody who had logged in asked. */
export type EdgeAnswer = Visit & { email?: string; detail?: string };

/** Where a connector sends a request. */
export type Hop =
  | { to: "service"; url: URL; host: string; rule: number }
  | { to: "status"; status: number }
  | { to: "lock"; status: number; detail: string }
  | { to: "nowhere"; status: number; detail: string };

export type Edge = {
  answer(request: EdgeRequest): EdgeAnswer;
  /** The tunnel that a hostname's record leads to, or null where no proxied record does. */
  tunnelAt(hostname: string): string | null;
  hop(connector: Connector, request: EdgeRequest, token?: string): Hop;
};

export type EdgeParts = {
  state: State;
  view: EdgeView;
  gate: AccessGate;
  tokens: AccessTokens;
  connectors: Connectors;
  origin: Origin;
  /** As cloudflared does it: without `httpHostHeader` the visitor's hostname is sent on, and Google answers 404. */
  keepsHost: boolean;
  network: Network;
};

const TUNNEL_SUFFIX = ".cfargotunnel.com";

export function createEdge(parts: EdgeParts): Edge {
  const { state, view, gate, connectors } = parts;
  let turn = 0;

  function answer(request: EdgeRequest): EdgeAnswer {
    const record = view.record(request.hostname);
    if (!record || (record.content.endsWith(TUNNEL_SUFFIX) && !record.proxied)) return noSuchHost();
    const front = state.inFront.get(request.hostname);
    if (front)
      return said(front.status, "reached the service", {}, front.body, { detail: "answered in front" });
    const site = state.sites.get(record.content);
    // Without Cloudflare's proxy in between, Access is not asked either.
    if (site && !record.proxied) return said(site.status, "answered elsewhere", {}, site.body, {});
    const judged = gate.judge(request);
    if (!judged.passes) {
      const headers: Record<string, string> = judged.location ? { location: judged.location } : {};
      if (judged.status === 302) headers["www-authenticate"] = "Cloudflare-Access";
      const body = judged.location
        ? ""
        : page("Forbidden", "You don't have permission to view this. Cloudflare Access");
      return said(judged.status, "stopped by Access", headers, body, {
        location: judged.location,
        detail: judged.detail,
      });
    }
    const asked = judged.email ? { email: judged.email } : {};
    if (site) return said(site.status, "answered elsewhere", {}, site.body, {});
    const tunnelId = tunnelAt(request.hostname);
    if (!tunnelId)
      return { ...said(523, "origin refused", {}, page("523", "Origin is unreachable"), {}), ...asked };
    const live = serving(connectors.of(tunnelId));
    turn += 1;
    const connector = live[turn % Math.max(1, live.length)];
    if (!connector) return { ...tunnelDown(), ...asked };
    return { ...through(connector, hop(connector, request, judged.token), request), ...asked };
  }

  function tunnelAt(hostname: string): string | null {
    const record = view.record(hostname);
    if (record?.type !== "CNAME" || !record.proxied || !record.content.endsWith(TUNNEL_SUFFIX)) return null;
    return record.content.slice(0, -TUNNEL_SUFFIX.length).toLowerCase();
  }

  function hop(connector: Connector, request: EdgeRequest, token?: string): Hop {
    if (!connector.config)
      return { to: "nowhere", status: 503, detail: "the connector has no configuration yet" };
    const rule = ruleFor(connector.config, request.hostname, request.path);
    if (!rule) return { to: "nowhere", status: 503, detail: "no ingress rule" };
    const locked = lockRefuses(parts.tokens, state.team, rule.originRequest?.access, token);
    if (locked) return { to: "lock", ...locked };
    const service = rule.service ?? "";
    const status = /^http_status:(\d+)$/.exec(service);
    if (status) return { to: "status", status: Number(status[1]) };
    const url = originOf(service);
    if (!url) return { to: "nowhere", status: 502, detail: `${service} is no HTTP service` };
    const header = originRequestOf(connector.config, rule).httpHostHeader;
    const host =
      typeof header === "string" && header !== "" ? header : parts.keepsHost ? request.hostname : url.host;
    return { to: "service", url, host, rule: rulesOf(connector.config).indexOf(rule) };
  }

  function through(connector: Connector, to: Hop, request: EdgeRequest): EdgeAnswer {
    if (to.to === "lock") return said(to.status, "stopped by cloudflared", {}, "", { detail: to.detail });
    if (to.to === "status") return said(to.status, "catch-all", {}, "", {});
    if (to.to === "nowhere")
      return said(to.status, "origin refused", {}, page(String(to.status), "Bad gateway"), to);
    const { origin } = parts.network.state();
    const failure = origin === "open" ? undefined : origin;
    const answered = failure ? unreachable(failure) : parts.origin(to.host, request.path + request.search);
    const { status, headers, body } = answered;
    const { hostname, path } = request;
    connector.served?.({ hostname, path, status, rule: to.rule, service: to.url.origin, failure });
    const refused = status === 403 || status === 404 || status >= 500;
    const detail = `${to.host} answered ${status}`;
    return said(status, refused ? "origin refused" : "reached the service", headers, body, { detail });
  }

  return { answer, tunnelAt, hop };
}

/** cloudflared's own check of the token. It knows neither policies nor revocations: a signature, a team, an audience.
 *  https://github.com/cloudflare/cloudflared/blob/master/ingress/middleware/jwtvalidator.go */
function lockRefuses(
  tokens: AccessTokens,
  team: string,
  lock: AccessLock | undefined,
  token: string | undefined,
): { status: number; detail: string } | null {
  if (lock?.required !== true) return null;
  if (!token) return { status: 403, detail: "no access token in request" };
  const payload = tokens.read(token);
  if (lock.teamName !== team) return { status: 502, detail: "cannot fetch the team's certificates" };
  if (!payload || tokens.expired(payload)) return { status: 502, detail: "invalid access token" };
  if ((lock.audTag ?? []).some((aud) => payload.aud.includes(aud))) return null;
  return { status: 403, detail: "the token's audience is not one of audTag" };
}

function noSuchHost(): EdgeAnswer {
  return said(530, "no such host", { "x-sandbox-dns": "nxdomain" }, errorPage(1016, "Origin DNS error"), {});
}

/** cloudflared's own 502, when it cannot reach the origin. */
function unreachable(failure: string): ReturnType<Origin> {
  return { status: 502, headers: {}, body: page("502", `Unable to reach the origin service: ${failure}`) };
}

function tunnelDown(): EdgeAnswer {
  const body = errorPage(1033, "Cloudflare Tunnel error");
  return said(530, "tunnel down", { "retry-after": "120" }, body, {});
}

function said(
  status: number,
  verdict: Visit["verdict"],
  headers: Record<string, string>,
  body: string,
  more: { location?: string; detail?: string },
): EdgeAnswer {
  const ray = { "cf-ray": `${newHexId().slice(0, 16)}-NRT`, server: "cloudflare" };
  const type = { "content-type": "text/html; charset=utf-8", "set-cookie": botCookie() };
  const { location, detail } = more;
  return {
    status,
    verdict,
    headers: { ...type, ...ray, ...headers },
    body,
    ...(location ? { location } : {}),
    detail,
  };
}

/** As in a zone with Bot Fight Mode, where each answer brings one, whoever gave it.
 *  https://developers.cloudflare.com/fundamentals/reference/policies-compliances/cloudflare-cookies/ */
function botCookie(): string {
  const expires = new Date(Date.now() + 30 * 60_000).toUTCString();
  return `__cf_bm=${newHexId()}; path=/; expires=${expires}; HttpOnly; Secure; SameSite=None`;
}

export function page(title: string, text: string): string {
  return `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`;
}
