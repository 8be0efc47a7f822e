// Whom a fault of a tunnel keeps from what they asked for.
import type { Exposure } from "./exposure.ts";
import type { Affected, Fault } from "./incident.ts";

/** A fault of the way to the edge affects all that is open on the tunnel, one of an origin only what leads there. */
export function affectedOn(
  tunnelId: string,
  { slot, services }: Pick<Fault, "slot" | "services">,
  exposures: Exposure[],
): Affected[] {
  const narrow = slot.startsWith("origin-") && services.length > 0;
  return exposures
    .filter((each) => each.tunnelId === tunnelId && (each.phase === "open" || each.phase === "opening"))
    .filter((each) => !narrow || services.some((service) => leadsTo(each, service)))
    .map(({ id, hostname, requester }) => ({ exposureId: id, hostname, requesterId: requester.slackId }));
}

/** The log names the service of a route, a visit the hostname. */
function leadsTo({ hostname, service }: Exposure, named: string): boolean {
  return named === hostname || (service.url !== null && hostOf(named) === hostOf(service.url));
}

function hostOf(text: string): string {
  return URL.parse(text)?.host ?? text;
}
