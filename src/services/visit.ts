// One anonymous visit to a hostname from outside, and what its answer proves. Only Access's redirect to our team's
// log-in that names our application is proof of the gate.
import type { LookupFunction } from "node:net";
import type { VisitVerdict } from "../domain/observed.ts";
import { type Observe, observed } from "./observing.ts";
import { reasonOf, requestOnce, type VisitAnswer } from "./visit-request.ts";

/** `aud` is our application's. */
export type VisitRequest = { hostname: string; aud: string };

export type Visitor = { visit(request: VisitRequest): Promise<VisitVerdict> };

export type Expected = { team: string; aud: string };

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
      return judgeVisit(await requestOnce({ ...options, hostname }), { team: options.team(), aud });
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
  if (login.team !== expected.team) {
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
function whyInconclusive({ status, headers, body }: VisitAnswer): string | null {
  if (status === 401 || status === 403) return "refused, but not by Access's log-in";
  if (status === 429) return "too many visits";
  if (/^error code: \d{3,4}\s*$/.test(body)) return `Cloudflare's edge answered ${body.trim()}`;
  if (headers["cf-mitigated"] !== undefined) return "Cloudflare's edge asked for a challenge";
  if (status === 502 || status === 503 || status === 504) return "the tunnel or the service is not answering";
  if (status >= 520 && status <= 530) return "Cloudflare's edge has no way to the tunnel";
  return null;
}

/** `http_status:404` answers with nothing at all. Google's front end always leaves a trace, or a page. */
function isCatchAll({ status, headers, body }: VisitAnswer): boolean {
  return status === 404 && body === "" && TRACES.every((name) => headers[name] === undefined);
}

const TRACES = ["x-cloud-trace-context", "set-cookie", "x-powered-by", "etag"];

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}
