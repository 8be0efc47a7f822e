// What stands in the way of an opening, and is not ours to take away.
import type { CloseReason } from "./exposure.ts";
import type { GateProblem } from "./gate.ts";
import { leadsSomewhere } from "./holes.ts";
import { firstMatch } from "./matching.ts";
import { type DnsRecord, isMadeFor, type Observed, type Rule } from "./observed.ts";
import type { Target } from "./plan.ts";
import type { ServiceChange } from "./service.ts";
import { type Anyone, openingOf } from "./weakness.ts";

export type Obstacle =
  | { obstacle: "tunnel-local" }
  | { obstacle: "tunnel-gone" }
  | { obstacle: "all-gone" }
  | { obstacle: "another-application"; name: string; destination: string }
  | { obstacle: "hostname-routed"; service: string }
  | { obstacle: "record-taken"; content: string }
  | { obstacle: "audience-open"; to: Anyone }
  | { obstacle: "service-changed"; change: ServiceChange };

/** Why an exposure that was open before is closed for it. */
export function driftOf(because: Obstacle): CloseReason {
  if (because.obstacle === "all-gone") return "all-gone";
  return because.obstacle === "service-changed" ? "service-gone" : "drift";
}

/** What nobody but its owner may take away, and what therefore stops an opening. */
export function obstacleTo(
  target: Target,
  observed: Observed,
  problems: GateProblem[],
  records: DnsRecord[],
  routes: Rule[],
): Obstacle | null {
  if (observed.tunnel.gone) return { obstacle: "tunnel-gone" };
  if (!observed.tunnel.remotelyManaged) return { obstacle: "tunnel-local" };
  if (target.serviceChange) return { obstacle: "service-changed", change: target.serviceChange };
  if (target.settled && isAllGone(target, observed, routes)) return { obstacle: "all-gone" };
  const to = openingOf(target.gate.audience, observed.groups, observed.identityProviders);
  if (to) return { obstacle: "audience-open", to };
  const other = problems.find((each) => each.problem === "another-application");
  if (other?.problem === "another-application")
    return { obstacle: "another-application", name: other.name, destination: other.destination };
  const { rules } = observed.config;
  const first = firstMatch(rules, target.hostname);
  const ownAnswersFirst = target.settled && first !== null && routes.includes(first);
  // A rule that names our very hostname stands in the way even when it only answers with a status: with ours beside it
  // the document would be refused, for everybody who is served by the same write.
  const named = rules.find((rule) => rule.hostname === target.hostname && !routes.includes(rule));
  const foreign = foreignRouteOf(target.hostname, rules, routes) ?? named;
  if (foreign && !ownAnswersFirst) return { obstacle: "hostname-routed", service: foreign.service };
  const taken = records.find((each) => !isMadeFor(target.exposureId, each));
  return taken ? { obstacle: "record-taken", content: taken.content } : null;
}

/** Somebody took all of it down, or it was closed after the backup that the store was restored to: nothing is made anew that
 *  nobody asked for. */
function isAllGone({ exposureId }: Target, { applications, records }: Observed, routes: Rule[]): boolean {
  return routes.length === 0 && ![...applications, ...records].some((each) => isMadeFor(exposureId, each));
}

export function foreignRouteOf(hostname: string, rules: Rule[], own: Rule[]): Rule | null {
  const rule = firstMatch(
    rules.filter((each) => !own.includes(each)),
    hostname,
  );
  return rule && leadsSomewhere(rule) ? rule : null;
}
