// The edge over HTTP, for the bot's probe and for browsers: every hostname by its Host header, and Access's log-in page
// on the team's own hostname.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Shared, Visit } from "../contract.ts";
import { answerThroughFaults, type HttpAnswer } from "../http-fault.ts";
import { type Edge, type EdgeAnswer, page } from "./edge.ts";
import { errorEnvelope } from "./envelope.ts";
import type { AccessGate, EdgeRequest } from "./gate.ts";
import type { Encounter, History } from "./history.ts";
import type { Holes } from "./holes.ts";
import type { State } from "./state.ts";

export type EdgeParts = { edge: Edge; gate: AccessGate; history: History; holes: Holes; state: State };

export function createEdgeServer(shared: Shared, parts: EdgeParts): Server {
  return createServer((request, response) => {
    const seen = readRequest(request);
    const { hostname, path, method } = seen;
    const query = Object.fromEntries(new URLSearchParams(seen.search));
    // The journal and the fault rules know a hostname as the head of the path: `billing.example.com/`.
    const entry = { method, path: hostname + path, query: withoutToken(query), body: null };
    request.resume();
    void answerThroughFaults(
      shared,
      "edge",
      entry,
      response,
      () => respond(parts, seen, query),
      errorEnvelope,
    ).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
}

function respond(parts: EdgeParts, request: EdgeRequest, query: Record<string, string>): HttpAnswer {
  if (request.hostname === `${parts.state.team}.cloudflareaccess.com`)
    return loginPage(parts, request, query);
  if (request.path === "/cdn-cgi/access/authorized") return authorized(query);
  if (request.path === "/cdn-cgi/access/logout") {
    return { status: 302, headers: { location: "/", "set-cookie": "CF_Authorization=; Path=/; Max-Age=0" } };
  }
  const answer = visitEdge(parts, request);
  return { status: answer.status, headers: answer.headers, body: answer.body };
}

/** Asks the edge and writes down who met what. */
export function visitEdge(parts: EdgeParts, request: EdgeRequest, email?: string): EdgeAnswer {
  parts.holes.watch(request.hostname);
  const answer = parts.edge.answer(request);
  recordVisit(parts.history, request.hostname, answer, email ?? answer.email);
  return answer;
}

const ENCOUNTERS: Partial<Record<Visit["verdict"], Encounter>> = {
  "stopped by Access": "stopped by Access",
  "refused by Access": "refused by Access",
  "stopped by cloudflared": "stopped by cloudflared",
  "catch-all": "met the catch-all",
  "reached the service": "reached the service",
  "answered elsewhere": "answered elsewhere",
  // What the origin says to somebody who got as far as the origin changes nothing about the road there.
  "origin refused": "reached the service",
};

export function recordVisit(history: History, hostname: string, answer: EdgeAnswer, email?: string): void {
  const encounter = ENCOUNTERS[answer.verdict];
  const detail = [email, answer.detail].filter(Boolean).join(": ");
  if (!encounter)
    history.record(hostname, answer.verdict === "tunnel down" ? "tunnel down" : "no such host", detail);
  else history.record(hostname, `${email ? "employee" : "stranger"} ${encounter}`, detail);
}

/** `…/cdn-cgi/access/login/<hostname>?kid=<aud>&redirect_url=…`: asks for an email, then sends the browser back with a
 *  token. The real one asks an identity provider. */
function loginPage(parts: EdgeParts, request: EdgeRequest, query: Record<string, string>): HttpAnswer {
  const hostname = /^\/cdn-cgi\/access\/login\/([^/]+)$/.exec(request.path)?.[1]?.toLowerCase();
  const back = query.redirect_url?.startsWith("/") ? query.redirect_url : "/";
  const application = hostname ? parts.gate.applicationAt(hostname, back.split("?")[0] ?? "/") : null;
  if (!hostname || !application || application.aud !== query.kid) {
    return { status: 404, headers: HTML, body: page("Not found", "Unable to find your Access application") };
  }
  const { email } = query;
  if (!email) return { status: 200, headers: HTML, body: loginForm(hostname, query) };
  const result = parts.gate.logIn(application, email);
  if ("refused" in result) {
    parts.history.record(hostname, "employee refused by Access", `${email}: ${result.refused}`);
    return { status: 403, headers: HTML, body: page("That account does not have access.", result.refused) };
  }
  const location = `https://${hostname}/cdn-cgi/access/authorized?${new URLSearchParams({ token: result.token, redirect_url: back })}`;
  return { status: 302, headers: { location, "set-cookie": cookieOf(result) } };
}

/** The application's own hostname takes the token over, since a cookie holds for one host. */
function authorized(query: Record<string, string>): HttpAnswer {
  const back = query.redirect_url ?? "/";
  const location = back.startsWith("/") && !back.startsWith("//") ? back : "/";
  const cookie = cookieOf({ token: query.token ?? "", maxAgeSeconds: 86_400 });
  return { status: 302, headers: { location, "set-cookie": cookie } };
}

export function cookieOf(result: { token: string; maxAgeSeconds: number }): string {
  return `CF_Authorization=${result.token}; Path=/; Max-Age=${result.maxAgeSeconds}; HttpOnly; Secure; SameSite=None`;
}

const HTML = { "content-type": "text/html; charset=utf-8" };

function loginForm(hostname: string, query: Record<string, string>): string {
  const hidden = Object.entries(query).map(([key, value]) => {
    return `<input type="hidden" name="${escapeHtml(key)}" value="${escapeHtml(value)}">`;
  });
  const form = `<form method="get">${hidden.join("")}<label>Email <input type="email" name="email" required></label><button>Log in</button></form>`;
  return page(`Log in to ${escapeHtml(hostname)}`, form);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function withoutToken(query: Record<string, string>): Record<string, string> {
  const { token, meta: _, ...rest } = query;
  return token === undefined ? rest : { ...rest, token: "[hidden]" };
}

function readRequest(request: IncomingMessage): EdgeRequest {
  const hostname = (request.headers.host ?? "").replace(/:\d+$/, "").replace(/\.$/, "").toLowerCase();
  const url = new URL(
    request.url?.startsWith("/") ? request.url.replace(/^\/+/, "/") : "/",
    "http://edge.invalid",
  );
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
  return {
    hostname,
    path: url.pathname,
    search: url.search,
    method: request.method ?? "GET",
    cookies: accessCookies(request.headers.cookie ?? ""),
    headers,
  };
}

/** Tokens in a Cookie or Set-Cookie header, or a bare token. */
export function accessCookies(text: string): string[] {
  const found = [...text.matchAll(/CF_Authorization=([^;,\s]+)/g)].flatMap((match) => match[1] ?? []);
  return found.length > 0 || text === "" ? found : [text];
}
