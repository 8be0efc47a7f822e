// Evaluates Access policies for one visitor. Service Auth and Bypass come first whatever their precedence, then Allow
// and Deny in order; whoever matches nothing is denied.
// https://developers.cloudflare.com/cloudflare-one/access-controls/policies/
import { type Group, type IdentityProvider, isObject, type Json, type Policy } from "./state.ts";

/** What is known of a visitor. Without `email` nobody has logged in. */
export type Visitor = {
  email?: string;
  idp?: IdentityProvider;
  /** The id of the service token that the request carries. */
  serviceToken?: string;
  /** Names, ids or emails of groups at the identity provider. */
  directory: string[];
  ip: string;
  country: string;
};

export type Ruling = { policy: Policy; decision: "bypass" | "non_identity" | "allow" | "deny" } | null;

/** The ruling before anybody logs in: only Bypass and Service Auth can let a stranger pass. */
export function ruleForStranger(policies: Policy[], visitor: Visitor, groups: Group[]): Ruling {
  for (const policy of policies) {
    if (policy.decision !== "bypass" && policy.decision !== "non_identity") continue;
    if (satisfies(policy, { ...visitor, email: undefined, idp: undefined }, groups)) {
      return { policy, decision: policy.decision };
    }
  }
  return null;
}

/** The ruling at log-in. */
export function ruleForLogin(policies: Policy[], visitor: Visitor, groups: Group[]): Ruling {
  for (const policy of policies) {
    if (policy.decision !== "allow" && policy.decision !== "deny") continue;
    if (satisfies(policy, visitor, groups)) return { policy, decision: policy.decision };
  }
  return null;
}

type Criteria = { include?: Json[]; exclude?: Json[]; require?: Json[] };

/** Any `include`, every `require`, no `exclude`. */
function satisfies(criteria: Criteria, visitor: Visitor, groups: Group[], depth = 0): boolean {
  const meets = (selector: Json) => meetsSelector(selector, visitor, groups, depth);
  if (!(criteria.include ?? []).some(meets)) return false;
  return (criteria.require ?? []).every(meets) && !(criteria.exclude ?? []).some(meets);
}

/** Access refuses groups nested deeper than this; it also ends a circle. */
const GROUP_DEPTH = 10;

function meetsSelector(selector: Json, visitor: Visitor, groups: Group[], depth: number): boolean {
  const [kind = "", raw] = Object.entries(selector)[0] ?? [];
  const value = isObject(raw) ? raw : {};
  const text = (key: string) => String(value[key] ?? "").toLowerCase();
  const email = visitor.email?.toLowerCase();
  switch (kind) {
    case "everyone":
      return true;
    case "email":
      return email !== undefined && email === text("email");
    case "email_domain":
      return email?.endsWith(`@${text("domain").replace(/^@/, "")}`) ?? false;
    case "group": {
      const group = groups.find((each) => each.id === value.id);
      return group !== undefined && depth < GROUP_DEPTH && satisfies(group, visitor, groups, depth + 1);
    }
    case "login_method":
      return email !== undefined && visitor.idp?.id === value.id;
    case "service_token":
      return visitor.serviceToken !== undefined && visitor.serviceToken === value.token_id;
    case "any_valid_service_token":
      return visitor.serviceToken !== undefined;
    case "ip":
      return rangeCovers(text("ip"), visitor.ip);
    case "geo":
      return text("country_code") === visitor.country.toLowerCase();
    case "okta":
    case "azureAD":
    case "gsuite":
    case "saml":
    case "oidc":
    case "github-organization":
      return email !== undefined && inDirectory(value, visitor);
    default:
      return false;
  }
}

function inDirectory(value: Json, visitor: Visitor): boolean {
  if (value.identity_provider_id && visitor.idp?.id !== value.identity_provider_id) return false;
  const wanted = value.attribute_value ?? value.claim_value ?? value.email ?? value.id ?? value.name;
  return typeof wanted === "string" && visitor.directory.includes(wanted);
}

function rangeCovers(range: string, ip: string): boolean {
  const [base = "", width] = range.split("/");
  if (base.includes(":")) return base === "::" && width === "0";
  const bits = width === undefined ? 32 : Number(width);
  const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
  return (ipv4(base) & mask) >>> 0 === (ipv4(ip) & mask) >>> 0;
}

function ipv4(address: string): number {
  return address.split(".").reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}
