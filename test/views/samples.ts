// Exposures for the views' tests: an ordinary one, and one that is as long and as hostile as it can be.
import type { Exposure, Phase, Vote } from "../../src/domain/exposure.ts";
import { freshProgress } from "../../src/domain/progress.ts";
import type { CloudRunService } from "../../src/domain/service.ts";
import type { CardContext } from "../../src/views/exposure-card.ts";
import { CLOSING_STEPS, OPENING_STEPS } from "../../src/views/phase-words.ts";

export const noon = new Date("2026-11-23T12:00:00Z");
export const PHASES: Phase[] = [
  "pending",
  "approved",
  "opening",
  "open",
  "closing",
  "closed",
  "denied",
  "withdrawn",
  "lapsed",
];

/** In every text that people or vendors write, so that a test can see where it ended up. */
export const POISON = `POISON <!channel> <@U0EVIL> *b* _i_ ~s~ \`c\` & <https://evil.example|x> "q" \\ \u202egnp.exe\u2066 עברית :boom:`;

export function later(minutes: number): Date {
  return new Date(noon.getTime() + minutes * 60_000);
}

export function service(change: Partial<CloudRunService> = {}): CloudRunService {
  return {
    project: "acme-prod",
    region: "asia-northeast1",
    name: "billing-api",
    url: "https://billing-api-abc123-an.a.run.app",
    ingress: "internal",
    invoker: "check-off",
    defaultUrlDisabled: false,
    description: "Invoices and payments",
    ...change,
  };
}

export function vote(slackId: string, change: Partial<Vote> = {}): Vote {
  return {
    round: 1,
    person: { slackId, email: `${slackId.toLowerCase()}@example.com` },
    decision: "approve",
    minutes: null,
    at: later(5),
    ...change,
  };
}

/** An exposure as it stands in this phase, after an ordinary life. */
export function exposure(phase: Phase = "pending", change: Partial<Exposure> = {}): Exposure {
  const decided = phase !== "pending";
  const live = ["open", "closing", "closed"].includes(phase);
  const ended = ["closing", "closed", "denied"].includes(phase);
  return {
    id: "01HZ3V9QK4",
    version: 3,
    phase,
    round: 1,
    digest: "d1g3st",
    service: service(),
    hostname: "billing.example.com",
    zone: "example.com",
    tunnelId: "6ff42ae2-765d-4adf-8112-31c55c1551ef",
    audience: {
      name: "Data team",
      emailDomains: ["example.com"],
      emails: ["asha@example.com", "kim@example.com"],
      accessGroups: ["group-1"],
      idpGroups: [{ provider: "okta", providerId: "idp-1", group: "finance" }],
      loginMethods: ["idp-1"],
    },
    requester: { slackId: "U0ASHA", email: "asha@example.com" },
    reason: "Month-end close",
    minutes: 480,
    untilClosed: false,
    approvedMinutes: decided && !["withdrawn", "lapsed", "denied"].includes(phase) ? 480 : null,
    approvalsNeeded: 1,
    votes: decided && !["withdrawn", "lapsed"].includes(phase) ? [vote("U0LEE")] : [],
    requestedAt: noon,
    lapsesAt: later(480),
    remindAt: later(60),
    decidedAt: decided ? later(5) : null,
    openedAt: live ? later(7) : null,
    endsAt: decided ? later(487) : null,
    until: decided ? later(547) : null,
    closedAt: phase === "closed" ? later(487) : null,
    closing: ended
      ? {
          because: phase === "denied" ? "approver" : "ended",
          by: phase === "denied" ? "U0LEE" : null,
          detail: null,
          at: later(487),
        }
      : null,
    extension: null,
    unmetExtension: null,
    lengthenedInRound: null,
    extendedMinutes: 0,
    noticed: [],
    progress: freshProgress(),
    card: { channel: "C0APPROVE", ts: "1.0" },
    ...change,
  };
}

export function extension(change: Partial<NonNullable<Exposure["extension"]>> = {}) {
  const by = { slackId: "U0ASHA", email: "asha@example.com" };
  return { minutes: 120, by, reason: "Not finished", requestedAt: noon, lapsesAt: later(120), ...change };
}

export function context(change: Partial<CardContext> = {}): CardContext {
  return {
    now: later(10),
    approvers: { groups: ["S0LEADS"], people: [] },
    installation: "prod",
    logins: null,
    ...change,
  };
}

/** Everything at once: names of 300 characters, a reason of 3000, 200 entries, every step, more time asked for. */
export function extreme(phase: Phase, filler: string = POISON): Exposure {
  const long = (length: number) => filler.repeat(Math.ceil(length / filler.length)).slice(0, length);
  const order = phase === "closing" ? CLOSING_STEPS : OPENING_STEPS;
  const done = order.slice(0, -1).map((step) => ({ step, at: later(6) }));
  const many = Array.from({ length: 40 }, (_, index) => `${index} ${long(290)}`);
  return exposure(phase, {
    id: "i".repeat(128),
    digest: "d".repeat(128),
    service: service({
      project: long(300),
      region: long(300),
      name: long(300),
      url: `https://${long(300)}`,
      ingress: "all",
      description: long(300),
    }),
    hostname: long(300),
    zone: long(300),
    tunnelId: long(300),
    audience: {
      name: long(300),
      emailDomains: many,
      emails: [...many, ...many],
      accessGroups: many,
      idpGroups: many.map((group) => ({ provider: "azure-ad", providerId: group, group })),
      loginMethods: many,
    },
    reason: long(3000),
    untilClosed: true,
    minutes: 50_003,
    approvalsNeeded: 9,
    votes: Array.from({ length: 8 }, (_, index) => vote(`U0VOTER${index}`, { minutes: 49_999 })),
    closing: { because: "hole", by: "U0LEE", detail: long(3000), at: later(9) },
    extension: phase === "open" ? extension({ reason: long(3000), minutes: 50_003 }) : null,
    progress: { ...freshProgress(), steps: done, waiting: long(3000) },
  });
}

export function extremeContext(filler: string = POISON): CardContext {
  const long = filler.repeat(20);
  return context({
    approvers: {
      groups: Array.from({ length: 20 }, (_, index) => `S0GROUP${index}`),
      people: Array.from({ length: 50 }, (_, index) => `U0PERSON${index}`),
    },
    installation: long,
    logins: {
      last: Array.from({ length: 200 }, () => ({ applicationId: "app-1", email: long, at: noon })),
      read: true,
      from: noon,
    },
    audienceInThread: true,
  });
}
