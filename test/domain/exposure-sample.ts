// An exposure as it is when it was just asked for, and the people around it.
import type { Audience } from "../../src/domain/audience.ts";
import { type Exposure, minutesAfter, newExposure, type Person } from "../../src/domain/exposure.ts";
import type { CloudRunService } from "../../src/domain/service.ts";

export const NOON = new Date("2026-11-23T12:00:00Z");
export const TUNNEL_ID = "3d539f97-cd3a-4d8e-833b-65e9099c7a8d";

export const asha: Person = { slackId: "U0ASHA", email: "asha@lakeside.example" };
/** Another account of the same person. */
export const ashaAgain: Person = { slackId: "U0ASHA2", email: "Asha@Lakeside.example" };
export const lee: Person = { slackId: "U0LEE", email: "lee@lakeside.example" };
export const leeAgain: Person = { slackId: "U0LEE2", email: "LEE@lakeside.example" };
export const mina: Person = { slackId: "U0MINA", email: "mina@lakeside.example" };

/** Minutes after noon. */
export function at(minutes: number): Date {
  return minutesAfter(NOON, minutes);
}

export const employees: Audience = {
  name: "All employees",
  emailDomains: ["lakeside.example"],
  emails: [],
  accessGroups: [],
  idpGroups: [],
  loginMethods: [],
};

export const billing: CloudRunService = {
  project: "lakeside-prod",
  region: "asia-northeast1",
  name: "billing-api",
  url: "https://billing-api-x.a.run.app",
  ingress: "internal",
  invoker: "check-off",
  defaultUrlDisabled: false,
  description: "Invoices",
};

export function sampleExposure(change: Partial<Exposure> = {}): Exposure {
  return {
    ...newExposure({
      id: "e1",
      service: billing,
      hostname: "billing.lakeside.example",
      zone: "lakeside.example",
      tunnelId: TUNNEL_ID,
      audience: employees,
      requester: asha,
      reason: "Look at the invoices",
      minutes: 120,
      untilClosed: false,
      approvalsNeeded: 1,
      requestedAt: NOON,
      lapsesAt: at(480),
      remindAt: at(240),
    }),
    digest: "digest",
    ...change,
  };
}

/** Approved at noon. */
export function approvedExposure(change: Partial<Exposure> = {}): Exposure {
  return sampleExposure({
    phase: "approved",
    approvedMinutes: 120,
    decidedAt: NOON,
    endsAt: at(180),
    until: at(180),
    remindAt: null,
    ...change,
  });
}

/** Approved at noon, seen open five minutes later, for two hours. */
export function openExposure(change: Partial<Exposure> = {}): Exposure {
  return approvedExposure({ phase: "open", openedAt: at(5), endsAt: at(125), ...change });
}

/** Asha wants another hour, ten minutes after noon. */
export function extendingExposure(change: Partial<Exposure> = {}): Exposure {
  const extension = { minutes: 60, by: asha, reason: "Not done yet", requestedAt: at(10), lapsesAt: at(70) };
  return openExposure({ round: 2, extension, ...change });
}
