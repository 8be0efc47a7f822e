// What the policy file says: who may ask for what, who decides, for how long. Answers come with a reason.
import type { Audience } from "./audience.ts";
import { type Exposure, type Person, samePerson } from "./exposure.ts";
import { globMatches } from "./glob.ts";
import type { HealthLimits } from "./incident.ts";
import type { Refusal } from "./refusal.ts";
import { type ServiceRef, serviceKey } from "./service.ts";
import type { WorkerPoolRef } from "./worker-pool.ts";

/** People by Slack user id, and Slack user groups by id. Nobody is in it when both lists are empty. */
export type Circle = { groups: string[]; people: string[] };

export type PolicyRule = {
  /** `project/region/service` patterns with `*`; the first rule that matches a service governs it. */
  services: string[];
  /** `everyone` means every full member of the workspace. */
  requesters: Circle | "everyone";
  approvers: Circle;
  approvals: number;
  maxMinutes: number;
  presets: number[];
  /** Minutes until the review of an exposure that was asked for "until closed"; null where that is not allowed. */
  reviewMinutes: number | null;
  /** Minutes that a requester may add to an open exposure, in all, without asking again. */
  freeExtensionMinutes: number;
};

export type NamedAudience = { id: string; description: string; audience: Audience };

export type TunnelPolicy = {
  id: string;
  zones: string[];
  services: string[];
  /** Where its connectors run, where `/ready` and the like answer (`http://10.…:2000`), and whether there are others that are
   *  meant to be, such as in a second region; null where nothing is said. */
  connectors: { workerPool: WorkerPoolRef | null; metrics: string[]; others: boolean } | null;
};

export type HealthPolicy = {
  limits: HealthLimits;
  /** The Slack user group that is named once when something serious begins. */
  onCall: string | null;
  /** Where the folder of the runbook is on the web; null: people are sent to the repository. */
  runbookUrl: string | null;
};

export type Policy = {
  installation: string;
  channels: { approvals: string; alerts: string };
  projects: string[];
  regions: string[];
  /** How the connectors' logs are read: through which log view of each project, and whether they are tailed. */
  logs: { views: Record<string, string>; tail: boolean };
  /** The id of the Access service token that our own visits carry; null without one. */
  visitTokenId: string | null;
  /** Who may freeze new openings and close everything. */
  admins: Circle;
  tunnels: TunnelPolicy[];
  audiences: NamedAudience[];
  /** Email domains that people picked in Slack must have. */
  peopleDomains: string[];
  /** Identity providers that people picked in Slack must log in with; empty: any. */
  loginMethods: string[];
  reservedLabels: string[];
  rules: PolicyRule[];
  lapseMinutes: number;
  remindMinutes: number;
  health: HealthPolicy;
};

export function ruleFor(policy: Policy, service: ServiceRef): PolicyRule | null {
  return (
    policy.rules.find((rule) => rule.services.some((pattern) => matchesService(pattern, service))) ?? null
  );
}

/** Whether the bot is there for this service at all, whatever its rules say. */
export function isWatched(policy: Policy, { project, region }: ServiceRef): boolean {
  return policy.projects.includes(project) && policy.regions.includes(region);
}

/** The tunnel that carries a service's hostnames of this zone. */
export function tunnelFor(policy: Policy, service: ServiceRef, zone: string): TunnelPolicy | null {
  return tunnelsOf(policy, service).find((tunnel) => tunnel.zones.includes(zone)) ?? null;
}

/** The zones that a service may have a hostname in. */
export function zonesFor(policy: Policy, service: ServiceRef): string[] {
  return [...new Set(tunnelsOf(policy, service).flatMap((tunnel) => tunnel.zones))];
}

export function tunnelsOf(policy: Policy, service: ServiceRef): TunnelPolicy[] {
  return policy.tunnels.filter((tunnel) =>
    tunnel.services.some((pattern) => matchesService(pattern, service)),
  );
}

/** The zones whose hostnames a tunnel carries. The policy may name a tunnel more than once, for other services. */
export function zonesOn(policy: Policy, tunnelId: string): string[] {
  return policy.tunnels.filter(({ id }) => id === tunnelId).flatMap(({ zones }) => zones);
}

export type WatchedTunnel = Pick<TunnelPolicy, "id" | "connectors">;

/** Each tunnel once, with what is said of its connectors anywhere. */
export function eachTunnel({ tunnels }: Pick<Policy, "tunnels">): WatchedTunnel[] {
  const ids = [...new Set(tunnels.map(({ id }) => id))];
  return ids.map((id) => {
    const said = tunnels.find((each) => each.id === id && each.connectors);
    return { id, connectors: said?.connectors ?? null };
  });
}

export function matchesService(pattern: string, service: ServiceRef): boolean {
  const parts = pattern.split("/");
  const [project = "*", region = "*", name = "*"] = parts.length === 1 ? ["*", "*", parts[0]] : parts;
  return (
    globMatches(project, service.project) &&
    globMatches(region, service.region) &&
    globMatches(name, service.name)
  );
}

/** Whether this person is in a circle, given the user groups that they were seen in just now. */
export function isIn(circle: Circle, person: Person, groups: string[]): boolean {
  return circle.people.includes(person.slackId) || circle.groups.some((group) => groups.includes(group));
}

/** Whose membership is to be looked up to know who may ask; nobody's where everyone may. */
export function requestersOf(policy: Policy, service: ServiceRef): Circle {
  const requesters = ruleFor(policy, service)?.requesters ?? "everyone";
  return requesters === "everyone" ? NOBODY : requesters;
}

export function whyMayNotAsk(
  policy: Policy,
  service: ServiceRef,
  person: Person,
  groups: string[],
): Refusal | null {
  const rule = ruleFor(policy, service);
  const allowed = rule && (rule.requesters === "everyone" || isIn(rule.requesters, person, groups));
  return allowed ? null : { because: "may-not-ask", service: serviceKey(service) };
}

/** Read at the click: `groups` are those of the deciders' groups that this person is a member of right now. Where no rule
 *  governs the service any more, the answer is about a denial: `whyNoLongerAllowed` refuses all else. */
export function whyMayNotDecide(
  policy: Policy,
  exposure: Exposure,
  person: Person,
  groups: string[],
): Refusal | null {
  if (samePerson(person, exposure.requester)) return { because: "own-request" };
  const deciders = decidersOf(policy, exposure.service);
  if (isIn(deciders, person, groups)) return null;
  return deciders.denyOnly ? { because: "policy-forbids", what: "service" } : { because: "not-an-approver" };
}

/** Policy may have become stricter since the request was made. `minutes`: the shorter time that an approver gives. */
export function whyTooLong(policy: Policy, exposure: Exposure, minutes: number | null): Refusal | null {
  const rule = ruleFor(policy, exposure.service);
  const { extension, untilClosed } = exposure;
  const wanted = minutes ?? extension?.minutes ?? exposure.minutes;
  const wholeReview = untilClosed && !extension && minutes === null;
  const maxMinutes = (wholeReview ? rule?.reviewMinutes : null) ?? rule?.maxMinutes ?? 0;
  if (wanted <= maxMinutes) return null;
  return { because: extension ? "extension-over-maximum" : "over-maximum", maxMinutes };
}

/** Whether so much more may be asked for at a time. */
export function whyNotLonger(policy: Policy, service: ServiceRef, minutes: number): Refusal | null {
  const maxMinutes = ruleFor(policy, service)?.maxMinutes ?? 0;
  return minutes >= 1 && minutes <= maxMinutes ? null : { because: "over-maximum", maxMinutes };
}

/** The requester and whoever may approve can close. */
export function whyMayNotClose(
  policy: Policy,
  exposure: Exposure,
  person: Person,
  groups: string[],
): Refusal | null {
  if (samePerson(person, exposure.requester)) return null;
  return isIn(approversOf(policy, exposure.service), person, groups) ? null : { because: "not-yours" };
}

/** What is left to be added without asking anybody, as far as it may be added at once. */
export function freeMinutesOf(policy: Policy, { service, extendedMinutes }: Exposure): number {
  const rule = ruleFor(policy, service);
  const left = (rule?.freeExtensionMinutes ?? 0) - extendedMinutes;
  return Math.max(0, Math.min(left, rule?.maxMinutes ?? 0));
}

/** Whether this extension is within what policy lets through without asking anybody. */
export function isFreeExtension(policy: Policy, exposure: Exposure, minutes: number): boolean {
  return minutes <= freeMinutesOf(policy, exposure);
}

/** Who may approve what is asked for of a service; nobody where no rule governs it. */
export function approversOf(policy: Policy, service: ServiceRef): Circle {
  return ruleFor(policy, service)?.approvers ?? NOBODY;
}

/** How many approvals it takes today; what it took before where no rule governs the service any more. */
export function approvalsFor(policy: Policy, { service, approvalsNeeded }: Exposure): number {
  return ruleFor(policy, service)?.approvals ?? approvalsNeeded;
}

/** `denyOnly`: there is nobody who could approve. */
export type Deciders = Circle & { denyOnly?: true };

/** Who may decide about a service: its approvers, and the admins where no rule names any. */
export function decidersOf(policy: Policy, service: ServiceRef): Deciders {
  return ruleFor(policy, service)?.approvers ?? { ...policy.admins, denyOnly: true };
}

const NOBODY: Circle = { groups: [], people: [] };
