// The conditions of an Access policy between their wire form and our words. What we cannot judge stays `other`.
import type { IdpKind, Selector } from "../domain/audience.ts";
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
    return { kind: "other", name: "unknown" };
  const inner = isRecord(wire[key]) ? wire[key] : {};
  return plainSelector(key, inner) ?? idpSelector(key, inner) ?? { kind: "other", name: key };
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
