// cloudflared's log, read from Cloud Logging: polled with an overlap, all pools of a project in one question, and tailed
// between two polls where that is wanted and granted.

import type { LogFact } from "../domain/diagnosis/facts.ts";
import type { WorkerPoolRef } from "../domain/worker-pool.ts";
import { callGoogle, type GoogleClients } from "./google-clients.ts";
import { admit, type LogCursor, movedTo, settled, startingCursor } from "./log-cursor.ts";
import { type LogEntry, toLogEntry } from "./log-entry.ts";
import { createTails, type Tails } from "./log-tail.ts";

export type LogReading = {
  /** Not handed on before, oldest first. `group` is the pool's `poolKey`. */
  facts: LogFact[];
  /** To be given to the next reading. */
  cursor: LogCursor;
  /** There is more than one reading takes: read again soon. */
  more: boolean;
};

export type ConnectorLogs = {
  /** The projects whose pools are read, one reading each. */
  projects: string[];
  /** What was written since the cursor; without one, in the last quarter of an hour. With `tail` the first reading opens
   *  the streams, and most of the further ones cost no call. */
  read(project: string, cursor: LogCursor | null, now: Date): Promise<LogReading>;
  close(): void;
};

export type ConnectorLogsOptions = {
  clients: GoogleClients;
  pools: WorkerPoolRef[];
  /** Log views to read through, by project: `projects/P/locations/L/buckets/B/views/V`. Without one the project's own
   *  logs are asked for, which takes roles/logging.viewer. */
  views?: Record<string, string>;
  tail?: boolean;
  /** For each call. */
  timeoutMs: number;
};

/** The most that Google gives at once. https://cloud.google.com/logging/docs/reference/v2/rpc/google.logging.v2 */
const PAGE = 1000;
const MOST_PAGES = 5;
/** Google allows 60 a minute for each project, people in the Logs Explorer included: half of them are left to others.
 *  https://cloud.google.com/logging/quotas#api-limits */
const CALL_EVERY_MS = 2_000;
const CALLS_AT_ONCE = 10;
/** How often the log is asked for while the tail runs, which may lose something without a word. */
const POLL_BESIDE_TAIL_MS = 45_000;

type Source = { project: string; resourceNames: string[]; pools: WorkerPoolRef[] };

export function createConnectorLogs(options: ConnectorLogsOptions): ConnectorLogs {
  const sources = sourcesOf(options);
  const tails = createTails(
    options.clients,
    [...sources.values()].map(({ project, resourceNames, pools }) => ({
      project,
      resourceNames,
      filter: poolsFilter(pools, null),
    })),
  );
  const mayCall = createAllowance();

  async function read(project: string, before: LogCursor | null, now: Date): Promise<LogReading> {
    const source = sources.get(project);
    if (!source) throw new Error(`no worker pool of ${project} is configured`);
    if (options.tail) tails.follow(project);
    const start = startingCursor(before, now);
    const tailed = admit(start, tails.take(project));
    if (!isListingDue(tails, project, before) || !mayCall(project)) {
      return { facts: factsOf(tailed.fresh), cursor: settled(tailed.cursor, now), more: false };
    }
    const { entries, stoppedAt } = await list(options, source, start, () => mayCall(project));
    tails.listed(project);
    const { fresh, cursor } = admit(start, [...tailed.fresh, ...entries]);
    const after = stoppedAt === null ? settled(cursor, now) : movedTo(cursor, stoppedAt);
    return { facts: factsOf(fresh), cursor: after, more: stoppedAt !== null };
  }

  return {
    projects: [...sources.keys()],
    read,
    close: tails.close,
  };
}

function sourcesOf({ pools, views = {} }: ConnectorLogsOptions): Map<string, Source> {
  const byProject = Map.groupBy(pools, ({ project }) => project);
  return new Map(
    [...byProject].map(([project, here]) => {
      const resourceNames = [views[project] ?? `projects/${project}`];
      return [project, { project, resourceNames, pools: here }];
    }),
  );
}

/** All pools of a project in one question. `from` is an ISO time; without it the filter is good for tailing.
 *  https://cloud.google.com/logging/docs/view/logging-query-language */
function poolsFilter(pools: WorkerPoolRef[], from: string | null): string {
  const places = [...Map.groupBy(pools, ({ region }) => region)].map(([region, here]) => {
    const names = here.map(({ name }) => `"${name}"`).join(" OR ");
    return `(resource.labels.location="${region}" AND resource.labels.worker_pool_name=(${names}))`;
  });
  const parts = [`resource.type="cloud_run_worker_pool"`, `(${places.join(" OR ")})`];
  return [...parts, ...(from === null ? [] : [`timestamp>="${from}"`])].join(" AND ");
}

function isListingDue(tails: Tails, project: string, before: LogCursor | null): boolean {
  return before === null || tails.unlistedMs(project) >= POLL_BESIDE_TAIL_MS;
}

function factsOf(entries: LogEntry[]): LogFact[] {
  return entries.map(({ fact }) => fact);
}

/** Everything from the cursor on, or the first pages of it: `stoppedAt` is then the moment to go on from. */
async function list(
  { clients, timeoutMs }: ConnectorLogsOptions,
  { project, resourceNames, pools }: Source,
  { from }: LogCursor,
  mayCall: () => boolean,
): Promise<{ entries: LogEntry[]; stoppedAt: number | null }> {
  const filter = poolsFilter(pools, from);
  const entries: LogEntry[] = [];
  let pageToken = "";
  for (let page = 0; page < MOST_PAGES; page += 1) {
    if (page > 0 && !mayCall()) break;
    const request = { resourceNames, filter, orderBy: "timestamp asc", pageSize: PAGE, pageToken };
    const [wire, , response] = await callGoogle(
      clients,
      listCall(project, timeoutMs),
      clients.logs,
      (logs, each) => logs.listLogEntries(request, { ...each, autoPaginate: false }),
    );
    entries.push(...wire.flatMap((each) => toLogEntry(each) ?? []));
    pageToken = response?.nextPageToken ?? "";
    if (!pageToken) return { entries, stoppedAt: null };
  }
  // Thousands of lines within one instant: going on from there would never get past it.
  return { entries, stoppedAt: Math.max(entries.at(-1)?.at ?? 0, Date.parse(from) + 1) };
}

function listCall(project: string, timeoutMs: number) {
  const subject = `the log of the worker pools in ${project}`;
  return {
    operation: "logging.ListLogEntries",
    subject,
    denied: `Drawbridge may not read ${subject}. Grant its service account roles/logging.viewAccessor on the log view that the policy file names, or roles/logging.viewer on the project.`,
    missing: `There is no log view as the policy file names it for ${project}. Check google.logViews.`,
    timeoutMs,
  };
}

/** A call every two seconds on average, and a few at once after a pause. */
function createAllowance(): (project: string) => boolean {
  const spentUntil = new Map<string, number>();
  return (project) => {
    const now = performance.now();
    const spent = Math.max(now, spentUntil.get(project) ?? 0);
    if (spent - now > (CALLS_AT_ONCE - 1) * CALL_EVERY_MS) return false;
    spentUntil.set(project, spent + CALL_EVERY_MS);
    return true;
  };
}
