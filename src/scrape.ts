// What `/metrics` shows, gathered at each scrape: from the store, the Slack connection and the last word of Cloudflare.
import type { Clock } from "./clock.ts";
import type { Metrics } from "./metrics.ts";
import type { SlackApp } from "./services/slack-connection.ts";
import type { Database } from "./store/database.ts";
import { readFigures } from "./store/figures.ts";
import type { TunnelHealthStore } from "./store/tunnel-health.ts";
import type { Vendors } from "./vendors.ts";

type Sources = {
  metrics: Metrics;
  database: Database;
  vendors: Pick<Vendors, "callsLeft">;
  tunnelHealth: TunnelHealthStore;
  slackApp: SlackApp;
  clock: Clock;
};

export async function scrape(sources: Sources): Promise<string> {
  const { metrics, database, vendors, tunnelHealth, slackApp, clock } = sources;
  const [figures, tunnels] = await Promise.all([
    readFigures(database.db, clock.now()),
    tunnelHealth.latest(),
  ]);
  const slack = { ...slackApp.health(), ...slackApp.stats() };
  return await metrics.text({ figures, tunnels, slack, callsLeft: vendors.callsLeft() });
}
