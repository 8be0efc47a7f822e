// The bot, put together: store, queue, workers, handlers and the Slack connection. Starts in the order in which one
// rests on the other, and stops in the reverse.
import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Exposure } from "./domain/exposure.ts";
import { approversOf, type Policy } from "./domain/policy.ts";
import { registerRoutes } from "./handlers/routes.ts";
import type { HandlerTools } from "./handlers/tools.ts";
import { startHealthServer } from "./health.ts";
import { createAnnounce } from "./jobs/announce.ts";
import { createConverge } from "./jobs/converge.ts";
import { createQueue, type JobName, type Queue, wakerFor } from "./jobs/queue.ts";
import { createHoleReporter } from "./jobs/report-hole.ts";
import { createSweep } from "./jobs/sweep.ts";
import { startTicking } from "./jobs/ticking.ts";
import { startWorkers } from "./jobs/workers.ts";
import { planDigest } from "./plan-digest.ts";
import { createPeople } from "./services/people.ts";
import { createSlackApp } from "./services/slack-connection.ts";
import { createAnnouncements } from "./store/announcements.ts";
import { type AuditEntry, writeAudit } from "./store/audit.ts";
import type { Database } from "./store/database.ts";
import { createExposures } from "./store/exposures.ts";
import { createGuards, createHoleLog, type Guards } from "./store/guards.ts";
import type { Vendors } from "./vendors.ts";

export type BotParts = {
  config: Config;
  policy: Policy;
  database: Database;
  vendors: Vendors;
  team: string;
  teamId: string;
  clock: Clock;
  log: Logger;
  onFatal: (reason: string) => void;
};

export type Bot = { healthPort: number; stop(): Promise<void> };

export async function startBot(parts: BotParts): Promise<Bot> {
  const { database, log, config } = parts;
  const queue = createQueue({ ...database, log });
  const shared = createShared(parts, queue);
  const slackApp = createSlackApp({ ...config.slack, log, now: parts.clock.now, onFatal: parts.onFatal });
  registerRoutes(slackApp.app, createHandlerTools(parts, shared));
  await queue.start();
  const workers = await startWorkers({ queue, run: createJobs(parts, shared), wake: shared.wake, log });
  const health = await startHealthServer({
    port: config.healthPort,
    ...(config.sandbox ? { host: "127.0.0.1" } : {}),
    alive: () => slackApp.health().ok,
    checks: async () => ({
      ready: slackApp.health().liveSockets > 0 && (await answers(shared.guards)),
      details: { ...slackApp.health() },
    }),
  });
  await slackApp.start();
  const ticking = startTicking({
    wake: shared.wake,
    dueTunnels: () => shared.exposures.dueTunnels(parts.clock.now()),
    sweepKeys: [BY_TIME, ...parts.policy.tunnels.map(({ id }) => id)],
    clock: parts.clock,
    sweepMs: config.sweepMs,
    log,
  });
  log.info({ port: health.port }, "drawbridge is connected");
  return {
    healthPort: health.port,
    async stop() {
      ticking.stop();
      workers.stop();
      await Promise.all([
        slackApp.stop(),
        queue.stop(DRAIN_MS).catch((err: unknown) => log.warn({ err }, "jobs were cut off")),
      ]);
      await health.close();
    },
  };
}

/** Cloud Run kills 10 s after SIGTERM. */
const DRAIN_MS = 7_000;

/** What jobs and handlers share. */
function createShared({ policy, vendors, clock, log, database }: BotParts, queue: Queue) {
  const { db } = database;
  const digestOf = (exposure: Exposure) => planDigest(exposure, policy);
  return {
    ...vendors,
    exposures: createExposures({ db, wake: wakerFor(queue), digestOf }),
    announcements: createAnnouncements(db),
    guards: createGuards(db),
    holes: createHoleLog(db),
    audit: (entries: AuditEntry[]) => writeAudit(db, entries),
    wake: (job: JobName, key: string) => queue.enqueue(db, job, key),
    policy,
    digestOf,
    now: clock.now,
    log,
  };
}

type Shared = ReturnType<typeof createShared>;

function createJobs(parts: BotParts, shared: Shared): Record<JobName, (key: string) => Promise<void>> {
  const { policy, vendors, config } = parts;
  const proofs = config.proof.visits;
  const team = () => parts.team;
  const zonesOf = (tunnelId: string) =>
    policy.tunnels.filter(({ id }) => id === tunnelId).flatMap(({ zones }) => zones);
  const reportHole = createHoleReporter({ ...shared, channel: policy.channels.alerts });
  const sweep = createSweep({ ...shared, proofs, team, reportHole });
  return {
    converge: createConverge({ ...shared, proofs, team, zonesOf }),
    announce: createAnnounce({
      ...shared,
      load: shared.exposures.load,
      channel: policy.channels.approvals,
      alerts: policy.channels.alerts,
      installation: policy.installation,
      approversOf: (exposure) => approversOf(policy, exposure.service),
      loginsOf: (exposure) => loginsOf(vendors, exposure),
    }),
    sweep: (key) => (key === BY_TIME ? sweep.byTime() : sweep.tunnel(key)),
  };
}

function createHandlerTools({ policy, teamId }: BotParts, shared: Shared): HandlerTools {
  return {
    ...shared,
    people: createPeople({ slack: shared.slack, allowedEmailDomains: policy.peopleDomains, teamId }),
    newId: () => `x${randomBytes(10).toString("hex")}`,
  };
}

async function answers(guards: Guards): Promise<boolean> {
  return await guards.isOn("openings-frozen").then(
    () => true,
    () => false,
  );
}

const BY_TIME = "by-time";
const LOGINS_SHOWN = 5;

async function loginsOf(vendors: Vendors, { progress }: Exposure) {
  if (!progress.applicationId) return null;
  const logins = await vendors.access.lastLogins(progress.applicationId, LOGINS_SHOWN);
  return logins.filter((login) => login.allowed);
}
