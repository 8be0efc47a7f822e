// Cloud Logging (google.logging.v2.LoggingServiceV2), the reading side: lists with order, pages and a quota, and tails that
// end after their time.
import { grpc } from "google-gax";
import type { LogOrigin, LogWriting, Shared } from "../contract.ts";
import { entryMessage, entryOf, type LogEntry } from "./log-entries.ts";
import { parseQuery } from "./log-query.ts";
import { createTails } from "./log-tails.ts";
import { page } from "./paging.ts";
import type { Projects } from "./projects.ts";
import { loggingProtos, type Message } from "./protos.ts";
import { type Api, RpcError } from "./rpc.ts";

export type Logging = {
  api: Api;
  write(origin: LogOrigin, line: string, writing?: LogWriting): void;
  /** Resources whose logs the bot may read, as it names them; null: all. */
  setAccess(resourceNames: string[] | null): void;
  /** As Google does after about an hour. */
  endTails(): void;
  close(): void;
};

const { status } = grpc;
const MOST_KEPT = 50_000;
const DEFAULT_PAGE = 50;
/** Read requests a minute for each project. https://cloud.google.com/logging/quotas#api-limits */
const READS_PER_MINUTE = 60;

export function createLogging({ clock }: Pick<Shared, "clock">, projects: Projects): Logging {
  let entries: LogEntry[] = [];
  let readable: string[] | null = null;
  const spend = createQuota();
  const tails = createTails(() => clock.now());

  function projectsOf(request: Message): string[] {
    const names = (request.resourceNames ?? []) as string[];
    if (names.length === 0) throw new RpcError(status.INVALID_ARGUMENT, "resource_names must not be empty.");
    return names.map((name) => {
      const id = /^projects\/([^/]+)(\/locations\/[^/]+\/buckets\/[^/]+\/views\/[^/]+)?$/.exec(name)?.[1];
      if (!id)
        throw new RpcError(status.INVALID_ARGUMENT, `'${name}' is not a resource whose logs can be read.`);
      const project = projects.idOf(id);
      if (readable && !readable.includes(name)) {
        const right = name.includes("/views/") ? "logging.views.access" : "logging.logEntries.list";
        throw new RpcError(
          status.PERMISSION_DENIED,
          `Permission '${right}' denied on resource (or it may not exist).`,
        );
      }
      return project;
    });
  }

  function list(request: Message): Message {
    const asked = projectsOf(request);
    for (const project of asked) spend(project);
    const query = parseQuery(String(request.filter ?? ""));
    const now = clock.now();
    const found = entries
      .filter((entry) => asked.includes(entry.project) && entry.receivedAt <= now && query(entry))
      .sort(orderOf(request));
    const parent = JSON.stringify([request.resourceNames, request.filter, request.orderBy]);
    const size = Number(request.pageSize ?? 0) || DEFAULT_PAGE;
    const { items, nextPageToken } = page({ ...request, parent, pageSize: size }, found);
    return { entries: items.map(entryMessage), nextPageToken };
  }

  return {
    api: {
      root: loggingProtos,
      service: "google.logging.v2.LoggingServiceV2",
      handlers: { ListLogEntries: list },
      streams: {
        TailLogEntries: (request, stream) =>
          tails.open(projectsOf(request), parseQuery(String(request.filter ?? "")), request, stream),
      },
    },
    write(origin, line, writing = {}) {
      projects.add(origin.project);
      const entry = entryOf(origin, line, writing, clock.now());
      entries.push(entry);
      if (entries.length > MOST_KEPT) entries = entries.slice(-MOST_KEPT / 2);
      tails.take(entry);
    },
    setAccess(resourceNames) {
      readable = resourceNames;
    },
    endTails: tails.endAll,
    close: tails.close,
  };
}

function orderOf(request: Message): (a: LogEntry, b: LogEntry) => number {
  const order = String(request.orderBy ?? "") || "timestamp asc";
  if (!/^timestamp( asc| desc)?$/.test(order)) {
    throw new RpcError(status.INVALID_ARGUMENT, `order_by '${order}' is not supported.`);
  }
  const sign = order.endsWith("desc") ? -1 : 1;
  // Entries of one moment come by their insertId.
  return (a, b) => sign * (a.at.getTime() - b.at.getTime() || (a.insertId < b.insertId ? -1 : 1));
}

/** Counts by the machine's clock: time that is moved forward gives nobody more of it. */
function createQuota(): (project: string) => void {
  const reads = new Map<string, number[]>();
  return (project) => {
    const now = performance.now();
    const recent = (reads.get(project) ?? []).filter((at) => now - at < 60_000);
    reads.set(project, recent);
    if (recent.length >= READS_PER_MINUTE) {
      const text = `Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service 'logging.googleapis.com' for consumer 'project:${project}'.`;
      throw new RpcError(status.RESOURCE_EXHAUSTED, text);
    }
    recent.push(now);
  };
}
