// The dead man's switch: closes what is past its end while the bot is down. It takes the same jobs from the same queue as
// the bot, so the two never work on one tunnel at once, and it needs no Slack: cards are redrawn when the bot is back.
import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import type { Clock } from "./clock.ts";
import type { UnattendedConfig } from "./config.ts";
import { endsWithAll, isOverdue, reasonAtEnd } from "./domain/due.ts";
import type { CloseReason, Exposure } from "./domain/exposure.ts";
import { type Policy, zonesOn } from "./domain/policy.ts";
import { transition } from "./domain/transition.ts";
import { exposuresBy } from "./exposure-store.ts";
import { createConverge } from "./jobs/converge.ts";
import { createQueue, type Queue } from "./jobs/queue.ts";
import { startWorkers } from "./jobs/workers.ts";
import type { Database } from "./store/database.ts";
import type { ExposureStore } from "./store/exposures.ts";
import { createGuards } from "./store/guards.ts";
import { createCloudflareVendors } from "./vendors.ts";

export type ReaperParts = {
  config: UnattendedConfig;
  policy: Policy;
  database: Database;
  clock: Clock;
  log: Logger;
  /** How long past its end an exposure must be: a bot that lives would have begun to close it. */
  graceMinutes: number;
  /** How long to try. */
  patienceMs: number;
};

/** What was past its end, as it is now: closed, or still closing with what keeps it in `progress.waiting`. */
export type Reaped = Exposure[];

const LOOK_MS = 500;
const DRAIN_MS = 5_000;
const DETAIL = "Drawbridge was not running then, so the reaper closed it.";

export async function reap(parts: ReaperParts): Promise<Reaped> {
  const { database, policy, clock, log } = parts;
  const queue = createQueue({ ...database, log });
  const exposures = exposuresBy(policy, database, queue);
  const now = clock.now();
  const guards = createGuards(database.db);
  const closedAll = (await guards.turned("everything-closed"))?.at ?? null;
  const frozen = await guards.isOn("openings-frozen");
  const overdue = (await exposures.live()).filter((each) =>
    isOverdue(each, now, parts.graceMinutes, closedAll),
  );
  if (overdue.length === 0) return [];
  await queue.start();
  try {
    for (const each of overdue) {
      const because = closedAll && endsWithAll(each, closedAll) ? "frozen" : reasonAtEnd(each, frozen);
      await end(exposures, each.id, because, now);
    }
    return await closeAll(parts, queue, exposures, overdue);
  } finally {
    await queue.stop(DRAIN_MS).catch((err: unknown) => log.warn({ err }, "jobs were cut off"));
  }
}

async function end(exposures: ExposureStore, id: string, because: CloseReason, at: Date): Promise<void> {
  const event = { kind: "end", because, detail: DETAIL, at } as const;
  await exposures.advance(id, { actor: "reaper", action: "end", at }, (current) =>
    transition(current, event),
  );
}

async function closeAll(
  parts: ReaperParts,
  queue: Queue,
  exposures: ExposureStore,
  overdue: Exposure[],
): Promise<Reaped> {
  const { policy, clock, log, config, database } = parts;
  // No closing needs the name of the Access team, and none waits for it.
  const vendors = createCloudflareVendors({ config, policy, team: () => "", clock });
  const converge = createConverge({
    exposures,
    guards: createGuards(database.db),
    edge: vendors.edge,
    describe: null,
    whyForbidden: () => null,
    zonesOf: (tunnelId) => zonesOn(policy, tunnelId),
    proofs: config.proof.visits,
    visitTokenId: policy.visitTokenId,
    team: () => null,
    now: clock.now,
    log,
  });
  const wake = (job: "converge", key: string) => queue.enqueue(database.db, job, key);
  const workers = await startWorkers({ queue, run: { converge }, wake, log });
  try {
    return await untilClosed(parts, exposures, overdue, (tunnelId) => wake("converge", tunnelId));
  } finally {
    workers.stop();
    await vendors.close();
  }
}

async function untilClosed(
  { clock, patienceMs }: ReaperParts,
  exposures: ExposureStore,
  overdue: Exposure[],
  wake: (tunnelId: string) => Promise<void>,
): Promise<Reaped> {
  const tunnels = new Set(overdue.map((each) => each.tunnelId));
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const due = await exposures.dueTunnels(clock.now());
    for (const tunnelId of due.filter((each) => tunnels.has(each))) await wake(tunnelId);
    const found = await Promise.all(overdue.map(({ id }) => exposures.load(id)));
    const current = found.flatMap((each) => each ?? []);
    if (current.every(({ phase }) => phase === "closed") || performance.now() > deadline) return current;
    await wait(LOOK_MS);
  }
}
