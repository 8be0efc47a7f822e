// The conditions of an Access policy between their wire form and our words. What we do not know stays `unknown`.
import type { IdpKind, NotIdentity, Selector } from "../domain/audience.ts";
import { isRecord } from "./json.ts";

type Wire = Record<string, unknown>;

const IDP_WIRE: Record<IdpKind, { key: string; group: string }> = {
  okta: { key: "okta", group: "name" },
  "azure-ad": { key: "azureAD", group: "id" },
  "google-workspace": { key: "gsuite", group: "email" },
  github: { key: "github-organization", group: "name" },
  saml: { key: "saml", group: "attribute_value" },
};
/** A SAML selector names an attribute; groups come in this one. */
const SAML_GROUPS = "groups";

// What Cloudflare calls identity-based or not, by the names of its API. WARP and Gateway checks are device postures.
// https://developers.cloudflare.com/cloudflare-one/access-controls/policies/#selectors
const NOT_IDENTITY = new Map<string, NotIdentity>([
  ["ip", "by-address"],
  ["ip_list", "by-address"],
  ["geo", "by-country"],
  ["device_posture", "by-device"],
  ["certificate", "by-certificate"],
]);
/** Say who, or need a secret of the account's. A group or login method that cannot be read is none: it may be anybody's. */
const SAYS_WHO: readonly string[] = [
  ...[
    "email",
    "email_domain",
    "email_list",
    "okta",
    "azureAD",
    "gsuite",
    "github-organization",
    "saml",
    "oidc",
  ],
  ...["auth_context", "auth_method", "external_evaluation", "user_risk_score", "cloudflare_account_member"],
  ...["common_name", "linked_app_token"],
];

/** Null for what we never write. */
export function selectorToWire(selector: Selector): Wire | null {
  switch (selector.kind) {
    case "email":
      return { email: { email: selector.email } };
    case "email-domain":
      return { email_domain: { domain: selector.domain } };
    case "access-group":
      return { group: { id: selector.id } };
    case "login-method":
      return { login_method: { id: selector.id } };
    case "idp-group":
      return idpGroupToWire(selector);
    default:
      return null;
  }
}

function idpGroupToWire({ provider, providerId, group }: Extract<Selector, { kind: "idp-group" }>): Wire {
  const { key, group: field } = IDP_WIRE[provider];
  const attribute = provider === "saml" ? { attribute_name: SAML_GROUPS } : {};
  // "organization/team" is a team's full name at GitHub.
  const [organization, team] = provider === "github" ? group.split("/") : [group];
  return {
    [key]: {
      identity_provider_id: providerId,
      ...attribute,
      [field]: organization,
      ...(team ? { team } : {}),
    },
  };
}

export function parseSelector(wire: unknown): Selector {
  const key = isRecord(wire) ? Object.keys(wire)[0] : undefined;
  if (!isRecord(wire) || key === undefined || Object.keys(wire).length !== 1)
    return { kind: "unknown", name: "unknown" };
  const inner = isRecord(wire[key]) ? wire[key] : {};
  return plainSelector(key, inner) ?? idpSelector(key, inner) ?? otherSelector(key);
}

function otherSelector(name: string): Selector {
  const notIdentity = NOT_IDENTITY.get(name);
  if (notIdentity) return { kind: "not-identity", name: notIdentity };
  return { kind: SAYS_WHO.includes(name) ? "other" : "unknown", name };
}

function plainSelector(key: string, inner: Wire): Selector | null {
  const { email, domain, id } = inner;
  if (key === "everyone") return { kind: "everyone" };
  if (key === "any_valid_service_token") return { kind: "service-token", id: null };
  if (key === "service_token")
    return { kind: "service-token", id: typeof inner.token_id === "string" ? inner.token_id : null };
  if (key === "email" && typeof email === "string") return { kind: "email", email: email.toLowerCase() };
  if (key === "email_domain" && typeof domain === "string") {
    return { kind: "email-domain", domain: domain.toLowerCase() };
  }
  if (key === "group" && typeof id === "string") return { kind: "access-group", id };
  if (key === "login_method" && typeof id === "string") return { kind: "login-method", id };
  return null;
}

function idpSelector(key: string, inner: Wire): Selector | null {
  const provider = IDP_KINDS.find((kind) => IDP_WIRE[kind].key === key);
  const name = provider ? inner[IDP_WIRE[provider].group] : undefined;
  const providerId = inner.identity_provider_id;
  if (!provider || typeof name !== "string" || typeof providerId !== "string") return null;
  // Another attribute of a SAML answer is not a group.
  if (provider === "saml" && inner.attribute_name !== SAML_GROUPS) return null;
  const team = provider === "github" && typeof inner.team === "string" && inner.team ? `/${inner.team}` : "";
  return { kind: "idp-group", provider, providerId, group: name + team };
}

const IDP_KINDS = Object.keys(IDP_WIRE) as IdpKind[];
