// Judges Access: whether an application gates a hostname, exactly as we made it.
import { type Audience, sameSelectors, selectorsOf } from "./audience.ts";
import { globMatches } from "./glob.ts";
import { type AccessPolicy, type Application, isMadeFor } from "./observed.ts";

/** What we want to stand in front of a hostname. */
export type WantedGate = {
  exposureId: string;
  hostname: string;
  audience: Audience;
  sessionMinutes: number;
  /** The service token of our own visits through Access, which passes beside the audience; null without one. */
  visitTokenId: string | null;
};

type Weak =
  | "missing"
  | "not-self-hosted"
  | "destinations"
  | "policies"
  | "bypass"
  | "public-path"
  | "options-bypass"
  | "login-methods";

/** `weak` lets in somebody it must not, or may come to: the route has to go first. `differs` is put right in place. */
export type GateProblem =
  | { severity: "weak"; problem: Weak }
  | { severity: "weak"; problem: "several-of-ours"; name: string }
  | { severity: "weak"; problem: "another-application"; name: string; destination: string }
  | { severity: "differs"; problem: "session" | "visits" | "cross-site-cookie" };

/** What is wrong with the gate in front of this hostname; empty when it is exactly the wanted one and the only one. */
export function judgeGate(want: WantedGate, applications: Application[]): GateProblem[] {
  const ours = applications.filter((each) => isMadeFor(want.exposureId, each));
  const others = othersAtOrBelow(want.hostname, want.exposureId, applications);
  const [application, ...more] = ours;
  if (!application) return [{ severity: "weak", problem: "missing" }, ...others];
  return [
    ...judgeApplication(want, application),
    ...more.map((each) => ({
      severity: "weak" as const,
      problem: "several-of-ours" as const,
      name: each.name,
    })),
    ...others,
  ];
}

/** Applications of somebody else that answer for this hostname or a path of it before ours does. */
function othersAtOrBelow(hostname: string, exposureId: string, applications: Application[]): GateProblem[] {
  return applications
    .filter((each) => !isMadeFor(exposureId, each))
    .flatMap((each) =>
      each.destinations
        .filter((destination) => standsAtOrBelow(destination, hostname))
        .map((destination) => ({
          severity: "weak" as const,
          problem: "another-application" as const,
          name: each.name,
          destination,
        })),
    );
}

function judgeApplication(want: WantedGate, application: Application): GateProblem[] {
  const problems: GateProblem[] = [];
  const weak = (problem: Weak) => problems.push({ severity: "weak", problem });
  if (!application.selfHosted) weak("not-self-hosted");
  if (application.destinations.join() !== want.hostname) weak("destinations");
  if (application.policies.some((policy) => policy.decision === "bypass")) weak("bypass");
  else if (!isExactly(peoplesPolicies(application, want), want.audience)) weak("policies");
  else if (lacksVisits(application, want)) problems.push({ severity: "differs", problem: "visits" });
  if (application.publicPaths.length > 0) weak("public-path");
  if (application.optionsBypass) weak("options-bypass");
  const pinned = want.audience.loginMethods.length > 0;
  if (!sameTexts(application.loginMethods, want.audience.loginMethods) || (application.warpLogin && pinned))
    weak("login-methods");
  if (lastsLonger(application, want) || (application.warpLogin && !pinned))
    problems.push({ severity: "differs", problem: "session" });
  if (application.crossSiteCookie) problems.push({ severity: "differs", problem: "cross-site-cookie" });
  return problems;
}

function lastsLonger({ sessionMinutes }: Application, want: WantedGate): boolean {
  return sessionMinutes === null || sessionMinutes > want.sessionMinutes;
}

/** Whether the policies let in whom they should, and nobody else. */
export function letsInExactly(
  policies: AccessPolicy[],
  want: Pick<WantedGate, "audience" | "visitTokenId">,
): boolean {
  return isExactly(peoplesPolicies({ policies }, want), want.audience) && !lacksVisits({ policies }, want);
}

/** All but the one for our own visits, which is nothing that lets people in. */
export function peoplesPolicies(
  { policies }: Pick<Application, "policies">,
  want: Pick<WantedGate, "visitTokenId">,
): AccessPolicy[] {
  return policies.filter((policy) => !isForVisits(policy, want));
}

function lacksVisits(
  { policies }: Pick<Application, "policies">,
  want: Pick<WantedGate, "visitTokenId">,
): boolean {
  return want.visitTokenId !== null && policies.filter((policy) => isForVisits(policy, want)).length !== 1;
}

function isForVisits(policy: AccessPolicy, { visitTokenId }: Pick<WantedGate, "visitTokenId">): boolean {
  if (visitTokenId === null || policy.decision !== "service-auth") return false;
  if (policy.require.length > 0 || policy.exclude.length > 0) return false;
  return sameSelectors(policy.include, [{ kind: "service-token", id: visitTokenId }]);
}

function isExactly(policies: AccessPolicy[], audience: Audience): boolean {
  const [policy, ...more] = policies;
  return (
    policy !== undefined &&
    more.length === 0 &&
    policy.decision === "allow" &&
    policy.require.length === 0 &&
    policy.exclude.length === 0 &&
    sameSelectors(policy.include, selectorsOf(audience))
  );
}

function sameTexts(left: string[], right: string[]): boolean {
  return JSON.stringify([...left].sort()) === JSON.stringify([...right].sort());
}

/** `host` or `host/path` with this exact host, or a wildcard host together with a path. Access lets the most specific
 *  path win and inherits nothing, so each of these can open what our application closes.
 *  https://developers.cloudflare.com/cloudflare-one/access-controls/policies/app-paths/ */
export function standsAtOrBelow(destination: string, hostname: string): boolean {
  const { host, path } = splitDestination(destination);
  if (host === hostname) return true;
  return path !== "" && hostMatches(host, hostname);
}

export function splitDestination(destination: string): { host: string; path: string } {
  const slash = destination.indexOf("/");
  if (slash < 0) return { host: destination.toLowerCase(), path: "" };
  const path = destination.slice(slash + 1);
  return { host: destination.slice(0, slash).toLowerCase(), path: path === "*" ? "" : path };
}

/** An Access wildcard stands for one label or a part of one: `*.example.com` covers neither the apex nor `a.b`. */
export function hostMatches(pattern: string, hostname: string): boolean {
  const wanted = pattern.split(".");
  const labels = hostname.split(".");
  return (
    wanted.length === labels.length && wanted.every((part, index) => globMatches(part, labels[index] ?? ""))
  );
}

/** The application that Access asks for this bare hostname: an exact host before a wildcard, the longer wildcard first. */
export function applicationFor(hostname: string, applications: Application[]): Application | null {
  const covering = applications.flatMap((application) =>
    application.destinations
      .map(splitDestination)
      .filter(({ host, path }) => path === "" && hostMatches(host, hostname))
      .map(({ host }) => ({ application, exact: host === hostname, length: host.length })),
  );
  covering.sort((a, b) => Number(b.exact) - Number(a.exact) || b.length - a.length);
  return covering[0]?.application ?? null;
}
