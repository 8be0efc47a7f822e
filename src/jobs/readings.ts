// Reads every signal of the tunnels' health, each at its own pace and apart from the others, and hands on the latest.
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { ProbeFact } from "../domain/diagnosis/facts.ts";
import type { Exposure } from "../domain/exposure.ts";
import type { VisitVerdict } from "../domain/observed.ts";
import { eachTunnel, type Policy, type WatchedTunnel } from "../domain/policy.ts";
import type { EndpointReading, Signals, TunnelReading } from "../domain/signals.ts";
import type { WorkerPool } from "../domain/worker-pool.ts";
import type { ConnectorEndpoint } from "../services/connector-endpoint.ts";
import type { ConnectorLogs } from "../services/connector-logs.ts";
import type { ConnectorVisits } from "../services/connector-visits.ts";
import type { LogCursor } from "../services/log-cursor.ts";
import type { TunnelSignal } from "../services/tunnel-signal.ts";
import type { VisitRequest } from "../services/visit.ts";
import type { WorkerPools } from "../services/worker-pools.ts";
import { allDone } from "./all-done.ts";
import { createLogWindow } from "./log-window.ts";
import { type Paced, paced, restFor } from "./pace.ts";

export type ReadingTools = {
  signals: {
    api: TunnelSignal;
    endpoint: ConnectorEndpoint;
    logs: ConnectorLogs;
    pools: WorkerPools;
    visits: ConnectorVisits;
  };
  policy: Pick<Policy, "tunnels" | "logs">;
  /** From one look to the next. */
  lookMs: number;
  /** From a visit that a stranger got through to the next, which has to agree. */
  againMs: number;
  live: () => Promise<Exposure[]>;
  /** A stranger got where only Access should have answered. */
  onStranger: (exposure: Exposure, status: number) => Promise<void>;
  /** Access does not take the service token of visits. Called after each round of visits that shows it. */
  onRefused: (hostname: string, at: Date) => Promise<void>;
  log: Logger;
};

export type Readings = {
  /** Begins what is due and waits for it, but no longer than one look lasts. */
  take(now: Date): Promise<void>;
  of(tunnel: WatchedTunnel): Signals;
};

/** In looks: how often Cloudflare is asked, the log, and what changes seldom. */
const EVERY_THIRD = 3;
const EVERY_OTHER = 2;
const SELDOM = 12;
/** Google counts what is read of a project's log: see `connector-logs.ts`. */
const LOG_REST_MS = 2_500;
/** For signs that repeat: see `log-window.ts`. */
const WINDOW_MS = 15 * 60_000;
const VISITS_AT_ONCE = 10;
const MOST_VISITS_AGAIN = 2;

export function createReadings(tools: ReadingTools): Readings {
  const { policy, log, lookMs: look } = tools;
  const api = new Map<string, TunnelReading>();
  const pools = new Map<string, WorkerPool>();
  const window = createLogWindow(eachTunnel(policy));
  const endpoints = readEndpoints(tools);
  const visits = readVisits(tools);

  async function readApi(now: Date): Promise<void> {
    const read = await tools.signals.api.read(now);
    api.clear();
    for (const reading of read) api.set(reading.tunnelId, reading);
  }

  async function readPools(): Promise<void> {
    const asked = eachTunnel(policy).map(async ({ id, connectors }) => {
      if (!connectors?.workerPool) return;
      pools.set(id, await tools.signals.pools.describe(connectors.workerPool));
    });
    // One pool that cannot be read keeps nobody from the others.
    await allDone(asked);
  }

  const every = (looks: number) => restFor(looks, look);
  const all: Paced[] = [
    paced("cloudflare", every(EVERY_THIRD), readApi, log),
    paced("ready", every(1), endpoints.ready, log),
    paced("connector details", every(SELDOM), endpoints.details, log),
    paced("worker pools", every(SELDOM), readPools, log),
    paced("visits", every(SELDOM), visits.read, log),
    ...readLogs(tools, window),
  ];

  return {
    async take(now) {
      const patience = new AbortController();
      const everything = Promise.all(all.map((each) => each.turn(now)));
      await Promise.race([everything, pause(look, undefined, { signal: patience.signal }).catch(() => {})]);
      patience.abort();
      const instancesOf = ({ id }: WatchedTunnel) => pools.get(id)?.instanceCount ?? null;
      window.forgetBefore(new Date(now.getTime() - WINDOW_MS), instancesOf);
    },
    of: (tunnel) => ({
      api: api.get(tunnel.id) ?? null,
      endpoints: endpoints.of(tunnel),
      log: window.of(tunnel),
      probes: visits.of(tunnel),
      instances: pools.get(tunnel.id)?.instanceCount ?? null,
      others: tunnel.connectors?.others ?? false,
      failedRevision: pools.get(tunnel.id)?.failedRevision ?? null,
    }),
  };
}

function readLogs(
  { signals, policy, lookMs, log }: ReadingTools,
  window: ReturnType<typeof createLogWindow>,
): Paced[] {
  // Most readings of a log that is followed cost no call.
  const tailed = policy.logs.tail;
  const cursors = new Map<string, LogCursor>();
  return signals.logs.projects.map((project) => {
    async function read(now: Date): Promise<void> {
      const { facts, cursor, more } = await signals.logs.read(project, cursors.get(project) ?? null, now);
      cursors.set(project, cursor);
      window.take(project, facts, now);
      if (more) await read(now);
    }
    const everyMs = tailed ? restFor(1, lookMs) : Math.max(LOG_REST_MS, restFor(EVERY_OTHER, lookMs));
    return paced(`log of ${project}`, everyMs, read, log);
  });
}

function readEndpoints({ signals, policy }: ReadingTools) {
  const readings = new Map<string, EndpointReading>();
  const addresses = [...new Set(eachTunnel(policy).flatMap(({ connectors }) => connectors?.metrics ?? []))];
  const each = (read: (address: string) => Promise<void>) => Promise.all(addresses.map(read));
  return {
    async ready(now: Date): Promise<void> {
      await each(async (address) => {
        const ready = await signals.endpoint.ready(address);
        const { details = null, detailsAt = null } = readings.get(address) ?? {};
        readings.set(address, { address, at: now, ready, details, detailsAt });
      });
    },
    async details(now: Date): Promise<void> {
      await each(async (address) => {
        const details = await signals.endpoint.details(address);
        const known = readings.get(address);
        if (known) readings.set(address, { ...known, details, detailsAt: now });
      });
    },
    of: ({ connectors }: WatchedTunnel): EndpointReading[] =>
      (connectors?.metrics ?? []).flatMap((address) => readings.get(address) ?? []),
  };
}

type Visited = { probes: (ProbeFact & { tunnelId: string })[]; refusedAt: string | null };

function readVisits({ signals, live, onStranger, onRefused, againMs, log }: ReadingTools) {
  let probes: Visited["probes"] = [];

  async function visit(exposure: Exposure, now: Date): Promise<Visited> {
    const { id: exposureId, hostname, tunnelId, progress } = exposure;
    const asked = { hostname, aud: progress.aud ?? "" };
    const { stranger, origin, refused } = await signals.visits.visit(asked, now);
    const status = gotThrough(stranger);
    if (status !== null) {
      const again = await visitAgain(asked);
      if (again !== null) await onStranger(exposure, again);
      else log.warn({ exposureId, hostname, status }, "one visit got through and the next did not");
    }
    return { probes: origin ? [{ ...origin, tunnelId }] : [], refusedAt: refused ? hostname : null };
  }

  /** One strange answer of the edge's closes nothing. A visit that proves nothing neither agrees nor contradicts. */
  async function visitAgain(asked: VisitRequest): Promise<number | null> {
    for (let visits = 0; visits < MOST_VISITS_AGAIN; visits += 1) {
      await pause(againMs);
      const stranger = await signals.visits.visitAsStranger(asked);
      if (stranger.kind !== "inconclusive") return gotThrough(stranger);
    }
    return null;
  }

  return {
    async read(now: Date): Promise<void> {
      const open = (await live()).filter(({ phase, progress }) => phase === "open" && progress.aud !== null);
      const seen: Visited[] = [];
      for (let at = 0; at < open.length; at += VISITS_AT_ONCE)
        seen.push(
          ...(await Promise.all(open.slice(at, at + VISITS_AT_ONCE).map((each) => visit(each, now)))),
        );
      probes = seen.flatMap((each) => each.probes);
      const refusedAt = seen.find((each) => each.refusedAt !== null)?.refusedAt;
      if (refusedAt) await onRefused(refusedAt, now);
    },
    of: ({ id }: WatchedTunnel): ProbeFact[] =>
      probes.filter(({ tunnelId }) => tunnelId === id).map(({ tunnelId: _, ...probe }) => probe),
  };
}

/** The status of what answered a stranger. An edge in trouble answers 5xx by itself. */
function gotThrough(stranger: VisitVerdict): number | null {
  return stranger.kind === "reached" && stranger.status < 500 ? stranger.status : null;
}
