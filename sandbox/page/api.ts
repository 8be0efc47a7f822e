// The control address, as the page calls it.
import type { Delivery } from "../contract.ts";
import type { PageState } from "./state.ts";

/** The sandbox refused: the message is for people. */
export class Refused extends Error {}

export async function call<Answer>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error ?? `${method} ${path} answered ${response.status}`);
  return answer;
}

export function post<Answer = Delivery>(path: string, body: unknown): Promise<Answer> {
  return call<Answer>("POST", path, body);
}

export function loadState(as: string | null): Promise<PageState> {
  return call("GET", as ? `/state?as=${encodeURIComponent(as)}` : "/state");
}
