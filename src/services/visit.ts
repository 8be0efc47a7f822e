// One anonymous visit to a hostname from outside, and what its answer proves. Only Access's redirect to our team's
// log-in that names our application is proof of the gate.
import type { LookupFunction } from "node:net";
import type { VisitVerdict } from "../domain/observed.ts";
import { type Observe, observed } from "./observing.ts";
import { reasonOf, requestOnce, type VisitAnswer } from "./visit-request.ts";

/** `aud` is our application's. */
export type VisitRequest = { hostname: string; aud: string };

export type Visitor = { visit(request: VisitRequest): Promise<VisitVerdict> };

/** `team` is asked only of a log-in: while nobody knows it, a service that answers is known for one all the same. */
export type Expected = { team: () => string; aud: string };

export function createVisitor(options: {
  /** Where to connect instead, sending the hostname as Host. */
  edgeUrl?: string;
  team: () => string;
  timeoutMs: number;
  /** Instead of the system's resolver. */
  lookup?: LookupFunction;
  /** Told of each visit, by what it showed. */
  observe?: Observe;
}): Visitor {
  async function look({ hostname, aud }: VisitRequest): Promise<VisitVerdict> {
    try {
      return judgeVisit(await requestOnce({ ...options, hostname }), { team: options.team, aud });
    } catch (error) {
      return { kind: "inconclusive", status: null, because: reasonOf(error) };
    }
  }

  const what = { vendor: "edge", operation: "visit" } as const;
  return {
    visit: (request) =>
      observed(
        options.observe,
        what,
        () => look(request),
        ({ kind }) => kind,
      ),
  };
}

export function judgeVisit(answer: VisitAnswer, expected: Expected): VisitVerdict {
  const { status } = answer;
  const login = isRedirect(status) ? loginOf(answer.headers.location) : null;
  if (login) return judgeLogin(status, login, expected);
  const because = whyInconclusive(answer);
  if (because !== null) return { kind: "inconclusive", status, because };
  if (isCatchAll(answer)) return { kind: "not-routed", status };
  return { kind: "reached", status };
}

function judgeLogin(status: number, login: Login, expected: Expected): VisitVerdict {
  if (login.team !== expected.team()) {
    return { kind: "inconclusive", status, because: `Access of another team answered: ${login.team}` };
  }
  if (login.aud === null)
    return { kind: "inconclusive", status, because: "Access's log-in names no application" };
  if (login.aud !== expected.aud)
    return { kind: "inconclusive", status, because: "another application answered" };
  return { kind: "stopped", aud: login.aud };
}

type Login = { team: string; aud: string | null };

/** `https://<team>.cloudflareaccess.com/cdn-cgi/access/login/<hostname>?kid=<aud>&meta=<token>&…` */
function loginOf(location: string | undefined): Login | null {
  if (!location || !URL.canParse(location)) return null;
  const url = new URL(location);
  const team = /^([a-z0-9-]+)\.cloudflareaccess\.com$/.exec(url.hostname)?.[1];
  if (url.protocol !== "https:" || !team || !url.pathname.startsWith("/cdn-cgi/access/login")) return null;
  return { team, aud: url.searchParams.get("kid") || audOfToken(url.searchParams.get("meta")) };
}

/** The token came over TLS from the edge that is asked; its signature would prove nothing more. */
function audOfToken(token: string | null): string | null {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(token?.split(".")[1] ?? "", "base64url").toString("utf8"),
    );
    const aud = typeof payload === "object" && payload !== null && "aud" in payload ? payload.aud : null;
    const first: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
    return typeof first === "string" && first !== "" ? first : null;
  } catch {
    return null;
  }
}

/** Answers that the edge, cloudflared or Cloud Run's own checks give as well as Access: they prove nothing. */
function whyInconclusive(answer: VisitAnswer): string | null {
  const { status, headers } = answer;
  if (status === 401 || status === 403) return "refused, but not by Access's log-in";
  if (status === 429) return "too many visits";
  const code = edgeErrorOf(answer);
  if (code !== null) return `Cloudflare's edge answered error code: ${code}`;
  if (headers["cf-mitigated"] !== undefined) return "Cloudflare's edge asked for a challenge";
  if (status === 502 || status === 503 || status === 504) return "the tunnel or the service is not answering";
  if (status >= 520 && status <= 530) return "Cloudflare's edge has no way to the tunnel";
  return null;
}

/** The code of an error that Cloudflare's edge answered by itself, such as 1001 with status 409, or 500 while the network is in
 *  trouble. Who asks for HTML gets a page: https://developers.cloudflare.com/changelog/post/2026-03-11-json-rfc9457-responses-for-1xxx-errors/
 *  A service could show the same page, and each answer through the edge says `server: cloudflare`. So nothing below 400
 *  counts as one, and nothing that left a trace of a service. What passes all the same proves no gate, before the route
 *  nor after it: it is asked again. Only a closing takes it for nobody's answer, once route and record are out. */
export function edgeErrorOf(answer: VisitAnswer): string | null {
  const { status, headers, body } = answer;
  if (status < 400) return null;
  const plain = /^error code: (\d{3,4})\s*$/.exec(body);
  if (plain) return plain[1] ?? null;
  if (headers.server !== "cloudflare" || hasTrace(answer)) return null;
  if (!body.includes('id="cf-error-details"')) return null;
  const own = body.includes("cf-error-overview")
    ? /class="cf-error-code"[^>]*>\s*(1\d{3})\s*</
    : CODE_OF_TROUBLE;
  return own.exec(body)?.[1] ?? null;
}

const CODE_OF_TROUBLE = /class="code-label"[^>]*>\s*Error code (5\d\d)\s*</;

/** `http_status:404` answers with nothing at all. */
function isCatchAll(answer: VisitAnswer): boolean {
  return answer.status === 404 && answer.body === "" && !hasTrace(answer);
}

const TRACES = ["x-cloud-trace-context", "x-powered-by", "etag"];

/** Whether a service answered: Google's front end always leaves a trace, or a page. */
function hasTrace({ headers }: VisitAnswer): boolean {
  return TRACES.some((name) => headers[name] !== undefined) || !isOfTheEdge(headers["set-cookie"]);
}

/** Cookies that the edge adds to anybody's answer. With Bot Management or Bot Fight Mode each answer brings `__cf_bm`.
 *  https://developers.cloudflare.com/fundamentals/reference/policies-compliances/cloudflare-cookies/ */
const EDGE_COOKIES = ["__cf_bm", "_cfuvid", "__cflb", "cf_clearance"];

/** Several cookies come as one text, with commas between them. The only other comma of the edge's is in `Expires`; any
 *  further one makes a cookie of a name that is not known. */
function isOfTheEdge(cookies: string | undefined): boolean {
  if (cookies === undefined) return true;
  const each = cookies.replace(/;\s*expires=\w+,/gi, ";").split(",");
  return each.every((cookie) => EDGE_COOKIES.some((name) => cookie.trim().startsWith(`${name}=`)));
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}
