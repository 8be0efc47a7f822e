// Access in front of one request: who passes, with which token, and what the others are answered.
import { overrideCovers, type Target } from "./access-match.ts";
import { ruleForLogin, ruleForStranger, type Visitor } from "./access-policy.ts";
import { type AccessTokens, durationMs } from "./access-tokens.ts";
import type { EdgeView } from "./edge-view.ts";
import { type Application, newHexId, type Policy, type State, strings, zoneOf } from "./state.ts";

export type EdgeRequest = {
  hostname: string;
  /** Without the query. */
  path: string;
  search: string;
  method: string;
  /** Values of CF_Authorization cookies. */
  cookies: string[];
  /** Header names in lower case. */
  headers: Record<string, string | undefined>;
};

export type Gate =
  /** `token` goes on to the origin as Cf-Access-Jwt-Assertion. */
  | { passes: true; token?: string; email?: string }
  | { passes: false; status: number; location?: string; loginTo?: Application; detail: string };

export type LoginResult = { token: string; maxAgeSeconds: number } | { refused: string };

export type AccessGate = {
  judge(request: EdgeRequest): Gate;
  logIn(application: Application, email: string): LoginResult;
  /** The effective application at an address. */
  applicationAt(hostname: string, path: string): Application | null;
};

const VISITOR = { ip: "203.0.113.7", country: "JP" };
const DAY_MS = 86_400_000;

export function createAccessGate(
  state: State,
  view: EdgeView,
  tokens: AccessTokens,
  now: () => Date,
): AccessGate {
  function judge(request: EdgeRequest): Gate {
    const target = view.target(request.hostname, request.path);
    if (!target) return unmatched(request.hostname);
    if (isPublic(target, request)) return { passes: true };
    const { application } = target;
    const policies = view.policiesOf(application);
    const visitor = { ...VISITOR, directory: [], serviceToken: serviceTokenOf(request)?.id };
    const ruling = ruleForStranger(policies, visitor, state.groups);
    if (ruling?.decision === "bypass") return { passes: true };
    const common_name = serviceTokenOf(request)?.clientId ?? "service";
    if (ruling) return { passes: true, token: tokens.issue(application, { common_name }, DAY_MS) };
    const held = liveToken(application, request);
    if (held) return { passes: true, ...held };
    return stop(application, policies, request);
  }

  function serviceTokenOf({ headers }: EdgeRequest) {
    const id = headers["cf-access-client-id"];
    const secret = headers["cf-access-client-secret"];
    return state.serviceTokens.find((each) => each.clientId === id && each.clientSecret === secret);
  }

  /** With `deny_unmatched_requests` the account blocks what no application covers. */
  function unmatched(hostname: string): Gate {
    const exempt = strings(state.organization.deny_unmatched_requests_exempted_zone_names);
    const zone = zoneOf(state, hostname);
    if (state.organization.deny_unmatched_requests !== true || (zone && exempt.includes(zone.name))) {
      return { passes: true };
    }
    return { passes: false, status: 403, detail: "no application covers this hostname" };
  }

  function liveToken(
    application: Application,
    request: EdgeRequest,
  ): { token: string; email?: string } | null {
    for (const token of request.cookies) {
      const payload = tokens.read(token);
      if (!payload?.aud.includes(application.aud) || tokens.expired(payload)) continue;
      if (payload.serial > view.revokedUpTo(application.id)) return { token, email: payload.email };
    }
    return null;
  }

  function stop(application: Application, policies: Policy[], request: EdgeRequest): Gate {
    if (policies.length === 0) return { passes: false, status: 403, detail: "the application has no policy" };
    const serviceOnly = policies.every((policy) => policy.decision !== "allow" && policy.decision !== "deny");
    const status = application.body.service_auth_401_redirect === true ? 401 : 403;
    if (serviceOnly) return { passes: false, status, detail: "only service tokens may pass" };
    const location = loginAddress(application, request);
    return { passes: false, status: 302, location, loginTo: application, detail: "log-in asked for" };
  }

  function loginAddress(application: Application, request: EdgeRequest): string {
    const { aud } = application;
    const seconds = Math.floor(now().getTime() / 1000);
    const back = request.path + request.search;
    const meta = tokens.sign(
      {
        aud,
        hostname: request.hostname,
        redirect_url: back,
        type: "meta",
        auth_status: "NONE",
        service_token_status: false,
        is_warp: false,
        is_gateway: false,
        iat: seconds,
        nbf: seconds,
        exp: seconds + 300,
        iss: aud,
      },
      aud,
    );
    const query = new URLSearchParams({ kid: aud, meta, redirect_url: back });
    return `https://${state.team}.cloudflareaccess.com/cdn-cgi/access/login/${request.hostname}?${query}`;
  }

  function logIn(application: Application, email: string): LoginResult {
    const policies = view.policiesOf(application);
    const idps = allowedIdps(application);
    const directory = state.directory.get(email.toLowerCase()) ?? [];
    // A person may pick any of the offered ways to log in; the first that is allowed is taken.
    const rulings = idps.map((idp) => {
      const visitor: Visitor = { ...VISITOR, email, idp, directory };
      return { idp, ruling: ruleForLogin(policies, visitor, state.groups) };
    });
    const allowed = rulings.find((each) => each.ruling?.decision === "allow");
    const waits = allowed?.ruling?.policy.body.approval_required === true;
    log(application, email, allowed !== undefined && !waits, (allowed ?? rulings[0])?.idp.type ?? "");
    if (!allowed?.ruling) return { refused: "no policy lets this person in" };
    if (waits) return { refused: "an administrator has to approve" };
    const lifeMs =
      durationMs(allowed.ruling.policy.body.session_duration) ??
      durationMs(application.body.session_duration) ??
      DAY_MS;
    // `no_duration` asks at every visit: long enough for this one.
    const heldMs = Math.max(lifeMs, 1000);
    return { token: tokens.issue(application, { email }, heldMs), maxAgeSeconds: Math.ceil(heldMs / 1000) };
  }

  function allowedIdps(application: Application) {
    const wanted = strings(application.body.allowed_idps);
    return state.identityProviders.filter((idp) => wanted.length === 0 || wanted.includes(idp.id));
  }

  function log(application: Application, email: string, allowed: boolean, connection: string): void {
    state.logins.push({
      action: "login",
      allowed,
      app_domain: String(application.body.domain ?? ""),
      app_uid: application.id,
      connection,
      created_at: now().toISOString(),
      ip_address: VISITOR.ip,
      ray_id: newHexId().slice(0, 16),
      user_email: email,
    });
  }

  return {
    judge,
    logIn,
    applicationAt: (hostname, path) => view.target(hostname, path)?.application ?? null,
  };
}

/** A public override, or a CORS preflight of an application that lets those through. */
function isPublic(target: Target, request: EdgeRequest): boolean {
  if (target.publicPaths.some((pattern) => overrideCovers(pattern, request.path))) return true;
  if (request.method !== "OPTIONS" || target.application.body.options_preflight_bypass !== true) return false;
  return (
    request.headers.origin !== undefined && request.headers["access-control-request-method"] !== undefined
  );
}
