// The vendors' sides of the bot, made from the configuration.
import type { Logger } from "pino";
import type { Clock } from "./clock.ts";
import type { Config, UnattendedConfig } from "./config.ts";
import { eachTunnel, type Policy } from "./domain/policy.ts";
import { createAccess } from "./services/access.ts";
import { createCloudRun } from "./services/cloud-run.ts";
import { createCloudflareClient } from "./services/cloudflare-client.ts";
import { createTokenCheck } from "./services/cloudflare-token.ts";
import { createConnectorEndpoint } from "./services/connector-endpoint.ts";
import { createConnectorLogs } from "./services/connector-logs.ts";
import { createConnectorVisits } from "./services/connector-visits.ts";
import { createDns } from "./services/dns.ts";
import { createEdge } from "./services/edge.ts";
import { createGoogleClients, type GoogleClients } from "./services/google-clients.ts";
import { createNames } from "./services/names.ts";
import type { Observe } from "./services/observing.ts";
import { createRunApp } from "./services/run-app.ts";
import { createSlack } from "./services/slack.ts";
import { createSurroundings } from "./services/surroundings.ts";
import { createTunnels } from "./services/tunnel.ts";
import { createTunnelSignal } from "./services/tunnel-signal.ts";
import { createVisitor } from "./services/visit.ts";
import { createWorkerPools } from "./services/worker-pools.ts";
import { createZoneLookup } from "./services/zone-lookup.ts";
import { createZones } from "./services/zones.ts";

const GOOGLE_TIMEOUT_MS = 5_000;
const CLOUDFLARE_TIMEOUT_MS = 10_000;
const VISIT_TIMEOUT_MS = 5_000;
const NAME_SERVER_TIMEOUT_MS = 700;
const LOGS_TIMEOUT_MS = 10_000;
/** Shorter than the pause between two looks. */
const ENDPOINT_TIMEOUT_MS = 2_000;

export type Vendors = ReturnType<typeof createVendors>;
export type CloudflareVendors = ReturnType<typeof createCloudflareVendors>;

type CloudflareParts = {
  config: UnattendedConfig;
  policy: Policy;
  /** `<team>` of `<team>.cloudflareaccess.com`. */
  team: () => string;
  clock: Clock;
  /** Is told of each call. */
  observe?: Observe;
};

type VendorParts = CloudflareParts & { config: Config; log: Logger };

export function createVendors(parts: VendorParts) {
  const { config, policy, clock, log, observe } = parts;
  const cloudflare = createCloudflareVendors(parts);
  const google = createGoogleClients({ endpoint: config.google.endpoint, observe });
  const signals = createSignals(config, policy, cloudflare, google);
  return {
    ...cloudflare,
    names: createNames(cloudflare),
    surroundings: createSurroundings(cloudflare),
    cloudRun: createCloudRun({
      clients: google,
      projects: policy.projects,
      regions: policy.regions,
      now: clock.now,
      timeoutMs: GOOGLE_TIMEOUT_MS,
    }),
    runApp: createRunApp({
      timeoutMs: VISIT_TIMEOUT_MS,
      dnsServer: config.dnsServer,
      originUrl: config.originUrl,
    }),
    signals,
    slack: createSlack({ botToken: config.slack.botToken, apiUrl: config.slack.apiUrl, log, observe }),
    async close(): Promise<void> {
      signals.logs.close();
      await cloudflare.close();
      await google.close();
    },
  };
}

/** All that opening and closing needs, for commands that run without Slack. */
export function createCloudflareVendors({ config, policy, team, clock, observe }: CloudflareParts) {
  const { installation, visitTokenId } = policy;
  const { accountId, apiToken, baseUrl } = config.cloudflare;
  const ending = new AbortController();
  const client = createCloudflareClient({
    apiToken,
    baseURL: baseUrl,
    timeoutMs: CLOUDFLARE_TIMEOUT_MS,
    signal: ending.signal,
    observe,
  });
  const access = createAccess({ client, accountId, installation });
  const dns = createDns({ client, accountId, installation });
  const zones = createZones(dns);
  const tunnels = createTunnels({ client, accountId });
  const lookup = createZoneLookup({ nameServersOf: zones.nameServersFor, timeoutMs: NAME_SERVER_TIMEOUT_MS });
  /** How a visit gets to a hostname. */
  const way = { edgeUrl: config.edgeUrl, lookup, timeoutMs: VISIT_TIMEOUT_MS };
  const visitor = createVisitor({ ...way, team, observe });
  const { proof } = config;
  const { now } = clock;
  return {
    access,
    dns,
    tunnels,
    zones,
    visitor,
    way,
    token: createTokenCheck({ client, accountId }),
    callsLeft: client.callsLeft,
    callsAreShort: client.callsAreShort,
    edge: createEdge({ access, dns, zones, tunnels, visitor, installation, visitTokenId, team, now, proof }),
    async close(): Promise<void> {
      ending.abort();
    },
  };
}

/** What the health of tunnels is read from; each works without the others. */
function createSignals(
  config: Config,
  policy: Policy,
  { tunnels, visitor, way, callsAreShort }: CloudflareVendors,
  clients: GoogleClients,
) {
  const { visitToken: token = null } = config;
  const pools = eachTunnel(policy).flatMap(({ connectors }) => connectors?.workerPool ?? []);
  return {
    api: createTunnelSignal({ tunnels, tunnelIds: eachTunnel(policy).map(({ id }) => id), callsAreShort }),
    endpoint: createConnectorEndpoint({ timeoutMs: ENDPOINT_TIMEOUT_MS }),
    logs: createConnectorLogs({ clients, pools, ...policy.logs, timeoutMs: LOGS_TIMEOUT_MS }),
    pools: createWorkerPools({ clients, timeoutMs: GOOGLE_TIMEOUT_MS }),
    visits: createConnectorVisits({ ...way, visitor, token }),
  };
}
