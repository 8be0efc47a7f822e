// How an open hostname looks from outside: a stranger must be stopped by Access, and, where a service token is
// configured, a visit through Access must reach the service and not a page of Google's.
import type { LookupFunction } from "node:net";
import type { ProbeFact } from "../domain/diagnosis/facts.ts";
import type { VisitVerdict } from "../domain/observed.ts";
import { edgeErrorOf, type Visitor, type VisitRequest } from "./visit.ts";
import { requestOnce, type VisitAnswer } from "./visit-request.ts";

export type OutsideVisit = {
  stranger: VisitVerdict;
  /** What answered behind Access; null without a service token, where the stranger was not stopped by our application, or where
   *  the visit brought no answer. */
  origin: ProbeFact | null;
  /** Access itself turned the service token away. */
  refused: boolean;
};

export type ConnectorVisits = {
  /** Never throws: no answer is an answer. `aud` is our application's. */
  visit(exposure: VisitRequest, now: Date): Promise<OutsideVisit>;
  /** The stranger alone, once more. Never throws either. */
  visitAsStranger(exposure: VisitRequest): Promise<VisitVerdict>;
};

/** An Access service token. https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/ */
export type VisitToken = { clientId: string; clientSecret: string };

export function createConnectorVisits(options: {
  visitor: Visitor;
  token: VisitToken | null;
  edgeUrl?: string;
  lookup?: LookupFunction;
  timeoutMs: number;
}): ConnectorVisits {
  const { visitor, token, edgeUrl, lookup, timeoutMs } = options;

  async function throughAccess(hostname: string, at: Date): Promise<Omit<OutsideVisit, "stranger">> {
    if (token === null) return UNTRIED;
    const credentials = {
      "cf-access-client-id": token.clientId,
      "cf-access-client-secret": token.clientSecret,
    };
    // No redirect is followed, so the token goes to this hostname's edge only.
    const answer = await requestOnce({ hostname, edgeUrl, lookup, timeoutMs, credentials }).catch(() => null);
    if (answer === null) return UNTRIED;
    const origin: ProbeFact = { kind: "probe", at, hostname, answer: judgeOrigin(answer) };
    return { origin, refused: isRefusedByAccess(answer) };
  }

  return {
    async visit({ hostname, aud }, now) {
      const stranger = await visitor.visit({ hostname, aud });
      // Whoever else answers there would be handed the token.
      const answered = stranger.kind === "stopped" ? await throughAccess(hostname, now) : UNTRIED;
      return { stranger, ...answered };
    },
    visitAsStranger: visitor.visit,
  };
}

const UNTRIED = { origin: null, refused: false };
const ACCESS_LOGIN = /^https:\/\/[a-z0-9-]+\.cloudflareaccess\.com\/cdn-cgi\/access\/login/;
/** The titles of Google's own pages, for a host that it does not know and one of Cloud Run that it does not know. */
const GOOGLE_404 = /<title>(Error 404 \(Not Found\)!!1|404 Page not found)<\/title>/i;
const GOOGLE_403 = /does not have permission to get URL .* from this server/is;

/** The log-in, or, where the account has strict service token authentication, 401 or 403: the edge's own name the application
 *  in a header, which a service's do not. https://github.com/cloudflare/cloudflared/blob/2024.12.0/token/token.go */
export function isRefusedByAccess({ status, headers }: VisitAnswer): boolean {
  if (status === 401 || status === 403) return headers["cf-access-aud"] !== undefined;
  return ACCESS_LOGIN.test(headers.location ?? "");
}

export function judgeOrigin(answer: VisitAnswer): ProbeFact["answer"] {
  const { status, headers, body } = answer;
  if (status === 404 && GOOGLE_404.test(body)) return "google-not-found";
  if (status === 403 && GOOGLE_403.test(body)) return "google-forbidden";
  // Access did not take the token, cloudflared's lock refused it, or neither the tunnel nor the service answered.
  const stopped = status === 401 || status === 403 || ACCESS_LOGIN.test(headers.location ?? "");
  if (stopped || status === 429 || status >= 500 || headers["cf-mitigated"] !== undefined) return "other";
  if (edgeErrorOf(answer) !== null) return "other";
  // The tunnel's catch-all: the route is not there.
  return status === 404 && body === "" ? "other" : "fine";
}
