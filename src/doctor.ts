// The doctor: looks at everything at once, each look bounded in time and none stopping another, and has it judged.
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { findingsOf } from "./domain/doctor.ts";
import type { ClockSkew, DoctorFacts, StoreFacts, TokenRight, TokenVisit } from "./domain/doctor-facts.ts";
import type { Finding, Looked } from "./domain/finding.ts";
import type { TunnelConfig } from "./domain/observed.ts";
import { eachTunnel, type Policy, type WatchedTunnel } from "./domain/policy.ts";
import { type CloudRunService, serviceKey } from "./domain/service.ts";
import { checkSlack } from "./preflight.ts";
import { aheadOf } from "./services/clocks.ts";
import { isServiceFailure } from "./services/failure.ts";
import { StoreUnusable } from "./store/unusable.ts";
import { inTime } from "./time-limit.ts";
import type { Vendors } from "./vendors.ts";

export type DoctorTools = {
  config: Config;
  policy: Policy;
  vendors: Pick<Vendors, "access" | "tunnels" | "zones" | "cloudRun" | "signals" | "token" | "runApp">;
  /** Asks the store for a sign of life. */
  store: () => Promise<StoreFacts>;
  now: () => Date;
  log: Logger;
};

/** For one look, retries and all. */
const LOOK_MS = 8_000;
const CLOCK_MS = 4_000;
/** So many exposed services are looked at; the sweep knows all of them. */
const MOST_SERVICES = 20;

export async function examine(tools: DoctorTools): Promise<Finding[]> {
  return findingsOf(await gather(tools));
}

async function gather(tools: DoctorTools): Promise<DoctorFacts> {
  const { access, token } = tools.vendors;
  const [network, slack, verified, organization, rights, visit, tunnels, store, clocks] = await Promise.all([
    lookAtServices(tools),
    look(() => checkSlack(tools.config, tools.policy, tools.log)),
    look(() => token.verify()),
    look(() => access.organization()),
    lookAtRights(tools),
    tools.config.visitToken ? look(() => visitThroughAccess(tools)) : null,
    Promise.all(eachTunnel(tools.policy).map((tunnel) => lookAtTunnel(tools, tunnel))),
    look(tools.store),
    lookAtClocks(tools.config),
  ]);
  return {
    at: tools.now(),
    slack,
    token: verified,
    rights,
    denyUnmatched: organization.ok ? { ok: true, value: organization.value.denyUnmatched } : organization,
    visit,
    tunnels,
    ...network,
    store,
    clocks,
  };
}

/** Reading shows the right to read. The tag is the one thing that the bot writes at each start anyway. */
async function lookAtRights({ vendors, policy }: DoctorTools): Promise<TokenRight[]> {
  const { access, tunnels, zones } = vendors;
  const tries: [permission: string, read: () => Promise<unknown>][] = [
    ["Cloudflare Tunnel", () => tunnels.list()],
    ["Access: Apps and Policies Edit", () => access.ensureTag()],
    ["Access: Organizations, Identity Providers, and Groups", () => access.listGroups()],
    ["Zone and DNS", () => zones.idsOf(policy.tunnels.flatMap((tunnel) => tunnel.zones))],
  ];
  return await Promise.all(
    tries.map(async ([permission, read]) => ({ permission, looked: await look(read) })),
  );
}

/** Sent to a hostname of ours only, and not before our application has stopped a stranger there. */
async function visitThroughAccess({ vendors, policy, now }: DoctorTools): Promise<TokenVisit | null> {
  const [applications, ...configs] = await Promise.all([
    vendors.access.listApplications(),
    ...eachTunnel(policy).map(({ id }) => vendors.tunnels.readConfig(id)),
  ]);
  const routed = new Set(configs.flatMap(({ rules }) => rules.map(({ hostname }) => hostname)));
  const open = applications.find(
    ({ mark, destinations: [hostname = ""] }) =>
      mark?.installation === policy.installation && routed.has(hostname),
  );
  const [hostname] = open?.destinations ?? [];
  if (!open || !hostname) return null;
  const { origin, refused } = await vendors.signals.visits.visit({ hostname, aud: open.aud }, now());
  if (refused) return { hostname, outcome: "refused" };
  return { hostname, outcome: origin && origin.answer !== "other" ? "taken" : "unproved" };
}

async function lookAtTunnel({ vendors }: DoctorTools, { id, connectors: known }: WatchedTunnel) {
  const ref = known?.workerPool ?? null;
  const [tunnel, connectors, pool] = await Promise.all([
    look(() => vendors.tunnels.getTunnel(id)),
    look(() => vendors.tunnels.connectors(id)),
    ref ? look(() => vendors.signals.pools.describe(ref)) : null,
  ]);
  return { id, tunnel, connectors, pool };
}

/** Services that a route of one of our tunnels leads to, and the way to the first of them. */
async function lookAtServices({
  vendors,
  policy,
}: DoctorTools): Promise<Pick<DoctorFacts, "services" | "resolved" | "origin">> {
  const [listed, ...configs] = await Promise.all([
    look(() => vendors.cloudRun.listServices()),
    ...eachTunnel(policy).map(({ id }) => look(() => vendors.tunnels.readConfig(id))),
  ]);
  if (!listed.ok) {
    const services = [{ key: "Cloud Run", service: listed }];
    return { services, resolved: listed, origin: listed };
  }
  const hosts = new Set(configs.flatMap((config) => (config.ok ? hostsIn(config.value) : [])));
  const exposed = listed.value.filter(({ url }) => url && hosts.has(new URL(url).host));
  const services = await Promise.all(
    exposed.slice(0, MOST_SERVICES).map(async (service) => ({
      key: serviceKey(service),
      service: await look(() => vendors.cloudRun.describe(service)),
    })),
  );
  return { services, ...(await lookAtOrigin(vendors, exposed[0] ?? listed.value.find(isReachable))) };
}

function hostsIn({ rules }: TunnelConfig): string[] {
  return rules.flatMap(({ service }) => URL.parse(service)?.host ?? []);
}

function isReachable({ url, ingress, defaultUrlDisabled }: CloudRunService): boolean {
  return url !== null && ingress !== "none" && !defaultUrlDisabled;
}

async function lookAtOrigin(
  { runApp }: DoctorTools["vendors"],
  service: CloudRunService | undefined,
): Promise<Pick<DoctorFacts, "resolved" | "origin">> {
  if (!service?.url) return { resolved: null, origin: null };
  const { host } = new URL(service.url);
  const [addresses, answer] = await Promise.all([
    look(() => runApp.resolve(host)),
    look(() => runApp.ask(host)),
  ]);
  return {
    resolved: addresses.ok ? { ok: true, value: { host, addresses: addresses.value } } : addresses,
    origin: answer.ok ? { ok: true, value: { host, ...answer.value } } : answer,
  };
}

async function lookAtClocks(config: Config): Promise<Looked<ClockSkew>[]> {
  const clocks: [against: string, url: string][] = [
    ["Slack", config.slack.apiUrl ?? "https://slack.com/"],
    ["Cloudflare", config.cloudflare.baseUrl ?? "https://api.cloudflare.com/client/v4"],
  ];
  return await Promise.all(
    clocks.map(([against, url]) =>
      look(async () => ({ against, aheadMs: await aheadOf(url, CLOCK_MS) }), CLOCK_MS),
    ),
  );
}

/** What is refused, or does not answer in time, is told as a finding and keeps nothing else from being looked at. */
async function look<T>(read: () => Promise<T>, limitMs = LOOK_MS): Promise<Looked<T>> {
  const because = `No answer within ${Math.round(limitMs / 1000)} s. Check the network, and try again in a minute.`;
  const looking = read().then(
    (value): Looked<T> => ({ ok: true, value }),
    (error: unknown): Looked<T> => {
      if (!isServiceFailure(error) && !(error instanceof StoreUnusable)) throw error;
      return { ok: false, because: error.message };
    },
  );
  return await inTime(looking, limitMs, () => ({ ok: false, because }));
}
