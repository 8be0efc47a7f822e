// What stands around a hostname that somebody asks for: whether it is taken, and how full the account is. For the form
// only, from answers at most a minute old; converge looks again before it does anything.
import { applicationFor, standsAtOrBelow } from "../domain/gate.ts";
import { leadsSomewhere } from "../domain/holes.ts";
import { firstMatch } from "../domain/matching.ts";
import type { Application, TunnelConfig } from "../domain/observed.ts";
import type { Access } from "./access.ts";
import type { Dns } from "./dns.ts";
import { type Keeping, remembered } from "./remembered.ts";
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
/** Of what somebody is refused by: who sends the form again and again must not use up the calls that closing needs. */
const REFUSAL_AGE_MS = 10_000;

type Tools = { access: Access; dns: Dns; zones: Zones; tunnels: Tunnels };
/** `now`: default the machine's steady clock. */
type Options = Tools & { now?: () => number };

export function createSurroundings(options: Options): Surroundings {
  const { access, now = () => performance.now() } = options;
  const { applications, configOf } = reading(options, { maxAgeMs: MAX_AGE_MS, now });
  const latest = reading(options, { maxAgeMs: REFUSAL_AGE_MS, now });

  return {
    prepare(tunnelIds) {
      for (const read of [applications(), ...tunnelIds.map((id) => configOf(id))])
        read.catch(() => undefined);
    },
    async takenBy(hostname, tunnelId) {
      const [gates, config, records] = await Promise.all([
        applications(),
        configOf(tunnelId),
        latest.recordsAt(hostname),
      ]);
      const taken = judge(hostname, gates, config, records);
      // An exposure that was closed a moment ago still stands in what is remembered.
      if (taken === null || taken === "record") return taken;
      const confirmed = await Promise.all([latest.applications(), latest.configOf(tunnelId)]);
      return judge(hostname, ...confirmed, records);
    },
    applications: async () => ({ count: (await applications()).length, limit: access.applicationLimit }),
  };
}

function reading({ access, dns, zones, tunnels }: Tools, keeping: Keeping) {
  return {
    applications: remembered(() => access.listApplications(), keeping),
    configOf: remembered((tunnelId) => tunnels.readConfig(tunnelId), keeping),
    recordsAt: remembered(async (hostname) => await dns.at(hostname, await zones.idFor(hostname)), keeping),
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
