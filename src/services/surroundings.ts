// What stands around a hostname that somebody asks for: whether it is taken, and how full the account is. For the form
// only, from answers at most a minute old; converge looks again before it does anything.
import { applicationFor, standsAtOrBelow } from "../domain/gate.ts";
import { leadsSomewhere } from "../domain/holes.ts";
import { firstMatch } from "../domain/matching.ts";
import type { Application, TunnelConfig } from "../domain/observed.ts";
import type { Access } from "./access.ts";
import type { Dns } from "./dns.ts";
import { remembered } from "./remembered.ts";
import type { Tunnels } from "./tunnel.ts";
import type { Zones } from "./zones.ts";

export type Taken = "record" | "route" | "application" | null;

export type Surroundings = {
  /** Reads ahead, so that a form that is sent a little later finds fresh answers. */
  prepare(tunnelIds: string[]): void;
  takenBy(hostname: string, tunnelId: string): Promise<Taken>;
  applications(): Promise<{ count: number; limit: number }>;
};

const MAX_AGE_MS = 60_000;

type Tools = { access: Access; dns: Dns; zones: Zones; tunnels: Tunnels };

export function createSurroundings({ access, dns, zones, tunnels }: Tools): Surroundings {
  const applications = remembered(() => access.listApplications(), { maxAgeMs: MAX_AGE_MS });
  const configOf = remembered((tunnelId) => tunnels.readConfig(tunnelId), { maxAgeMs: MAX_AGE_MS });

  return {
    prepare(tunnelIds) {
      for (const read of [applications(), ...tunnelIds.map((id) => configOf(id))])
        read.catch(() => undefined);
    },
    async takenBy(hostname, tunnelId) {
      const zoneId = await zones.idFor(hostname);
      const [gates, config, records] = await Promise.all([
        applications(),
        configOf(tunnelId),
        dns.at(hostname, zoneId),
      ]);
      const taken = judge(hostname, gates, config, records);
      // An exposure that was closed a moment ago still stands in what is remembered.
      if (taken === null || taken === "record") return taken;
      const now = await Promise.all([access.listApplications(), tunnels.readConfig(tunnelId)]);
      return judge(hostname, ...now, records);
    },
    applications: async () => ({ count: (await applications()).length, limit: access.applicationLimit }),
  };
}

function judge(hostname: string, gates: Application[], config: TunnelConfig, records: unknown[]): Taken {
  const rule = firstMatch(config.rules, hostname);
  if (rule && leadsSomewhere(rule)) return "route";
  if (records.length > 0) return "record";
  return hasApplication(hostname, gates) ? "application" : null;
}

/** A wildcard application above the hostname is no obstacle: ours is more specific. */
function hasApplication(hostname: string, gates: Application[]): boolean {
  const own = applicationFor(hostname, gates)?.destinations.includes(hostname) ?? false;
  return own || gates.some((gate) => gate.destinations.some((each) => standsAtOrBelow(each, hostname)));
}
