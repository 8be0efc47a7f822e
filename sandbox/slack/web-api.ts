// The Web API's front door: tokens, scopes, rate limits, then the method. Answers as Slack does: 200 and ok:true/false.
import type { HttpAnswer } from "../http-fault.ts";
import { isObject } from "./elements.ts";
import { createRateLimits, type Tier } from "./rate-limits.ts";
import { refuse, SlackRefusal } from "./refusal.ts";
import type { Json, Workspace } from "./workspace.ts";

export type Method = {
  /** `none`: answers without any token. */
  token: "bot" | "app" | "none";
  /** Any one of these is enough. */
  scopes?: string[];
  tier: Tier;
  /** What a second limit is counted by, e.g. the channel of chat.postMessage. */
  special?: (args: Json) => string;
  run(args: Json): Json | Promise<Json>;
};

export type Methods = Record<string, Method>;

export function createWebApi(workspace: Workspace, methods: Methods, rateLimits: boolean) {
  const limits = createRateLimits(() => performance.now());

  return async function call(name: string, args: Json, token: string | null): Promise<HttpAnswer> {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    const headers = headersFor(workspace, method, token);
    if (!method)
      return { status: 200, headers, body: { ok: false, error: "unknown_method", req_method: name } };
    try {
      checkToken(workspace, method, token);
      checkScopes(workspace, method);
      const wait = rateLimits ? limits.take(name, method.tier, method.special?.(args)) : 0;
      if (wait > 0) return tooMany(headers, wait);
      return { status: 200, headers, body: { ok: true, ...(await method.run(args)) } };
    } catch (fault) {
      if (!(fault instanceof SlackRefusal)) throw fault;
      return { status: 200, headers, body: { ok: false, error: fault.code, ...fault.details } };
    }
  };
}

/** Refuses when the token lacks all of these; for what depends on the arguments. */
export function needScope(workspace: Workspace, ...anyOf: string[]): void {
  if (anyOf.some((scope) => workspace.scopes.has(scope))) return;
  refuse("missing_scope", { needed: anyOf.join(","), provided: [...workspace.scopes].join(",") });
}

/** An argument that must be there. */
export function required(args: Json, name: string, code = "invalid_arguments"): string {
  const value = args[name];
  if (typeof value === "string" && value !== "") return value;
  if (code !== "invalid_arguments") refuse(code);
  const message = `[ERROR] missing required field: ${name}`;
  refuse(code, { response_metadata: { messages: [message] } });
}

export function optional(args: Json, name: string): string | undefined {
  const value = args[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function flag(args: Json, name: string): boolean {
  return args[name] === true || args[name] === "true" || args[name] === "1";
}

export function objectArgument(args: Json, name: string): Json | undefined {
  return isObject(args[name]) ? args[name] : undefined;
}

/** Errors that Slack's edge gives before any method runs; also what an injected fault answers by default. */
export function errorBody(status: number): Json {
  const codes: Record<number, string> = {
    429: "ratelimited",
    500: "internal_error",
    503: "service_unavailable",
  };
  return { ok: false, error: codes[status] ?? (status >= 500 ? "fatal_error" : "request_failed") };
}

function headersFor(
  workspace: Workspace,
  method: Method | undefined,
  token: string | null,
): Record<string, string> {
  if (token !== workspace.seed.botToken) return {};
  return {
    "x-oauth-scopes": [...workspace.scopes].join(","),
    ...(method?.scopes ? { "x-accepted-oauth-scopes": method.scopes.join(",") } : {}),
  };
}

function checkToken(workspace: Workspace, method: Method, token: string | null): void {
  if (method.token === "none") return;
  if (token === null) refuse("not_authed");
  const { botToken, appToken } = workspace.seed;
  if (token !== botToken && token !== appToken) refuse("invalid_auth");
  if ((token === appToken) !== (method.token === "app")) refuse("not_allowed_token_type");
}

function checkScopes(workspace: Workspace, method: Method): void {
  if (method.token === "bot" && method.scopes) needScope(workspace, ...method.scopes);
}

function tooMany(headers: Record<string, string>, waitMs: number): HttpAnswer {
  const seconds = String(Math.max(1, Math.ceil(waitMs / 1000)));
  return { status: 429, headers: { ...headers, "retry-after": seconds }, body: errorBody(429) };
}
