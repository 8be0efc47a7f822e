// Cloudflare's answers: one envelope for results, errors and pages. https://developers.cloudflare.com/fundamentals/api/reference/
import type { HttpAnswer } from "../http-fault.ts";
import type { Json } from "./state.ts";

export type Call = {
  params: Record<string, string>;
  query: Record<string, string>;
  body: Json;
};

export function ok(result: unknown, status = 200): HttpAnswer {
  return { status, body: { result, success: true, errors: [], messages: [] } };
}

export function refuse(
  status: number,
  code: number,
  message: string,
  chain?: { code: number; message: string }[],
): HttpAnswer {
  const error = { code, message, ...(chain ? { error_chain: chain } : {}) };
  return { status, body: { success: false, errors: [error], messages: [], result: null } };
}

/** One page of a list. Past the end it is empty: the SDK asks until it sees that. */
export function paged(
  query: Record<string, string>,
  all: unknown[],
  limits: { initial: number; most: number; least?: number },
): HttpAnswer {
  const page = whole(query.page, 1);
  const perPage = whole(query.per_page, limits.initial);
  if (page === null || page < 1) return refuse(400, 1004, "page must be a positive number");
  if (perPage === null || perPage < (limits.least ?? 1) || perPage > limits.most) {
    return refuse(400, 1004, `per_page must be between ${limits.least ?? 1} and ${limits.most}`);
  }
  const result = all.slice((page - 1) * perPage, page * perPage);
  const info = {
    page,
    per_page: perPage,
    count: result.length,
    total_count: all.length,
    total_pages: Math.ceil(all.length / perPage),
  };
  return { status: 200, body: { result, success: true, errors: [], messages: [], result_info: info } };
}

function whole(text: string | undefined, otherwise: number): number | null {
  if (text === undefined) return otherwise;
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** What Cloudflare's front answers where a fault is injected without a body. */
export function errorEnvelope(status: number): Json {
  const [code, message] = FAULTS[status] ?? [10001, status >= 500 ? "Internal server error" : "Bad request"];
  return { success: false, errors: [{ code, message }], messages: [], result: null };
}

const FAULTS: Record<number, [number, string]> = {
  401: [10000, "Authentication error"],
  403: [10000, "Authentication error"],
  404: [7003, "Could not route to the requested resource, perhaps your object identifier is invalid?"],
  429: [971, "Please wait and consider throttling your request speed"],
};
