// What the store wants, as converge sees it.
import { type Exposure, sessionMinutes } from "./exposure.ts";
import { isOwnRoute, ownRouteOf } from "./holes.ts";
import type { Rule } from "./observed.ts";
import type { Target } from "./plan.ts";

export function targetOf(exposure: Exposure): Target {
  const minutes = exposure.approvedMinutes ?? exposure.minutes;
  return {
    exposureId: exposure.id,
    hostname: exposure.hostname,
    want: exposure.phase === "closing" || exposure.phase === "closed" ? "closed" : "open",
    settled: exposure.phase === "open" || exposure.phase === "closed",
    gate: {
      exposureId: exposure.id,
      hostname: exposure.hostname,
      audience: exposure.audience,
      sessionMinutes: sessionMinutes(minutes),
    },
    origin: exposure.service.url ?? "",
    serviceChange: null,
    until: exposure.until ?? exposure.requestedAt,
    progress: exposure.progress,
  };
}

/** The applications that must stand: not those that a closing has taken away. */
export function applicationsOf(exposures: Exposure[]): string[] {
  return exposures
    .filter(({ progress }) => !progress.steps.some((each) => each.step === "application-removed"))
    .flatMap(({ progress }) => progress.applicationId ?? []);
}

/** Whether people want of it what a pass set out for. Where not, it is due anew, and the pass says nothing of its end. */
export function isStillWanted({ want }: Target, exposure: Exposure): boolean {
  return targetOf(exposure).want === want;
}

/** What was approved and never had its route: it may be kept from opening. What has its route in is seen open within seconds,
 *  and what was open before is mended. */
export function hadNoRoute({ phase, openedAt, progress }: Exposure): boolean {
  return (
    phase === "approved" || (phase === "opening" && openedAt === null && progress.routedVersion === null)
  );
}

/** Whether a route of its own stands that no pass has noted. */
export function isRoutedUnnoted(exposure: Exposure, rules: Rule[]): boolean {
  const own = ownRouteOf(targetOf(exposure));
  return exposure.phase === "opening" && hadNoRoute(exposure) && rules.some((rule) => isOwnRoute(rule, own));
}

/** `version`: of the configuration that the route was found in. */
export function routedBy(exposure: Exposure, version: number): Exposure {
  return { ...exposure, progress: { ...exposure.progress, routedVersion: version, waiting: null } };
}
