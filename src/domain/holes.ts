// Finds holes: hostnames that a tunnel routes to a real service and that a stranger can reach.

import { applicationFor, hostMatches, splitDestination } from "./gate.ts";
import { firstMatch } from "./matching.ts";
import { type Application, type Observed, type Rule, runsOlder } from "./observed.ts";
import type { Progress } from "./progress.ts";
import { isAnyone, type Weakness, weaknessOf } from "./weakness.ts";

export type HoleKind =
  | "no-application"
  | Weakness
  | "public-path"
  | "weaker-application"
  | "options-bypass"
  | "wildcard";

export type Hole = {
  hostname: string;
  tunnelName: string;
  service: string;
  why: HoleKind;
  /** The path that stands open, where not the whole hostname does. */
  path: string | null;
  ours: boolean;
  exposureId: string | null;
};

/** A route of ours, as the store knows it: an exposure's hostname, the audiences its route may carry, and where it leads
 *  while one is in. */
export type OwnRoute = { exposureId: string; hostname: string; auds: string[]; leadsTo: string | null };

type Routed = Pick<Progress, "auds" | "routedVersion">;

/** `marked` are the applications that carry the exposure's mark. */
export function ownRouteOf(
  of: { exposureId: string; hostname: string; origin: string; progress: Routed },
  marked: Application[] = [],
): OwnRoute {
  const { exposureId, hostname, origin, progress } = of;
  const auds = [...progress.auds, ...marked.map((each) => each.aud)];
  return { exposureId, hostname, auds, leadsTo: progress.routedVersion === null ? null : origin };
}

export function findHoles(observed: Observed, own: OwnRoute[]): Hole[] {
  const found = observed.config.rules.filter(leadsSomewhere).flatMap((rule) => holesOf(rule, observed, own));
  const seen = new Map(found.map((hole) => [`${hole.hostname} ${hole.why} ${hole.path}`, hole]));
  return [...seen.values()];
}

/** Whether a rule leads to a real service. `http_status:` rules only answer; the `hello_world` page is a service. */
export function leadsSomewhere(rule: Rule): boolean {
  return !rule.service.startsWith("http_status:");
}

/** Whether a request for this hostname may come to a service through the tunnel: a rule leads there, or a connector runs a
 *  configuration older than this version. */
export function mayCarry(
  { config, connectors }: Pick<Observed, "config" | "connectors">,
  hostname: string,
  version = config.version,
): boolean {
  const rule = firstMatch(config.rules, hostname);
  const behind = connectors.some((each) => runsOlder(each, version));
  return behind || (rule !== null && leadsSomewhere(rule));
}

/** A route is ours when the store knows its hostname and its lock names an `aud` that was ours. One that we put in stays
 *  ours when somebody takes the lock off: all the more it has to go. */
export function isOwnRoute(rule: Rule, own: OwnRoute): boolean {
  if (rule.hostname !== own.hostname || rule.path !== null) return false;
  const locked = rule.lock?.audTag.some((aud) => own.auds.includes(aud)) ?? false;
  return locked || (own.leadsTo !== null && leadsAsOurs(rule, own.leadsTo));
}

function leadsAsOurs(rule: Rule, origin: string): boolean {
  return rule.service === origin && rule.hostHeader === new URL(origin).host;
}

function holesOf(rule: Rule, observed: Observed, own: OwnRoute[]): Hole[] {
  const hostname = rule.hostname ?? "*";
  const exposureId = own.find((each) => isOwnRoute(rule, each))?.exposureId ?? null;
  const hole = (why: HoleKind, path: string | null = null): Hole => ({
    hostname,
    tunnelName: observed.tunnel.name,
    service: rule.service,
    why,
    path,
    ours: exposureId !== null,
    exposureId,
  });
  // cloudflared refuses every request without a token for one of these, whatever Access lets by unasked. Service Auth gives one.
  const locked = rule.lock?.required && rule.lock.audTag.length > 0;
  return openings(hostname, observed)
    .filter(({ why }) => !locked || isAnyone(why) || why === "service-auth")
    .map(({ why, path }) => hole(why, path));
}

type Opening = { why: HoleKind; path: string | null };

function openings(hostname: string, observed: Observed): Opening[] {
  const { applications, groups, identityProviders } = observed;
  if (hostname === "*") return [{ why: "wildcard", path: null }];
  const gate = hostname.startsWith("*.")
    ? (applications.find((each) =>
        each.destinations.some((one) => splitDestination(one).host === hostname),
      ) ?? null)
    : applicationFor(hostname, applications);
  if (!gate) return [{ why: "no-application", path: null }];
  const weakness = weaknessOf(gate, groups, identityProviders);
  return [
    ...(weakness ? [{ why: weakness, path: null }] : []),
    ...gate.publicPaths.map((path) => ({ why: "public-path" as const, path })),
    ...(gate.optionsBypass ? [{ why: "options-bypass" as const, path: null }] : []),
    ...weakerBelow(hostname, gate, observed),
    // A tunnel's wildcard matches any depth, an Access wildcard one level: `a.b.example.com` stays open.
    ...(hostname.startsWith("*.") ? [{ why: "wildcard" as const, path: null }] : []),
  ];
}

/** Applications for a path of this hostname that anybody can pass, while the hostname's own application is tighter. */
function weakerBelow(hostname: string, gate: Application, observed: Observed): Opening[] {
  const { groups, identityProviders } = observed;
  const isOpen = (each: Application) =>
    each.publicPaths.length > 0 || each.optionsBypass || weaknessOf(each, groups, identityProviders) !== null;
  return observed.applications
    .filter((each) => each.id !== gate.id && isOpen(each))
    .flatMap((each) => each.destinations.map(splitDestination))
    .filter(({ host, path }) => path !== "" && (host === hostname || hostMatches(host, hostname)))
    .map(({ path }) => ({ why: "weaker-application" as const, path: `/${path}` }));
}
