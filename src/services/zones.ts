// The zones that the token can see, by name: hostnames are turned into zone ids here.
import type { Dns } from "./dns.ts";
import { ServiceFailure } from "./failure.ts";

export type Zones = {
  /** The ids of these zones, by name. A zone that cannot be seen is `denied`. */
  idsOf(names: string[]): Promise<Map<string, string>>;
  /** The id of the zone that this hostname is in. */
  idFor(hostname: string): Promise<string>;
};

/** Zones hardly ever change: they are listed once, and once more when a name is not among them. */
export function createZones(dns: Dns): Zones {
  let known = new Map<string, string>();

  async function idsOf(names: string[]): Promise<Map<string, string>> {
    if (names.some((name) => !known.has(name)))
      known = new Map((await dns.listZones()).map((zone) => [zone.name, zone.id]));
    return new Map(names.map((name) => [name, known.get(name) ?? unseen(name)]));
  }

  async function idFor(hostname: string): Promise<string> {
    const name = hostname.slice(hostname.indexOf(".") + 1);
    return (await idsOf([name])).get(name) ?? unseen(name);
  }

  return { idsOf, idFor };
}

function unseen(name: string): never {
  throw new ServiceFailure({
    kind: "denied",
    vendor: "cloudflare",
    operation: "zones.list",
    message: `The Cloudflare token cannot see the zone ${name}. Give it Zone Read and DNS Edit on that zone.`,
  });
}
