// The bot, put together: store, queue, workers, handlers and the Slack connection. Starts in the order in which one
// rests on the other, and stops in the reverse.
import { createHash } from "node:crypto";
import { type BotParts, createShared, peopleOptions, type Shared } from "./bot-shared.ts";
import { examine } from "./doctor.ts";
import { decidersOf, zonesOn } from "./domain/policy.ts";
import { whyNoLongerToOpen } from "./domain/still-allowed.ts";
import { registerRoutes } from "./handlers/routes.ts";
import type { HandlerTools } from "./handlers/tools.ts";
import { type HealthServer, startHealthServer } from "./health.ts";
import { createAnnounce } from "./jobs/announce.ts";
import { createCardLogins } from "./jobs/card-logins.ts";
import { createConverge } from "./jobs/converge.ts";
import { createDue } from "./jobs/due.ts";
import { createLeaverLook } from "./jobs/leaver-look.ts";
import { createLoginLook } from "./jobs/login-look.ts";
import { createQueue, type JobName, type Queue } from "./jobs/queue.ts";
import { createHoleReporter, createUnknownReporter } from "./jobs/reporting.ts";
import { createSweep, tunnelsToSweep } from "./jobs/sweep.ts";
import { startTicking, type Ticking } from "./jobs/ticking.ts";
import { createExpiryWatch } from "./jobs/watch-expiry.ts";
import { startWorkers } from "./jobs/workers.ts";
import { scrape } from "./scrape.ts";
import { isServiceFailure } from "./services/failure.ts";
import { createEnders } from "./services/people.ts";
import { drawPng } from "./services/picture.ts";
import { createRecentPeople } from "./services/recent-people.ts";
import { createSlackApp, type SlackApp } from "./services/slack-connection.ts";
import type { Guards } from "./store/guards.ts";
import { pulseOf } from "./store/pulse.ts";
import { createWatching } from "./watching.ts";

/** `connected` resolves when Slack is there for the first time; jobs run before. */
export type Bot = { healthPort: number; connected: Promise<void>; stop(): Promise<void> };

export async function startBot(parts: BotParts): Promise<Bot> {
  const { database, log, config } = parts;
  const queue = createQueue({ ...database, log });
  const shared = createShared(parts, queue);
  const slackApp = createSlackApp({
    ...config.slack,
    log,
    now: parts.clock.now,
    onFatal: (reason) => parts.onFatal(refusedBySlack(reason)),
    onAck: parts.metrics.ack,
  });
  registerRoutes(slackApp.app, createHandlerTools(parts, shared));
  await queue.start();
  const workers = await startWorkers({ queue, run: createJobs(parts, shared), wake: shared.wake, log });
  const ticking = startTicking({
    wake: shared.wake,
    dueTunnels: () => shared.exposures.dueTunnels(parts.clock.now()),
    lastDueWithin: (ms) => shared.exposures.lastDueWithin(parts.clock.now(), ms),
    lookNow: shared.lookNow,
    sweepKeys: async () => [SERVICES, EXPIRY, LOGINS, LEAVERS, ...(await tunnelsToSweep(shared))],
    clock: parts.clock,
    sweepMs: config.sweepMs,
    lookMs: config.lookMs,
    log,
  });
  const metrics = () => scrape({ ...parts, tunnelHealth: shared.tunnelHealth, slackApp });
  const health = await serveHealth(parts, { slackApp, guards: shared.guards, queue, ticking, metrics });
  return {
    healthPort: health.port,
    connected: connect(slackApp, parts, shared.lookNow),
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

type Watched = {
  slackApp: SlackApp;
  guards: Guards;
  queue: Queue;
  ticking: Ticking;
  metrics: () => Promise<string>;
};

/** Alive is about this process alone: a restart mends neither Slack nor the store, and while they are away closings and
 *  all else that is due must go on. */
async function serveHealth({ config, log }: BotParts, watched: Watched): Promise<HealthServer> {
  const { slackApp, guards, queue, ticking, metrics } = watched;
  const began = performance.now();
  return await startHealthServer({
    port: config.healthPort,
    ...(config.sandbox ? { host: "127.0.0.1" } : {}),
    alive: () => ticking.silentMs() < SILENT_MS && queue.stalledMs() < STALLED_MS,
    started: () => slackApp.health().lastLiveAt !== null || performance.now() - began > SLACK_PATIENCE_MS,
    checks: async () => {
      const store = await guards.answers();
      const ready = slackApp.health().liveSockets > 0 && store;
      return { ready, details: { ...slackApp.health(), store: store ? "answers" : "does not answer" } };
    },
    metrics,
    log,
  });
}

const SILENT_MS = 60_000;
/** Longer than the lease of a job. */
const STALLED_MS = 12 * 60_000;
/** A new revision takes over once it hears Slack, or when it is plain that Slack cannot be reached just now. */
const SLACK_PATIENCE_MS = 60_000;

function refusedBySlack(reason: string): string {
  return `Slack refuses the connection for good: ${reason}`;
}

/** Cards that fell behind while Slack could not be reached are drawn at once. */
async function connect(
  slackApp: SlackApp,
  { log, onFatal, onConnected }: BotParts,
  catchUp: () => Promise<void>,
): Promise<void> {
  try {
    await slackApp.start();
  } catch (error) {
    if (isServiceFailure(error)) onFatal(refusedBySlack(error.message));
    else log.warn({ err: error }, "not connected to Slack");
    return;
  }
  log.info("drawbridge is connected");
  await Promise.all([catchUp(), onConnected()]).catch((err: unknown) =>
    log.warn({ err }, "what follows the connection was left to the next sweep"),
  );
}

/** Cloud Run kills 10 s after SIGTERM. */
const DRAIN_MS = 7_000;

function createJobs(parts: BotParts, shared: Shared): Record<JobName, (key: string) => Promise<void>> {
  const { policy, vendors, config, team } = parts;
  const { visitTokenId } = policy;
  const proofs = config.proof.visits;
  const { describe } = vendors.cloudRun;
  const toAlerts = { ...shared, channel: policy.channels.alerts };
  const reportHole = createHoleReporter(toAlerts);
  const reportUnknown = createUnknownReporter({ ...toAlerts, installation: policy.installation });
  const sweep = createSweep({
    ...shared,
    proofs,
    visitTokenId,
    team: team.name,
    reportHole,
    reportUnknown,
  });
  const looks: Record<string, () => Promise<void>> = {
    [EXPIRY]: createExpiryWatch(toAlerts),
    [SERVICES]: sweep.services,
    [LOGINS]: createLoginLook(shared),
    [LEAVERS]: createLeaverLook(shared),
  };
  return {
    due: createDue(shared),
    converge: createConverge({
      ...shared,
      describe,
      proofs,
      visitTokenId,
      team: team.known,
      zonesOf: (id) => zonesOn(policy, id),
      whyForbidden: (exposure) => whyNoLongerToOpen(policy, exposure),
    }),
    announce: createAnnounce({
      ...shared,
      load: shared.exposures.load,
      channel: policy.channels.approvals,
      alerts: policy.channels.alerts,
      installation: policy.installation,
      decidersOf: (exposure) => decidersOf(policy, exposure.service),
      loginsOf: createCardLogins(shared),
    }),
    sweep: (key) => (looks[key] ?? (() => sweep.tunnel(key)))(),
    ...createWatching({ ...shared, lookMs: config.lookMs }),
  };
}

function createHandlerTools(parts: BotParts, shared: Shared): HandlerTools {
  const { clock } = parts;
  return {
    ...shared,
    recentPeople: createRecentPeople({ ...peopleOptions(parts), now: clock.now }),
    enders: createEnders(peopleOptions(parts)),
    drawPng,
    examine: () => examine({ ...parts, store: () => pulseOf(parts.database), now: clock.now }),
    idFor: (key) => `x${createHash("sha256").update(key).digest("hex").slice(0, 20)}`,
  };
}

const EXPIRY = "expiry";
const SERVICES = "services";
const LOGINS = "logins";
const LEAVERS = "leavers";
