// The API server: bearer check, routes by template, rate headers, faults and the journal.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Shared } from "../contract.ts";
import { answerThroughFaults, type HttpAnswer } from "../http-fault.ts";
import type { Account } from "./account.ts";
import type { Connectors } from "./connectors.ts";
import { type Call, errorEnvelope, refuse } from "./envelope.ts";
import type { History } from "./history.ts";
import { isObject, type Json, type State } from "./state.ts";

export type ApiParts = Shared & {
  state: State;
  account: Account;
  connectors: Connectors;
  history: History;
  limits: ApiLimits;
};

export type ApiLimits = {
  /** Access applications of the account. */
  applications: number;
  /** Requests in five minutes; the headers count them down, and `enforced` answers 429 past it. */
  requests: number;
  enforced: boolean;
  /** When the API token expires, if ever, and who owns it. */
  tokenExpiresOn?: string;
  tokenOwner?: "user" | "account";
};

/** Handlers by `METHOD /path/{parameter}`, the path below /client/v4. */
export type Routes = Record<string, (call: Call) => HttpAnswer>;

const PREFIX = "/client/v4";
const WINDOW_MS = 300_000;

export function createApiServer(api: ApiParts, routes: Routes): Server {
  const table = Object.entries(routes).map(([endpoint, handle]) => ({ ...compile(endpoint), handle }));
  let window = { since: 0, count: 0 };

  function countDown(): Record<string, string> {
    const now = api.clock.now().getTime();
    if (now - window.since >= WINDOW_MS) window = { since: now, count: 0 };
    window.count += 1;
    const left = Math.max(0, api.limits.requests - window.count);
    const seconds = Math.ceil((window.since + WINDOW_MS - now) / 1000);
    return {
      ratelimit: `"default";r=${left};t=${seconds}`,
      "ratelimit-policy": `"default";q=${api.limits.requests};w=${WINDOW_MS / 1000}`,
    };
  }

  function route(method: string, path: string, query: Record<string, string>, body: unknown): HttpAnswer {
    const fitting = table.flatMap((each) => {
      const found = each.pattern.exec(path);
      return found ? [{ ...each, params: found.groups ?? {} }] : [];
    });
    const hit = fitting.find((each) => each.method === method);
    if (!hit && fitting.length > 0) return refuse(405, 7001, `Method ${method} not available for that URI.`);
    if (!hit) return refuse(404, 7000, "No route for that URI");
    const params = Object.fromEntries(
      Object.entries(hit.params).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    const account = params.account_id;
    if (account !== undefined && account !== api.state.accountId)
      return refuse(403, 10000, "Authentication error");
    return hit.handle({ params, query, body: isObject(body) ? body : {} });
  }

  function answer(
    request: IncomingMessage,
    path: string,
    query: Record<string, string>,
    text: string,
  ): HttpAnswer {
    const denied = authenticate(request.headers.authorization, path, api.state.apiToken);
    if (denied) return denied;
    const body = parse(text);
    if (body === undefined) return refuse(400, 6007, "Malformed JSON in request body");
    return route(request.method ?? "GET", path, query, body);
  }

  return createServer((request, response) => {
    void readBody(request)
      .then((text) => {
        const url = new URL(request.url ?? "/", "http://127.0.0.1");
        const query = Object.fromEntries(url.searchParams);
        const seen = {
          method: request.method ?? "GET",
          path: url.pathname,
          query,
          body: withoutSecrets(parse(text)),
        };
        const rate = countDown();
        return answerThroughFaults(
          api,
          "cloudflare",
          seen,
          response,
          () => {
            const over = api.limits.enforced && window.count > api.limits.requests;
            const path = url.pathname.startsWith(PREFIX)
              ? url.pathname.slice(PREFIX.length).replace(/\/+$/, "")
              : "";
            const given = over
              ? { status: 429, body: errorEnvelope(429) }
              : answer(request, path, query, text);
            const wait: Record<string, string> = over
              ? { "retry-after": /t=(\d+)/.exec(rate.ratelimit ?? "")?.[1] ?? "1" }
              : {};
            return { ...given, headers: { ...rate, ...wait, ...given.headers } };
          },
          errorEnvelope,
        );
      })
      .catch((error: unknown) => {
        // The caller hung up while it was sending, or a handler of ours is broken: the latter should be seen.
        if (!request.destroyed || request.complete) console.error(error);
        response.destroy();
      });
  });
}

/** The registered endpoint that a request of the journal went to. */
export function endpointFor(endpoints: string[], method: string, path: string): string | null {
  const below = path.slice(PREFIX.length);
  return (
    endpoints.find((endpoint) => {
      const compiled = compile(endpoint);
      return compiled.method === method && compiled.pattern.test(below);
    }) ?? null
  );
}

function compile(endpoint: string): { method: string; pattern: RegExp } {
  const [method = "", template = ""] = endpoint.split(" ");
  const source = template.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return { method, pattern: new RegExp(`^${source}$`) };
}

/** Zones and the token's own page answer a wrong token with other codes than the account's pages. */
function authenticate(header: string | undefined, path: string, token: string): HttpAnswer | null {
  if (header === `Bearer ${token}`) return null;
  if (header === undefined)
    return refuse(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");
  if (path.endsWith("/tokens/verify")) return refuse(401, 1000, "Invalid API Token");
  if (path.startsWith("/zones")) return refuse(403, 9109, "Invalid access token");
  return refuse(403, 10000, "Authentication error");
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** null for no body, undefined for one that is no JSON. */
function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutSecrets(body: unknown): unknown {
  if (!isObject(body) || !("tunnel_secret" in body)) return body ?? null;
  const hidden: Json = { ...body, tunnel_secret: "[hidden]" };
  return hidden;
}
