// A sweep over one tunnel of a policy, and what it finds there.
import type { Exposure } from "../../src/domain/exposure.ts";
import type { Hole } from "../../src/domain/holes.ts";
import type { Observed } from "../../src/domain/observed.ts";
import { targetOf } from "../../src/domain/target.ts";
import { createSweep } from "../../src/jobs/sweep.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createGuards } from "../../src/store/guards.ts";
import { createReports } from "../../src/store/reports.ts";
import { idealRecord } from "../domain/model-world.ts";
import { known, nothing } from "../domain/plan-scenes.ts";
import { quiet } from "../quiet.ts";
import { minutesPast, pendingExposure } from "../store/sample-exposure.ts";

export const TUNNEL = nothing().tunnel.id;
export const HOLE = { hostname: "bare.example.com", service: "https://status.example.net" };
export const POLICY = {
  installation: "main",
  tunnels: [{ id: TUNNEL, zones: ["shore.example"], services: ["*"] }],
};

const TOLD = { channel: "C-ALERTS", ts: "1893499200.000100" };

/** Somebody else's hole, and records that carry the marks of these. */
export function standingOf(exposures: Exposure[]): Observed {
  const records = exposures.map((each) => idealRecord(targetOf(each), `record-${each.id}`));
  return { ...nothing([HOLE]), records };
}

/** Open, with all that it needs standing, in a zone and maybe on a tunnel that the policy does not name. */
export function openOn(tunnelId: string, zone: string): Exposure {
  const endsAt = minutesPast(200);
  const times = { decidedAt: minutesPast(1), openedAt: minutesPast(2), endsAt, until: endsAt };
  const hostname = `open.${zone}`;
  return known(pendingExposure({ hostname, zone, tunnelId, phase: "open", approvedMinutes: 198, ...times }));
}

export function sweepOver(
  database: Database,
  exposures: ExposureStore,
  left: Exposure[],
  observe: (tunnelId: string, zones: string[]) => Promise<Observed> = async () => standingOf(left),
  callsAreShort = () => false,
) {
  const told: string[] = [];
  const unknown: string[] = [];
  const reports = createReports(database.db);
  const woken: string[] = [];
  const sweep = createSweep({
    exposures,
    reports,
    guards: createGuards(database.db),
    edge: { observe },
    callsAreShort,
    policy: POLICY,
    proofs: 3,
    visitTokenId: null,
    team: () => "lakeside",
    now: () => minutesPast(100),
    wake: async (_job: string, key: string) => void woken.push(key),
    reportHole: async ({ hostname, path }: Hole, key: string) => {
      told.push(`${hostname}${path ?? ""}`);
      await reports.reported(key, TOLD);
    },
    reportUnknown: async ({ hostname }: { hostname: string }, key: string) => {
      unknown.push(hostname);
      await reports.reported(key, TOLD);
    },
    log: quiet,
  } as never);
  return { run: (tunnelId = TUNNEL) => sweep.tunnel(tunnelId), told, unknown, woken };
}
