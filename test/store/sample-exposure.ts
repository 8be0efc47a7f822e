// Exposures to store: one as it is requested, and one with every field set.
import { randomUUID } from "node:crypto";
import { type Exposure, newExposure, type Person } from "../../src/domain/exposure.ts";
import { transition } from "../../src/domain/transition.ts";
import type { Database } from "../../src/store/database.ts";
import { createExposures, type ExposureStore, type Waker } from "../../src/store/exposures.ts";

export const ASHA: Person = { slackId: "U-ASHA", email: "asha@example.com" };
export const LEE: Person = { slackId: "U-LEE", email: "lee@example.com" };
export const KIM: Person = { slackId: "U-KIM", email: "kim@example.com" };
export const SAM: Person = { slackId: "U-SAM", email: "sam@example.com" };

export const NOON = new Date("2030-01-01T12:00:00.123Z");
export const LEADS = { groups: ["S-LEADS"], people: [] };
export const PLAN = "the plan shown";

export function minutesPast(minutes: number): Date {
  return new Date(NOON.getTime() + minutes * 60_000);
}

export const ASKED = { actor: ASHA.slackId, action: "submit", at: NOON };

/** Pending, with an id, a hostname and a tunnel that no other sample has. */
export function pendingExposure(with_: Partial<Exposure> = {}): Exposure {
  const id = randomUUID();
  return {
    ...newExposure({
      id,
      service: {
        project: "shop",
        region: "europe-west1",
        name: "billing",
        url: "https://billing-abc.run.app",
        ingress: "internal",
        invoker: "check-off",
        defaultUrlDisabled: false,
        description: "Invoices",
      },
      hostname: `${id}.example.com`,
      zone: "example.com",
      tunnelId: `tunnel-${id}`,
      audience: {
        name: "All employees",
        emailDomains: ["example.com"],
        emails: [],
        accessGroups: [],
        idpGroups: [],
        loginMethods: [],
      },
      requester: ASHA,
      reason: "Invoices of May",
      minutes: 120,
      untilClosed: false,
      approvalsNeeded: 1,
      requestedAt: NOON,
      lapsesAt: minutesPast(24 * 60),
      remindAt: minutesPast(60),
    }),
    digest: PLAN,
    ...with_,
  };
}

/** Every field that may be null is set, each date another one, to the millisecond. */
export function fullExposure(): Exposure {
  return pendingExposure({
    phase: "open",
    // Text that looks like a date stays text, and no character is lost.
    reason: `2030-01-01T12:00:00.123Z "quoted" \\ 'single' 請求書 🚪 {"at":1}`,
    approvedMinutes: 90,
    decidedAt: minutesPast(1.01),
    openedAt: minutesPast(2.02),
    endsAt: minutesPast(92.03),
    until: minutesPast(152.04),
    closedAt: minutesPast(200.05),
    closing: { because: "approver", by: LEE.slackId, detail: "no longer needed", at: minutesPast(93.06) },
    extension: {
      minutes: 30,
      by: ASHA,
      reason: "not done yet",
      requestedAt: minutesPast(80.07),
      lapsesAt: minutesPast(92.08),
    },
    unmetExtension: { how: "denied", asker: ASHA, by: LEE },
    lengthenedInRound: 2,
    extendedMinutes: 15,
    noticed: ["1h", "10m"],
    progress: {
      applicationId: "app-2",
      applicationIds: ["app-1", "app-2"],
      aud: "aud-2",
      auds: ["aud-1", "aud-2"],
      gateProofs: 3,
      routedVersion: 7,
      unroutedVersion: 9,
      steps: [
        { step: "application", at: minutesPast(1.1) },
        { step: "route", at: minutesPast(1.9) },
      ],
      drifted: ["application"],
      since: new Date("2026-11-23T09:00:00.000Z"),
      faults: 2,
      waiting: "Cloudflare answers slowly",
      stuck: false,
    },
    card: { channel: "C-APPROVALS", ts: "1893499200.000100" },
  });
}

/** A store that asks nobody to run anything, unless told how. */
export function storeOn(database: Database, wake: Waker = async () => undefined): ExposureStore {
  return createExposures({ db: database.db, wake, digestOf: () => PLAN, decidersOf: () => LEADS });
}

export function approvalBy(by: Person, at: Date = minutesPast(1)) {
  return (exposure: Exposure) =>
    transition(exposure, { kind: "approve", digest: PLAN, minutes: null, by, at, right: null });
}

export function clickOf(by: Person, key?: string) {
  return { actor: by.slackId, action: "approve", at: minutesPast(1), ...(key ? { key } : {}) };
}
