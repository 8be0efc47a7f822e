// What Cloudflare says of our tunnels, at a pace that stays far below the API's limit of 1,200 calls in five minutes, which
// is shared with everything else: one list for all of them each time, a tunnel's connections only where its status
// changed, and otherwise in turn.
// https://developers.cloudflare.com/fundamentals/api/reference/limits/
import type { Tunnel } from "../domain/observed.ts";
import type { TunnelReading } from "../domain/signals.ts";
import { orNothing } from "./failure.ts";
import type { Tunnels } from "./tunnel.ts";

export type TunnelSignal = {
  /** What is known of each configured tunnel. One that Cloudflare does not list is left out. */
  read(now: Date): Promise<TunnelReading[]>;
};

/** How long a tunnel's connections are good for while its status stays the same. */
const CONNECTIONS_MS = 5 * 60_000;
/** In one reading, so that fifty tunnels failing together are not fifty calls at once. */
const AT_ONCE = 10;

type Options = {
  tunnels: Pick<Tunnels, "list" | "connectors">;
  tunnelIds: string[];
  /** Whether they are better kept: opening and closing come first. Connections are not asked for then. */
  callsAreShort: () => boolean;
};

export function createTunnelSignal(options: Options): TunnelSignal {
  const known = new Map<string, TunnelReading>();

  async function read(now: Date): Promise<TunnelReading[]> {
    const listed = new Map((await options.tunnels.list()).map((tunnel) => [tunnel.id, tunnel]));
    for (const tunnelId of options.tunnelIds) {
      const tunnel = listed.get(tunnelId);
      if (tunnel) known.set(tunnelId, next(known.get(tunnelId), tunnel, now));
      else known.delete(tunnelId);
    }
    await refresh(dueIds([...known.values()], now), now);
    return options.tunnelIds.flatMap((tunnelId) => known.get(tunnelId) ?? []);
  }

  async function refresh(tunnelIds: string[], now: Date): Promise<void> {
    if (options.callsAreShort()) return;
    await Promise.all(
      tunnelIds.slice(0, AT_ONCE).map(async (tunnelId) => {
        // The list has answered: a tunnel whose connections could not be read keeps what is known of it.
        const connectors = await orNothing(options.tunnels.connectors(tunnelId));
        const reading = known.get(tunnelId);
        if (reading && connectors) known.set(tunnelId, { ...reading, connectors, connectorsAt: now });
      }),
    );
  }

  return { read };
}

/** Connections of another status than the present one are out of date: they are read anew as soon as there is room. */
function next(before: TunnelReading | undefined, { id, name, status }: Tunnel, now: Date): TunnelReading {
  const same = before?.status === status;
  return {
    tunnelId: id,
    at: now,
    name,
    status,
    connectors: before?.connectors ?? null,
    connectorsAt: same ? before.connectorsAt : null,
  };
}

/** Those whose status has just changed, then the ones that have waited longest. */
function dueIds(readings: TunnelReading[], now: Date): string[] {
  const age = ({ connectorsAt }: TunnelReading) => now.getTime() - (connectorsAt?.getTime() ?? 0);
  return readings
    .filter((reading) => age(reading) >= CONNECTIONS_MS)
    .sort((a, b) => age(b) - age(a))
    .map(({ tunnelId }) => tunnelId);
}
