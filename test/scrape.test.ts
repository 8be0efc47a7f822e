// What a scrape says of tunnels: those of the policy, and nothing that was seen too long ago to say anything of now.
import { expect, test } from "vitest";
import type { TunnelHealth } from "../src/domain/tunnel-health.ts";
import { createMetrics } from "../src/metrics.ts";
import { scrape } from "../src/scrape.ts";
import { createTunnelHealth } from "../src/store/tunnel-health.ts";
import { NOON } from "./domain/exposure-sample.ts";
import { onPostgres } from "./engines.ts";
import { SLACK } from "./slack-figures.ts";

const after = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);

function seen(tunnelId: string): TunnelHealth {
  const connector = { id: "c1", version: null, protocol: null, configVersion: null, startedAt: null };
  const connectors = [{ ...connector, colos: ["nrt08", "kix01"], ours: null }];
  return { tunnelId, name: tunnelId, state: "up", since: NOON, seenAt: NOON, connectors };
}

test("a tunnel is in the state that was seen, unknown once nobody looks any more, and gone with the policy", async () => {
  const database = await onPostgres();
  const tunnelHealth = createTunnelHealth(database.db, 120_000);
  await tunnelHealth.save([seen("ours"), seen("left")], NOON);
  const told = async (seconds: number) => {
    const text = await scrape({
      metrics: createMetrics(),
      database,
      vendors: { callsLeft: () => null },
      tunnelHealth,
      policy: { tunnels: [{ id: "ours", zones: [], services: [], connectors: null }] },
      config: { lookMs: 5_000 },
      slackApp: { health: () => SLACK, stats: () => SLACK },
      clock: { now: () => after(seconds) },
    });
    return text.split("\n").filter((line) => /^drawbridge_tunnel_/.test(line) && !/state=.* 0$/.test(line));
  };
  expect(await told(60)).toEqual([
    'drawbridge_tunnel_state{tunnel="ours",state="up"} 1',
    'drawbridge_tunnel_connectors{tunnel="ours"} 1',
    'drawbridge_tunnel_connections{tunnel="ours"} 2',
  ]);
  expect(await told(180)).toEqual(['drawbridge_tunnel_state{tunnel="ours",state="unknown"} 1']);
});
