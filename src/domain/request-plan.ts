// The exact plan of an exposure as approvers see it, and its digest: a button acts only on the plan that it showed.
import type { Audience } from "./audience.ts";
import type { Exposure } from "./exposure.ts";
import { serviceKey } from "./service.ts";

/** Everything that an approval promises to do, and nothing that may change without a new question. */
export type RequestPlan = {
  service: string;
  origin: string;
  hostHeader: string;
  hostname: string;
  tunnelId: string;
  audience: Audience;
  minutes: number;
  untilClosed: boolean;
  approvalsNeeded: number;
  approvers: string;
  round: number;
  extensionMinutes: number | null;
};

/** `approvers` describes who may decide by policy, so that an edit of the policy voids the button. */
export function requestPlan(exposure: Omit<Exposure, "digest">, approvers: string): RequestPlan {
  const origin = exposure.service.url ?? "";
  return {
    service: serviceKey(exposure.service),
    origin,
    hostHeader: origin.replace(/^https:\/\//, ""),
    hostname: exposure.hostname,
    tunnelId: exposure.tunnelId,
    audience: exposure.audience,
    minutes: exposure.minutes,
    untilClosed: exposure.untilClosed,
    approvalsNeeded: exposure.approvalsNeeded,
    approvers,
    round: exposure.round,
    extensionMinutes: exposure.extension?.minutes ?? null,
  };
}

/** A text that differs whenever the plan does; the store hashes it into the digest. */
export function canonical(plan: RequestPlan): string {
  return JSON.stringify(plan, (_key, value) =>
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
