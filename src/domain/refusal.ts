// Why Drawbridge says no. Views turn a refusal into words; the audit keeps it as it is.
import type { Phase } from "./exposure.ts";

/** Why somebody counts for nothing here. */
export type WhyNotMember = "guest" | "stranger" | "bot" | "deactivated" | "no-email" | "email-domain";

/** Whom somebody's right hangs on. */
export type LookedUp = "account" | "requester" | "requester-groups" | "approver-groups" | "admin-groups";

export type Refusal =
  | { because: "not-found" }
  | { because: "stale-plan" }
  | { because: "already-decided"; phase: Phase }
  | { because: "already-voted" }
  | { because: "own-request" }
  | { because: "not-an-approver" }
  | { because: "not-yours" }
  | { because: "not-the-requester" }
  | { because: "lapsed" }
  | { because: "extension-lapsed" }
  | { because: "not-open" }
  | { because: "still-pending" }
  | { because: "not-a-member"; why: WhyNotMember }
  | { because: "may-not-ask"; service: string }
  /** Whoever asked left the workspace, or the policy lets them ask for this service no more. */
  | { because: "requester-out" }
  /** What was asked for stands in the policy no more. */
  | { because: "policy-forbids"; what: "service" | "hostname" | "audience" }
  | { because: "over-maximum"; maxMinutes: number }
  | { because: "extension-over-maximum"; maxMinutes: number }
  | { because: "extension-pending" }
  /** Neither who asked for the exposure nor who asks for more time decides. `requesterCould`: where the former asked, there
   *  would be enough. */
  | { because: "nobody-could-approve"; approvals: number; approvers: number; requesterCould: boolean }
  | { because: "nothing-shorter" }
  /** `mayPass`: whether waiting can help. */
  | { because: "lookup-failed"; what: LookedUp; mayPass: boolean }
  | { because: "openings-frozen" }
  | { because: "not-an-admin" }
  | { because: "reason-missing" }
  | { because: "no-such-exposure"; hostname: string }
  | { because: "several-exposures"; hostnames: string[] }
  | { because: "no-such-incident" }
  | { because: "incident-over" }
  | { because: "incident-acknowledged"; by: string }
  | { because: "incident-muted"; by: string };

/** A problem with one field of the request form; `field` is the input it belongs to, or the form as a whole. */
export type FieldProblem = { field: "service" | "hostname" | "audience" | "duration" | "reason" | "form" } & (
  | { problem: "missing" }
  | { problem: "service-unknown" }
  | { problem: "service-not-allowed" }
  | { problem: "service-unreachable"; why: "ingress-none" | "url-disabled" | "no-url" }
  | { problem: "hostname-malformed" }
  | { problem: "hostname-punycode" }
  | { problem: "hostname-zone"; zones: string[] }
  | { problem: "hostname-too-deep"; zone: string }
  | { problem: "hostname-too-long"; max: number }
  | { problem: "hostname-reserved"; label: string }
  | { problem: "hostname-taken"; by: "exposure" | "record" | "route" | "application"; link: string | null }
  | { problem: "audience-unknown" }
  /** `names` of the audiences whose pinned login methods differ. */
  | { problem: "audiences-pinned-apart"; names: string[] }
  | { problem: "audience-person"; slackId: string; why: WhyNotMember }
  | { problem: "duration-over-maximum"; maxMinutes: number }
  | { problem: "until-closed-not-allowed" }
  | { problem: "reason-too-long"; max: number }
  | { problem: "nobody-could-approve"; approvals: number; approvers: number }
  | { problem: "account-full"; limit: number }
  | { problem: "duplicate"; link: string | null }
  | { problem: "openings-frozen" }
  | { problem: "vendor"; text: string }
);

export type Verdict<T> = { ok: true; value: T } | ({ ok: false } & Refusal);

export function refuse(refusal: Refusal): { ok: false } & Refusal {
  return { ok: false, ...refusal };
}
