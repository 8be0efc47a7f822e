// Access applications and policies as the API takes and shows them; others' hands in the dashboard use the same.
// https://developers.cloudflare.com/api/resources/zero_trust/subresources/access/subresources/applications/
import { destinationsOf, publicUris, splitUri } from "./access-match.ts";
import { durationMs } from "./access-tokens.ts";
import {
  type Application,
  isObject,
  type Json,
  newAud,
  newUuid,
  objects,
  type Policy,
  type State,
  strings,
  zoneOf,
} from "./state.ts";

/** A status, code and message for `refuse`. */
export type Refusal = [status: number, code: number, message: string];

export type Built = { application: Application; ownPolicies: Policy[] } | { refused: Refusal };

export const UNKNOWN_APPLICATION: Refusal = [404, 11021, "access.api.error.unknown_application"];
const TAKEN: Refusal = [409, 11010, "access.api.error.application_already_exists"];
const DECISIONS = ["allow", "deny", "non_identity", "bypass"];
/** https://developers.cloudflare.com/cloudflare-one/account-limits/ */
const DESTINATIONS_PER_APPLICATION = 5;
const LONGEST_URI = 63;

function invalid(text: string): Refusal {
  return [400, 12130, `access.api.error.invalid_request: ${text}`];
}

/** Checks a body and makes the application it describes: a new one, or `before` replaced as a whole. */
export function buildApplication(
  state: State,
  body: Json,
  before: Application | null,
  now: Date,
  most = 500,
): Built {
  const { policies, ...rest } = body;
  const application: Application = {
    id: before?.id ?? newUuid(),
    aud: before?.aud ?? newAud(),
    policyIds: before?.policyIds ?? [],
    body: rest,
    createdAt: before?.createdAt ?? now.toISOString(),
    updatedAt: now.toISOString(),
  };
  if (!before && state.applications.size >= most) {
    return { refused: invalid(`the account may have at most ${most} applications`) };
  }
  const because = refuseBody(state, application);
  if (because) return { refused: because };
  // No list at all, or null, leaves the policies as they are; an empty list takes them off.
  if (!Array.isArray(policies)) return { application, ownPolicies: [] };
  return linkPolicies(state, application, policies, now);
}

function refuseBody(state: State, application: Application): Refusal | null {
  const { body } = application;
  if (typeof body.type !== "string") return invalid("type is required");
  if (body.session_duration !== undefined && durationMs(body.session_duration) === null) {
    return invalid("session_duration must be a duration such as 30m or 24h");
  }
  const unknownTag = strings(body.tags).find((tag) => !state.tags.has(tag));
  if (unknownTag !== undefined) return invalid(`tag ${unknownTag} does not exist`);
  const idps = strings(body.allowed_idps);
  const unknownIdp = idps.find((id) => !state.identityProviders.some((idp) => idp.id === id));
  if (unknownIdp !== undefined) return invalid(`identity provider ${unknownIdp} does not exist`);
  if (body.auto_redirect_to_identity === true && idps.length !== 1) {
    return invalid("auto_redirect_to_identity needs exactly one allowed_idps");
  }
  if (body.options_preflight_bypass === true && body.cors_headers) {
    return invalid("options_preflight_bypass cannot be used with cors_headers");
  }
  return refuseUris(state, application);
}

function refuseUris(state: State, application: Application): Refusal | null {
  const uris = publicUris(application);
  if (uris.length === 0) return invalid("domain is required");
  if (uris.length > DESTINATIONS_PER_APPLICATION) return invalid("too many destinations");
  for (const uri of uris) {
    const { host, path } = splitUri(uri);
    if (uri.length > LONGEST_URI) return invalid(`${uri} is longer than ${LONGEST_URI} characters`);
    if (host.includes(":") || path.includes("?") || path.includes("#"))
      return invalid(`${uri} has a port, query or anchor`);
    if (!zoneOf(state, host)) return invalid(`domain ${host} does not belong to a zone of this account`);
    if (host.split(".").some(twoStars) || path.split("/").some(twoStars))
      return invalid(`${uri} has two wildcards in one part`);
  }
  const others = [...state.applications.values()].filter((other) => other.id !== application.id);
  return others.some((other) => publicUris(other).some((uri) => uris.includes(uri))) ? TAKEN : null;
}

function twoStars(part: string): boolean {
  return part.split("*").length > 2;
}

function linkPolicies(state: State, application: Application, links: unknown[], now: Date): Built {
  const linked: { precedence: number; id: string; own?: Policy }[] = [];
  for (const [index, link] of links.entries()) {
    const given: Json = typeof link === "string" ? { id: link } : isObject(link) ? link : {};
    const precedence = typeof given.precedence === "number" ? given.precedence : index + 1;
    const known = state.policies.get(String(given.id ?? ""));
    const mine = known !== undefined && application.policyIds.includes(known.id);
    if (known?.reusable || (mine && given.decision === undefined)) {
      linked.push({ precedence, id: known.id });
      continue;
    }
    if (given.id !== undefined && !mine)
      return { refused: invalid(`policy ${String(given.id)} does not exist`) };
    const built = buildPolicy(given, known ?? null, false, now);
    if ("refused" in built) return built;
    linked.push({ precedence, id: built.policy.id, own: built.policy });
  }
  if (new Set(linked.map((each) => each.precedence)).size < linked.length) {
    return { refused: invalid("precedence must be unique") };
  }
  const own = linked.flatMap((each) => each.own ?? []);
  if (own.length > 0 && linked.some((each) => state.policies.get(each.id)?.reusable)) {
    return { refused: invalid("reusable and inline policies are mutually exclusive") };
  }
  const policyIds = linked.sort((a, b) => a.precedence - b.precedence).map((each) => each.id);
  return { application: { ...application, policyIds }, ownPolicies: own };
}

export function buildPolicy(
  body: Json,
  before: Policy | null,
  reusable: boolean,
  now: Date,
): { policy: Policy } | { refused: Refusal } {
  const decision = body.decision;
  if (typeof decision !== "string" || !DECISIONS.includes(decision)) {
    return { refused: invalid(`decision must be one of ${DECISIONS.join(", ")}`) };
  }
  if (typeof body.name !== "string" || body.name === "") return { refused: invalid("a policy needs a name") };
  const include = objects(body.include);
  if (include.length === 0) return { refused: invalid("a policy needs at least one include rule") };
  const duration = body.session_duration;
  if (duration !== undefined && duration !== null && durationMs(duration) === null) {
    return { refused: invalid("session_duration must be a duration such as 30m or 24h") };
  }
  const { id: _, precedence: __, ...rest } = body;
  const policy = {
    id: before?.id ?? newUuid(),
    reusable,
    decision,
    include,
    exclude: objects(body.exclude),
    require: objects(body.require),
    body: rest,
    createdAt: before?.createdAt ?? now.toISOString(),
    updatedAt: now.toISOString(),
  };
  return { policy };
}

export function policyView(state: State, policy: Policy): Json {
  const used = [...state.applications.values()].filter((each) => each.policyIds.includes(policy.id)).length;
  return {
    ...policy.body,
    id: policy.id,
    account_id: state.accountId,
    decision: policy.decision,
    include: policy.include,
    exclude: policy.exclude,
    require: policy.require,
    reusable: policy.reusable,
    ...(policy.reusable ? { app_count: used } : {}),
    created_at: policy.createdAt,
    updated_at: policy.updatedAt,
  };
}

/** The application as the API shows it, with whole policies in order of precedence. */
export function applicationView(state: State, application: Application): Json {
  const policies = application.policyIds.flatMap((id) => state.policies.get(id) ?? []);
  const destinations = destinationsOf(application);
  const uris = destinations.flatMap((each) =>
    (each.type ?? "public") === "public" && each.uri ? each.uri : [],
  );
  return {
    name: uris[0] ?? "",
    domain: uris[0] ?? "",
    session_duration: "24h",
    allowed_idps: [],
    tags: [],
    app_launcher_visible: true,
    auto_redirect_to_identity: false,
    enable_binding_cookie: false,
    http_only_cookie_attribute: true,
    options_preflight_bypass: false,
    ...application.body,
    id: application.id,
    uid: application.id,
    aud: application.aud,
    domain_type: "public",
    destinations,
    self_hosted_domains: uris,
    policies: policies.map((policy, index) => ({ ...policyView(state, policy), precedence: index + 1 })),
    created_at: application.createdAt,
    updated_at: application.updatedAt,
  };
}
