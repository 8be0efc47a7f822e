// Looks hostnames up at the name servers of their zone. A resolver that is asked for a record right before it is there
// remembers for half an hour that there is none, as the zone tells it to, and would keep our own visits away for as long:
// https://github.com/cloudflare/cloudflared/issues/745
import type { LookupAddress } from "node:dns";
import { lookup, Resolver } from "node:dns/promises";
import type { LookupFunction } from "node:net";

export type ZoneLookupOptions = {
  /** The names of the name servers of this hostname's zone. */
  nameServersOf: (hostname: string) => Promise<string[]>;
  /** For how long one name server is waited for. */
  timeoutMs: number;
  /** Finds the name servers themselves, and what they have no address for or cannot be asked. */
  system?: (name: string) => Promise<LookupAddress[]>;
  port?: number;
  now?: () => number;
};

const MOST_SERVERS = 2;
/** Where port 53 is closed to the outside, no visit but one in so long waits for it. */
const UNREACHABLE_MS = 5 * 60_000;

/** In the place of the system's resolver. ENOTFOUND where the zone knows no such name. */
export function createZoneLookup(options: ZoneLookupOptions): LookupFunction {
  const find = createFinder(options);
  return (hostname, { all, family }, callback) => {
    find(hostname).then(
      (found) => {
        const first = found.find((each) => !family || each.family === familyOf(family)) ?? found[0];
        if (all) callback(null, found);
        else callback(null, first?.address ?? "", first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}

function createFinder({
  nameServersOf,
  timeoutMs,
  system = (name) => lookup(name, { all: true }),
  port = 53,
  now = () => performance.now(),
}: ZoneLookupOptions): (hostname: string) => Promise<LookupAddress[]> {
  const servers = new Map<string, LookupAddress[]>();
  let unreachableUntil = 0;

  async function addressesOf(server: string): Promise<LookupAddress[]> {
    const found = servers.get(server) ?? (await system(server));
    servers.set(server, found);
    return found;
  }

  async function resolverFor(hostname: string): Promise<Resolver | null> {
    if (now() < unreachableUntil) return null;
    const names = (await nameServersOf(hostname)).slice(0, MOST_SERVERS);
    // Many places have no way out by IPv6.
    const found = (await Promise.all(names.map(addressesOf))).flatMap(
      (each) => each.find(({ family }) => family === 4) ?? each[0] ?? [],
    );
    if (found.length === 0) return null;
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    resolver.setServers(
      found.map(({ address, family }) => `${family === 6 ? `[${address}]` : address}:${port}`),
    );
    return resolver;
  }

  return async (hostname) => {
    // Whatever keeps us from asking them is no reason to make no visit.
    const resolver = await resolverFor(hostname).catch(() => null);
    if (!resolver) return await system(hostname);
    const { addresses, faults } = await ask(resolver, hostname);
    if (addresses.length > 0) return addresses;
    const unknown = faults.find(({ code }) => code === "ENOTFOUND");
    if (unknown) throw unknown;
    // The name may lead to another zone, which these servers have no addresses of.
    if (!faults.every(({ code }) => code === "ENODATA")) {
      unreachableUntil = now() + UNREACHABLE_MS;
      // They may have moved.
      servers.clear();
    }
    return await system(hostname);
  };
}

async function ask(
  resolver: Resolver,
  hostname: string,
): Promise<{ addresses: LookupAddress[]; faults: NodeJS.ErrnoException[] }> {
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = [
    ...(four.status === "fulfilled" ? four.value.map((address) => ({ address, family: 4 })) : []),
    ...(six.status === "fulfilled" ? six.value.map((address) => ({ address, family: 6 })) : []),
  ];
  const faults = [four, six].flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  return { addresses, faults };
}

function familyOf(family: number | "IPv4" | "IPv6"): number {
  return typeof family === "number" ? family : Number(family.at(-1));
}
