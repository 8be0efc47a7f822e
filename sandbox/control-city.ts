// What the control address remembers of the world around Slack: every hostname ever seen, who visited what, and
// Cloudflare's state in the page's own words.
import type { CloudflareEmulator, Seed, Visit } from "./contract.ts";
import type { PageApplication, PageHost, PageRecord, PageState, PageTunnel } from "./page/state.ts";

export type CityRecord = {
  hosts(): PageHost[];
  tunnels(): PageTunnel[];
  cloudflare(): PageState["cloudflare"];
  /** Whole configuration documents, by tunnel id. */
  configs(): Record<string, { version: number; config: Record<string, unknown> }>;
  visited(hostname: string, known: boolean, verdict: Visit["verdict"]): void;
  visits(): { hostname: string; known: boolean; verdict: Visit["verdict"] }[];
  stop(): void;
};

/** `connectors` answers how many connectors a tunnel has right now. */
export function createCityRecord(
  cloudflare: CloudflareEmulator,
  seed: Seed["cloudflare"],
  connectors: (tunnelId: string) => number,
): CityRecord {
  const seen = new Set<string>();
  const visits: { hostname: string; known: boolean; verdict: Visit["verdict"] }[] = [];
  const stop = cloudflare.onChange(({ hostname }) => {
    if (hostname) seen.add(hostname);
  });

  const city: CityRecord = {
    hosts() {
      for (const hostname of hostnamesNow(city)) seen.add(hostname);
      return [...seen].sort().map((hostname) => ({
        hostname,
        events: cloudflare.history(hostname),
        hole: cloudflare.firstHole(hostname),
      }));
    },
    tunnels: () =>
      seed.tunnels.map(({ id, name }) => {
        const { version, config } = cloudflare.tunnelConfig(id);
        return { id, name, version, connectors: connectors(id), rules: rulesOf(config) };
      }),
    cloudflare: () => ({
      applications: cloudflare.applications().map(applicationOf),
      records: seed.zones.flatMap(({ id }) => cloudflare.records(id).map((record) => recordOf(id, record))),
      tunnels: city.tunnels(),
    }),
    configs: () => Object.fromEntries(seed.tunnels.map(({ id }) => [id, cloudflare.tunnelConfig(id)])),
    visited(hostname, known, verdict) {
      seen.add(hostname);
      visits.push({ hostname, known, verdict });
    },
    visits: () => [...visits],
    stop,
  };
  return city;
}

function hostnamesNow(city: CityRecord): string[] {
  const { applications, records, tunnels } = city.cloudflare();
  const routed = tunnels.flatMap((tunnel) => tunnel.rules.map((rule) => rule.hostname));
  const named = [...applications.map((each) => each.domain), ...records.map((each) => each.name), ...routed];
  return named.map((name) => name.split("/")[0] ?? "").filter((name) => name !== "" && !name.includes("*"));
}

function rulesOf(config: Record<string, unknown>): PageTunnel["rules"] {
  const ingress = Array.isArray(config.ingress) ? (config.ingress as Record<string, unknown>[]) : [];
  return ingress.map((rule) => ({
    hostname: String(rule.hostname ?? ""),
    service: String(rule.service ?? ""),
    locked: isLocked(rule.originRequest),
  }));
}

function isLocked(originRequest: unknown): boolean {
  const access = (originRequest as { access?: { required?: boolean } } | undefined)?.access;
  return access?.required === true;
}

function applicationOf(application: Record<string, unknown>): PageApplication {
  const destinations = application.destinations as { uri?: string }[] | undefined;
  return {
    id: String(application.id),
    name: String(application.name ?? ""),
    domain: String(application.domain ?? destinations?.[0]?.uri ?? ""),
    aud: String(application.aud ?? ""),
  };
}

function recordOf(zoneId: string, record: Record<string, unknown>): PageRecord {
  return {
    id: String(record.id),
    zoneId,
    type: String(record.type),
    name: String(record.name),
    content: String(record.content),
  };
}
