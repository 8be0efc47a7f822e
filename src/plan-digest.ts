// The digest of the plan that an exposure asks people to decide on, by the policy given: what a button carries.
import { createHash } from "node:crypto";
import type { Exposure } from "./domain/exposure.ts";
import { decidersOf, type Policy, ruleFor } from "./domain/policy.ts";
import { canonical, requestPlan } from "./domain/request-plan.ts";

export function planDigest(exposure: Exposure, policy: Policy): string {
  const { groups, people } = decidersOf(policy, exposure.service);
  const approvals = ruleFor(policy, exposure.service)?.approvals;
  const plan = requestPlan(exposure, JSON.stringify([groups, people, approvals]));
  return createHash("sha256").update(canonical(plan)).digest("hex").slice(0, 32);
}
