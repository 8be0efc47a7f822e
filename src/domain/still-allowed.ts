// What was asked for, held against the policy of today: what was taken out of it since cannot be approved or extended any more.
import { isMadeOf } from "./audience.ts";
import type { Exposure } from "./exposure.ts";
import { checkHostname } from "./hostname.ts";
import { type Policy, ruleFor, tunnelsOf, whyTooLong } from "./policy.ts";
import type { Refusal } from "./refusal.ts";

export function whyNoLongerAllowed(policy: Policy, exposure: Exposure): Refusal | null {
  if (!ruleFor(policy, exposure.service)) return { because: "policy-forbids", what: "service" };
  if (!carries(policy, exposure)) return { because: "policy-forbids", what: "hostname" };
  return isOffered(policy, exposure) ? null : { because: "policy-forbids", what: "audience" };
}

/** Whether what was approved would be approved today. */
export function whyNoLongerToOpen(policy: Policy, exposure: Exposure): Refusal | null {
  const { untilClosed, approvedMinutes } = exposure;
  return (
    whyNoLongerAllowed(policy, exposure) ?? whyTooLong(policy, exposure, untilClosed ? null : approvedMinutes)
  );
}

function isOffered({ audiences, peopleDomains, loginMethods }: Policy, { audience }: Exposure): boolean {
  const named = audiences.map((each) => each.audience);
  return isMadeOf(audience, named, { emailDomains: peopleDomains, loginMethods });
}

/** Through the tunnel that it was asked for on. */
function carries(policy: Policy, { service, tunnelId, hostname, zone }: Exposure): boolean {
  const tunnels = tunnelsOf(policy, service).filter(({ id }) => id === tunnelId);
  const rules = { zones: tunnels.flatMap(({ zones }) => zones), reserved: policy.reservedLabels };
  return checkHostname(hostname, zone, rules).ok;
}
