// Judges a request as it was typed against what is known at that moment: a draft exposure, or every problem at once.
import { type Audience, joinAudiences, pinnedApart } from "./audience.ts";
import { type Exposure, minutesAfter, newExposure, type Person } from "./exposure.ts";
import { checkHostname } from "./hostname.ts";
import { type Policy, type PolicyRule, ruleFor, tunnelFor, zonesFor } from "./policy.ts";
import type { FieldProblem, Refusal, WhyNotMember } from "./refusal.ts";
import { type CloudRunService, unreachable } from "./service.ts";

export type RequestForm = {
  serviceKey: string | null;
  hostname: string;
  zone: string | null;
  audiences: string[];
  people: string[];
  duration: number | "until-closed" | null;
  reason: string;
};

/** What was looked up for this request. Null where the look-up gave nothing; a look-up that failed has its own problem. */
export type RequestFacts = {
  service: CloudRunService | null;
  /** Why the requester may not ask for this service, or null. */
  whyMayNotAsk: Refusal | null;
  picked: { slackId: string; email: string | null; why: WhyNotMember | null }[];
  /** How many people other than the requester could approve. */
  approvers: number;
  taken: { by: "exposure" | "record" | "route" | "application"; link: string | null } | null;
  duplicate: { link: string | null } | null;
  applications: { count: number; limit: number } | null;
  frozen: boolean;
  failed: FieldProblem[];
};

export type Judged = { ok: true; draft: Exposure } | { ok: false; problems: FieldProblem[] };

export const MAX_REASON = 500;

type Asking = { id: string; requester: Person; policy: Policy; now: Date };

export function judgeRequest(form: RequestForm, facts: RequestFacts, asking: Asking): Judged {
  const { policy } = asking;
  const rule = facts.service ? ruleFor(policy, facts.service) : null;
  const zones = facts.service ? zonesFor(policy, facts.service) : [];
  const hostname = checkHostname(form.hostname, form.zone, { zones, reserved: policy.reservedLabels });
  const audience = audienceOf(form, facts, policy);
  const problems: FieldProblem[] = [
    ...facts.failed,
    ...serviceProblems(facts, rule),
    ...(hostname.ok ? takenProblem(facts) : facts.service ? [hostname.problem] : []),
    ...audience.problems,
    ...durationProblems(form, rule),
    ...reasonProblems(form.reason),
    ...wholeProblems(facts, rule),
  ];
  const tunnel = facts.service && hostname.ok ? tunnelFor(policy, facts.service, hostname.zone) : null;
  if (problems.length > 0 || !facts.service || !rule || !hostname.ok || !tunnel)
    return { ok: false, problems };
  const draft = newExposure({
    id: asking.id,
    service: facts.service,
    hostname: hostname.hostname,
    zone: hostname.zone,
    tunnelId: tunnel.id,
    audience: audience.audience,
    requester: asking.requester,
    reason: form.reason.trim(),
    ...spanOf(form, rule),
    approvalsNeeded: rule.approvals,
    requestedAt: asking.now,
    lapsesAt: minutesAfter(asking.now, policy.lapseMinutes),
    remindAt: minutesAfter(asking.now, policy.remindMinutes),
  });
  return { ok: true, draft };
}

function serviceProblems(facts: RequestFacts, rule: PolicyRule | null): FieldProblem[] {
  const { service } = facts;
  const looked = facts.failed.some((each) => each.field === "service");
  if (!service) return looked ? [] : [{ field: "service", problem: "service-unknown" }];
  if (!rule || facts.whyMayNotAsk) return [{ field: "service", problem: "service-not-allowed" }];
  const why = unreachable(service);
  return why ? [{ field: "service", problem: "service-unreachable", why }] : [];
}

function takenProblem(facts: RequestFacts): FieldProblem[] {
  return facts.taken ? [{ field: "hostname", problem: "hostname-taken", ...facts.taken }] : [];
}

function audienceOf(
  form: RequestForm,
  facts: RequestFacts,
  policy: Policy,
): { audience: Audience; problems: FieldProblem[] } {
  const named = form.audiences.map((id) => policy.audiences.find((each) => each.id === id) ?? null);
  const emails = facts.picked.flatMap(({ email, why }) => (email && !why ? [email.toLowerCase()] : []));
  const picked = { name: `${emails.length} ${emails.length === 1 ? "person" : "people"}`, emails };
  const people: Audience = {
    emailDomains: [],
    accessGroups: [],
    idpGroups: [],
    loginMethods: policy.loginMethods,
    ...picked,
  };
  const parts = [...named.flatMap((each) => each?.audience ?? []), ...(emails.length > 0 ? [people] : [])];
  const problems: FieldProblem[] = [
    ...(named.includes(null) ? [{ field: "audience" as const, problem: "audience-unknown" as const }] : []),
    ...facts.picked.flatMap(({ slackId, why }) =>
      why ? [{ field: "audience" as const, problem: "audience-person" as const, slackId, why }] : [],
    ),
  ];
  const apart = pinnedApart(parts).map(({ name }) => name);
  if (apart.length > 0) problems.push({ field: "audience", problem: "audiences-pinned-apart", names: apart });
  const nobody = form.audiences.length + form.people.length === 0;
  if (nobody) problems.push({ field: "audience", problem: "missing" });
  return { audience: joinAudiences(parts.map((each) => each.name).join(" and "), parts), problems };
}

function durationProblems(form: RequestForm, rule: PolicyRule | null): FieldProblem[] {
  if (form.duration === null) return [{ field: "duration", problem: "missing" }];
  if (!rule) return [];
  if (form.duration === "until-closed")
    return rule.reviewMinutes === null ? [{ field: "duration", problem: "until-closed-not-allowed" }] : [];
  if (Number.isInteger(form.duration) && form.duration >= 1 && form.duration <= rule.maxMinutes) return [];
  return [{ field: "duration", problem: "duration-over-maximum", maxMinutes: rule.maxMinutes }];
}

function spanOf(form: RequestForm, rule: PolicyRule): { minutes: number; untilClosed: boolean } {
  if (form.duration === "until-closed")
    return { minutes: rule.reviewMinutes ?? rule.maxMinutes, untilClosed: true };
  return { minutes: form.duration ?? rule.maxMinutes, untilClosed: false };
}

function reasonProblems(reason: string): FieldProblem[] {
  if (reason.trim() === "") return [{ field: "reason", problem: "missing" }];
  return reason.length > MAX_REASON ? [{ field: "reason", problem: "reason-too-long", max: MAX_REASON }] : [];
}

function wholeProblems(facts: RequestFacts, rule: PolicyRule | null): FieldProblem[] {
  const full = facts.applications && facts.applications.count >= facts.applications.limit;
  const { approvers } = facts;
  return [
    ...(facts.frozen ? [{ field: "form" as const, problem: "openings-frozen" as const }] : []),
    ...(rule && approvers < rule.approvals
      ? [
          {
            field: "form" as const,
            problem: "nobody-could-approve" as const,
            approvals: rule.approvals,
            approvers,
          },
        ]
      : []),
    ...(facts.duplicate
      ? [{ field: "form" as const, problem: "duplicate" as const, ...facts.duplicate }]
      : []),
    ...(full && facts.applications
      ? [{ field: "form" as const, problem: "account-full" as const, limit: facts.applications.limit }]
      : []),
  ];
}
