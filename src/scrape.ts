// What `/metrics` shows, gathered at each scrape: from the store, the Slack connection and the last word of Cloudflare.
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { blindAfter } from "./domain/availability.ts";
import { eachTunnel, type Policy } from "./domain/policy.ts";
import { standings } from "./domain/tunnel-overview.ts";
import type { Metrics } from "./metrics.ts";
import type { SlackApp } from "./services/slack-connection.ts";
import type { Database } from "./store/database.ts";
import { readFigures } from "./store/figures.ts";
import type { TunnelHealthStore } from "./store/tunnel-health.ts";
import type { Vendors } from "./vendors.ts";

type Sources = {
  metrics: Metrics;
  database: Pick<Database, "db">;
  vendors: Pick<Vendors, "callsLeft">;
  tunnelHealth: Pick<TunnelHealthStore, "latest">;
  policy: Pick<Policy, "tunnels">;
  config: Pick<Config, "lookMs">;
  slackApp: Pick<SlackApp, "health" | "stats">;
  clock: Pick<Clock, "now">;
};

export async function scrape(sources: Sources): Promise<string> {
  const { metrics, database, vendors, tunnelHealth, policy, config, slackApp } = sources;
  const now = sources.clock.now();
  const [figures, latest] = await Promise.all([readFigures(database.db, now), tunnelHealth.latest()]);
  const tunnelIds = eachTunnel(policy).map(({ id }) => id);
  const tunnels = standings({ tunnelIds, latest }, blindAfter(config.lookMs), now);
  const slack = { ...slackApp.health(), ...slackApp.stats() };
  return await metrics.text({ figures, tunnels, slack, callsLeft: vendors.callsLeft() });
}
