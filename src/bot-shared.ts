// What the bot is made from, and what its jobs and handlers share: the vendors, the stores, and the way to wake a job.
import type { Logger } from "pino";
import type { AccessTeam } from "./access-team.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { blindAfter } from "./domain/availability.ts";
import type { Exposure } from "./domain/exposure.ts";
import type { Policy } from "./domain/policy.ts";
import { exposuresBy } from "./exposure-store.ts";
import { type JobName, type Queue, wakerFor } from "./jobs/queue.ts";
import type { Metrics } from "./metrics.ts";
import { planDigest } from "./plan-digest.ts";
import { createPeople, type PeopleOptions } from "./services/people.ts";
import { createAnnouncements } from "./store/announcements.ts";
import { type AuditEntry, writeAudit } from "./store/audit.ts";
import { createChores } from "./store/chores.ts";
import type { Database } from "./store/database.ts";
import { createGuards } from "./store/guards.ts";
import { createIncidentMessages } from "./store/incident-messages.ts";
import { createIncidents } from "./store/incidents.ts";
import { createReports } from "./store/reports.ts";
import { createTunnelHealth } from "./store/tunnel-health.ts";
import type { Vendors } from "./vendors.ts";

export type BotParts = {
  config: Config;
  policy: Policy;
  database: Database;
  vendors: Vendors;
  team: Pick<AccessTeam, "name" | "known">;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  onFatal: (reason: string) => void;
  onConnected: () => Promise<void>;
};

/** What jobs and handlers share. */
export function createShared({ config, policy, vendors, clock, log, database }: BotParts, queue: Queue) {
  const { db } = database;
  return {
    ...vendors,
    exposures: exposuresBy(policy, database, queue),
    incidents: createIncidents({ db, wake: wakerFor(queue) }),
    incidentMessages: createIncidentMessages(db),
    announcements: createAnnouncements(db),
    guards: createGuards(db),
    reports: createReports(db),
    tunnelHealth: createTunnelHealth(db, blindAfter(config.lookMs)),
    chores: createChores(db),
    people: createPeople(peopleOptions({ vendors, policy })),
    audit: (entries: AuditEntry[]) => writeAudit(db, entries),
    wake: (job: JobName, key: string) => queue.enqueue(db, job, key),
    lookNow: () => queue.enqueue(db, "due", "everything"),
    policy,
    digestOf: (exposure: Exposure) => planDigest(exposure, policy),
    now: clock.now,
    log,
  };
}

export function peopleOptions({ vendors, policy }: Pick<BotParts, "vendors" | "policy">): PeopleOptions {
  return { slack: vendors.slack, allowedEmailDomains: policy.peopleDomains };
}

export type Shared = ReturnType<typeof createShared>;
