// The zones that the token can see, by name: hostnames are turned into zone ids here.
import type { Dns, Zone } from "./dns.ts";
import { ServiceFailure } from "./failure.ts";

export type Zones = {
  /** The ids of these zones, by name. A zone that cannot be seen is `denied`. */
  idsOf(names: string[]): Promise<Map<string, string>>;
  /** The id of the zone that this hostname is in. */
  idFor(hostname: string): Promise<string>;
  /** The names of the name servers that answer for this hostname; none where Cloudflare names none. */
  nameServersFor(hostname: string): Promise<string[]>;
};

/** Zones hardly ever change: they are listed once, and once more when a name is not among them. */
export function createZones(dns: Dns): Zones {
  let known = new Map<string, Zone>();

  async function find(names: string[]): Promise<Zone[]> {
    if (names.some((name) => !known.has(name)))
      known = new Map((await dns.listZones()).map((zone) => [zone.name, zone]));
    return names.map((name) => known.get(name) ?? unseen(name));
  }

  const zoneOf = async (hostname: string): Promise<Zone> => {
    const name = hostname.slice(hostname.indexOf(".") + 1);
    return (await find([name]))[0] ?? unseen(name);
  };

  return {
    idsOf: async (names) => new Map((await find(names)).map(({ name, id }) => [name, id])),
    idFor: async (hostname) => (await zoneOf(hostname)).id,
    nameServersFor: async (hostname) => (await zoneOf(hostname)).nameServers,
  };
}

function unseen(name: string): never {
  throw new ServiceFailure({
    kind: "denied",
    vendor: "cloudflare",
    operation: "zones.list",
    message: `The Cloudflare token cannot see the zone ${name}. Give it Zone Read and DNS Edit on that zone.`,
  });
}
