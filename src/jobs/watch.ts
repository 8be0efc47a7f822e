// Looks at every tunnel, judges what it sees, and keeps what came of it: health, incidents and what they have to say are in
// the store, so that a look may be another process's turn each time.
import type { Logger } from "pino";
import { affectedOn } from "../domain/affected.ts";
import { diagnose } from "../domain/diagnosis/diagnose.ts";
import type { ConnectorFact, Diagnosis } from "../domain/diagnosis/facts.ts";
import type { Exposure } from "../domain/exposure.ts";
import { judge, type Look } from "../domain/fault.ts";
import type { Affected, Fault } from "../domain/incident.ts";
import { advance, REMEMBERED, type Seen } from "../domain/incident-life.ts";
import { eachTunnel, type Policy, type WatchedTunnel } from "../domain/policy.ts";
import { factsOf, freshOnes, type Signals } from "../domain/signals.ts";
import type { TunnelHealth } from "../domain/tunnel-health.ts";
import { healthOf } from "../domain/tunnel-state.ts";
import type { IncidentStore, Watched } from "../store/incidents.ts";
import type { TunnelHealthStore } from "../store/tunnel-health.ts";
import { createConnectorWindow } from "./connector-window.ts";
import type { Readings } from "./readings.ts";

export type WatchTools = {
  readings: Readings;
  tunnelHealth: Pick<TunnelHealthStore, "latest" | "save">;
  incidents: Pick<IncidentStore, "look" | "lookedAt">;
  live: () => Promise<Exposure[]>;
  policy: Pick<Policy, "tunnels" | "health">;
  lookMs: number;
  newIncidentId: () => string;
  now: () => Date;
  log: Logger;
};

export type Watch = () => Promise<void>;

/** Two processes that both tick are not to look twice as often. */
const TOO_SOON = 0.8;

export function createWatch(tools: WatchTools): Watch {
  const { readings, tunnelHealth, policy, lookMs } = tools;
  const connectors = createConnectorWindow();

  return async () => {
    const now = tools.now();
    if (await isTooSoon(tools, now)) return;
    await readings.take(now);
    const before = new Map((await tunnelHealth.latest()).map((health) => [health.tunnelId, health]));
    const looks = eachTunnel(policy).map((tunnel) => {
      const signals = freshOnes(readings.of(tunnel), now, lookMs);
      const known = before.get(tunnel.id) ?? null;
      const health = healthOf({ tunnelId: tunnel.id, name: tunnel.id }, signals, known, now);
      const diagnoses = diagnosesOf(tunnel, signals, known, now);
      const unread = Boolean(tunnel.connectors?.workerPool) && signals.log === null;
      const { failedRevision, instances, others } = signals;
      const poolOff = instances === 0 && !others;
      return { health, diagnoses, failedRevision, poolOff, unread, at: now };
    });
    await tunnelHealth.save(
      looks.map(({ health }) => health),
      now,
    );
    await keep(tools, looks, now);
  };

  function diagnosesOf(
    tunnel: WatchedTunnel,
    signals: Signals,
    before: TunnelHealth | null,
    now: Date,
  ): Diagnosis[] {
    const facts = factsOf(tunnel.id, signals, before);
    const isConnector = (fact: (typeof facts)[number]): fact is ConnectorFact => fact.kind === "connector";
    const seen = connectors.take(tunnel.id, facts.filter(isConnector));
    const others = facts.filter((fact) => !isConnector(fact));
    return diagnose([...others, ...seen], { now }, policy.health.limits);
  }
}

async function isTooSoon({ incidents, lookMs }: WatchTools, now: Date): Promise<boolean> {
  const last = await incidents.lookedAt();
  const since = last === null ? Number.POSITIVE_INFINITY : now.getTime() - last.getTime();
  return since >= 0 && since < TOO_SOON * lookMs;
}

async function keep(tools: WatchTools, looks: Look[], at: Date): Promise<void> {
  const { incidents, policy } = tools;
  const { limits } = policy.health;
  const quiet = looks.every(({ health, diagnoses }) => health.state === "up" && diagnoses.length === 0);
  const exposures = quiet ? [] : await tools.live();
  const changed = await incidents.look(
    at,
    new Date(at.getTime() - REMEMBERED * limits.recoveredMs),
    (known) => decide(tools, known, looks, exposures, at),
  );
  for (const incident of changed ?? [])
    tools.log.debug(
      { incident: incident.id, cause: incident.cause, phase: incident.phase },
      "an incident moved",
    );
}

function decide(
  { policy, lookMs, newIncidentId }: WatchTools,
  known: Watched,
  looks: Look[],
  exposures: Exposure[],
  at: Date,
): Watched {
  const { limits } = policy.health;
  const judged = looks.map((look) => {
    const { tunnelId, name } = look.health;
    const before = known.watches.find((each) => each.tunnelId === tunnelId) ?? null;
    const affected = (fault: Pick<Fault, "slot" | "services">): Affected[] =>
      affectedOn(tunnelId, fault, exposures);
    return { ...judge(before, look, limits, lookMs), tunnelId, name, affected };
  });
  const seen: Seen[] = judged;
  const watched = eachTunnel(policy).map(({ id }) => id);
  return {
    watches: judged.map(({ watch }) => watch),
    incidents: advance({ incidents: known.incidents, seen, at, watched, limits, newId: newIncidentId }),
  };
}
