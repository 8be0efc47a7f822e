// Judges whether a stranger may pass: by an application's policies, or by a group that an audience names.
import { type Audience, NOT_IDENTITIES, type NotIdentity, type Selector, selectorsOf } from "./audience.ts";
import type { AccessGroup, AccessPolicy, Application, IdentityProvider } from "./observed.ts";
import { isPublicLogin, type PublicLogin } from "./public-login.ts";

/** Whom a rule lets in when it lets in anybody: everyone, whoever logs in by a way that anybody has, or whoever meets a
 *  condition that does not say who. */
export type Anyone = "everyone" | PublicLogin | Condition;

/** One of a kind that we cannot judge is taken for one that anybody meets. */
export type Condition = NotIdentity | "unknown-condition";

/** Whether this way in is open to whoever can log in at all. */
export function isAnyone(way: string): way is Anyone {
  return way === "everyone" || isPublicLogin(way) || isCondition(way);
}

export function isCondition(way: string): way is Condition {
  return way === "unknown-condition" || NOT_IDENTITIES.some((each) => each === way);
}

/** `service-auth` lets by without a log-in, like a bypass: it asks for no secret. */
export type Weakness = "bypass" | "service-auth" | Anyone;

/** How anybody at all could pass this application, if they can. An application without policies lets nobody in. */
export function weaknessOf(
  application: Application,
  groups: AccessGroup[],
  providers: IdentityProvider[],
): Weakness | null {
  const { policies } = application;
  if (policies.some((policy) => policy.decision === "bypass")) return "bypass";
  if (policies.some((policy) => policy.decision === "service-auth" && !asksForSecret(policy, groups)))
    return "service-auth";
  for (const policy of policies) {
    if (policy.decision !== "allow" || policy.require.some((each) => !letsAnyoneIn(each, groups, providers)))
      continue;
    for (const selector of policy.include) {
      const anyone = letsAnyoneIn(selector, groups, providers);
      if (anyone) return anyone;
    }
  }
  return null;
}

/** https://developers.cloudflare.com/cloudflare-one/access-controls/policies/#service-auth */
function asksForSecret(
  { include, require }: Pick<AccessPolicy, "include" | "require">,
  groups: AccessGroup[],
  within: string[] = [],
): boolean {
  const isSecret = (selector: Selector): boolean => {
    if (selector.kind === "service-token") return true;
    if (selector.kind === "not-identity") return selector.name === "by-certificate";
    if (selector.kind === "other") return SECRETS.includes(selector.name);
    if (selector.kind !== "access-group") return false;
    const group = groups.find((each) => each.id === selector.id);
    // Nobody is in a group that is not there, or that is within itself.
    if (!group || within.includes(group.id)) return true;
    return asksForSecret(group, groups, [...within, group.id]);
  };
  return include.every(isSecret) || require.some(isSecret);
}

/** By the names of Cloudflare's API. */
const SECRETS: readonly string[] = ["common_name", "linked_app_token"];

/** How an audience would let anybody in, by a group of the account that was widened since policy named it. */
export function openingOf(
  audience: Audience,
  groups: AccessGroup[],
  providers: IdentityProvider[],
): Anyone | null {
  const found = selectorsOf(audience).map((each) => letsAnyoneIn(each, groups, providers));
  return found.find((each) => each !== null) ?? null;
}

/** Null for a selector that says who: as a requirement, only such a one narrows. */
function letsAnyoneIn(
  selector: Selector,
  groups: AccessGroup[],
  providers: IdentityProvider[],
  within: string[] = [],
): Anyone | null {
  if (selector.kind === "everyone") return "everyone";
  if (selector.kind === "unknown") return "unknown-condition";
  if (selector.kind === "not-identity") return selector.name;
  if (selector.kind === "login-method")
    return providers.find((each) => each.id === selector.id)?.publicLogin ?? null;
  if (selector.kind !== "access-group") return null;
  const group = groups.find((each) => each.id === selector.id);
  // A group may hold groups, and at worst itself.
  if (!group || within.includes(group.id)) return null;
  const judge = (each: Selector) => letsAnyoneIn(each, groups, providers, [...within, group.id]);
  if (group.require.some((each) => judge(each) === null)) return null;
  return group.include.map(judge).find((each) => each !== null) ?? null;
}
