// Somebody in front of a browser: a stranger, or a person who logs in at Access with an email first. These visits are
// written in the history but not in the journal, and faults leave them alone: those are for what the bot sends.
import type { CloudflareEmulator, Visit } from "../contract.ts";
import { accessCookies, cookieOf, type EdgeParts, recordVisit, visitEdge } from "./edge-server.ts";
import type { EdgeRequest } from "./gate.ts";

export function createVisitor(parts: EdgeParts): CloudflareEmulator["visit"] {
  return async (hostname, options = {}) => {
    const [path = "/", search] = (options.path ?? "/").split("?");
    const request: EdgeRequest = {
      hostname: hostname.toLowerCase(),
      path,
      search: search === undefined ? "" : `?${search}`,
      method: "GET",
      cookies: accessCookies(options.cookie ?? ""),
      headers: {},
    };
    return options.email ? visitAs(parts, request, options.email) : visitEdge(parts, request);
  };
}

/** Asks first, as a browser does, and logs in only where Access asks for it. */
function visitAs(parts: EdgeParts, request: EdgeRequest, email: string): Visit {
  parts.holes.watch(request.hostname);
  const asked = parts.edge.answer(request);
  const application = parts.gate.applicationAt(request.hostname, request.path);
  if (asked.verdict !== "stopped by Access" || !application) {
    recordVisit(parts.history, request.hostname, asked, email);
    return asked;
  }
  const result =
    asked.status === 302 ? parts.gate.logIn(application, email) : { refused: asked.detail ?? "" };
  if ("refused" in result) {
    const { location: _, ...headers } = asked.headers;
    const refused: Visit = { status: 403, headers, body: result.refused, verdict: "refused by Access" };
    recordVisit(parts.history, request.hostname, { ...refused, detail: result.refused }, email);
    return refused;
  }
  const answer = visitEdge(parts, { ...request, cookies: [result.token] }, email);
  return { ...answer, headers: { ...answer.headers, "set-cookie": cookieOf(result) } };
}
