// The durable queue: jobs are wake-ups that name what to look at; what is to be done is read from the store.
import type { PGlite } from "@electric-sql/pglite";
import type { Kysely, Transaction } from "kysely";
import type { ClientConfig } from "pg";
import {
  type ConstructorOptions,
  fromKysely,
  fromPglite,
  PgBoss,
  type SendOptions,
  type UpdateOptions,
  type WorkOptions,
} from "pg-boss";
import type { Logger } from "pino";
import type { Wake } from "../store/exposures.ts";
import { PreparingClient } from "../store/prepared.ts";
import type { Tables } from "../store/tables.ts";
import { releaseOrphans, workerName } from "./orphans.ts";
import { warnSeldom } from "./seldom.ts";

const JOBS = ["due", "converge", "announce", "sweep", "watch", "alert"] as const;
export type JobName = (typeof JOBS)[number];

export type Queue = {
  start(): Promise<void>;
  /** Asks for a run, inside the transaction that gives it something to do. Asking twice before it starts is one run.
   *  `ahead`: before those of its job that nobody waits for. */
  enqueue(db: Kysely<Tables>, job: JobName, key: string, options?: { ahead: boolean }): Promise<void>;
  /** Runs `handle` for each job, one at a time for each key, up to `concurrency` keys side by side. */
  work(job: JobName, concurrency: number, handle: (key: string) => Promise<void>): Promise<void>;
  /** How long no worker of some job has come to an end, with a run or with a look for one. 0 before there are any. */
  stalledMs(): number;
  stop(timeoutMs: number): Promise<void>;
};

// One waiting and one running job for each key. A killed worker's job is taken up again once its heartbeat is missed
// (orphans.ts: at once by a process that is alone).
const QUEUE_OPTIONS = {
  policy: "stately",
  notify: true,
  heartbeatSeconds: 10,
  expireInSeconds: 600,
  retryLimit: 5,
  retryDelay: 0,
  deleteAfterSeconds: 3600,
} satisfies Parameters<PgBoss["createQueue"]>[1];

// A job is announced to the workers only if it was due when its transaction began, by the database's clock; this one may be
// ahead of that.
const HEAD_START_MS = 60 * 60_000;

/** Longer than the upkeep's own limit, 30 s for a lock. Without it a connection that nobody closed, and nobody answers on, would
 *  hold its job or its look for one until TCP gives up, a quarter of an hour. */
const QUERY_TIMEOUT_MS = 35_000;

export function createQueue(where: Where & { log: Logger }): Queue {
  const name = where.pglite ? null : workerName();
  const boss = createBoss(where, name);
  const warn = warnSeldom(where.log);
  boss.on("error", (error) => warn(error, "the queue had an error"));
  boss.on("warning", (warning) => where.log.warn({ warning }, "the queue warns"));
  return {
    start: () => startBoss(boss, name),
    async enqueue(db, job, key, { ahead } = { ahead: false }) {
      const startAfter = new Date(Date.now() - HEAD_START_MS);
      const options: SendOptions & UpdateOptions = { singletonKey: key, startAfter, db: fromKysely(db) };
      // Left out where it is not wanted: a job that is ahead stays so when it is asked for once more.
      if (ahead) options.priority = 1;
      // One that waits already is held until this transaction ends: taken before, it would not see what is to be done.
      if ((await boss.send(job, { key }, options)) === null) await boss.upsert(job, { key }, options);
    },
    async work(job, concurrency, handle) {
      for (let worker = 0; worker < concurrency; worker++) await addWorker(boss, job, handle);
    },
    stalledMs: () => stalledMs(boss, Date.now()),
    stop: (timeoutMs) => boss.stop({ graceful: true, timeout: timeoutMs }),
  };
}

export function wakerFor(queue: Queue) {
  return async (trx: Transaction<Tables>, wakes: Wake[]): Promise<void> => {
    for (const wake of wakes) await queue.enqueue(trx, wake.job, keyOf(wake), { ahead: isAhead(wake) });
  };
}

function keyOf(wake: Wake): string {
  if (wake.job === "converge") return wake.tunnelId;
  return wake.job === "announce" ? wake.exposureId : wake.incidentId;
}

function isAhead(wake: Wake): boolean {
  return wake.job === "announce" && wake.clicked;
}

type Where = { connection: ClientConfig | null; pglite: PGlite | null };

function createBoss({ connection, pglite }: Where, name: string | null): PgBoss {
  const shared = {
    schedule: false,
    supervise: true,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    // Finished jobs are dropped after an hour; by itself pg-boss would look for them once a day.
    maintenanceIntervalSeconds: 600,
    useListenNotify: true,
  } satisfies ConstructorOptions;
  if (pglite) return new PgBoss({ ...shared, backend: "pglite", db: fromPglite(pglite) });
  const patience = { query_timeout: QUERY_TIMEOUT_MS, keepAlive: true, keepAliveInitialDelayMillis: 10_000 };
  const server = { ...connection, ...patience, Client: PreparingClient };
  return new PgBoss({
    ...shared,
    ...server,
    application_name: name ?? undefined,
    max: 6,
    connectionTimeoutMillis: 5_000,
  });
}

/** A look that fails because the store is away counts too: the worker is well. */
function stalledMs(boss: PgBoss, now: number): number {
  const turns = new Map<string, number>();
  for (const { name, createdOn, lastFetchedOn, lastJobEndedOn, lastErrorOn } of boss.getWipData()) {
    const turn = Math.max(createdOn, lastFetchedOn ?? 0, lastJobEndedOn ?? 0, lastErrorOn ?? 0);
    turns.set(name, Math.max(turn, turns.get(name) ?? 0));
  }
  return Math.max(0, ...[...turns.values()].map((turn) => now - turn));
}

async function startBoss(boss: PgBoss, name: string | null): Promise<void> {
  await boss.start();
  for (const job of JOBS) await boss.createQueue(job, QUEUE_OPTIONS);
  await releaseOrphans(boss, name);
}

async function addWorker(boss: PgBoss, job: JobName, handle: (key: string) => Promise<void>): Promise<void> {
  const options = {
    pollingIntervalSeconds: 0.5,
    notifyPollingIntervalSeconds: 1,
    batchSize: 1,
    heartbeatRefreshSeconds: 3,
  } satisfies WorkOptions;
  const id: string = await boss.work<{ key: string }>(job, options, async ([taken]) => {
    if (!taken) return;
    try {
      await handle(taken.data.key);
    } finally {
      // With notifications the poll is slow; a backlog would crawl without this.
      boss.notifyWorker(id);
    }
  });
}
