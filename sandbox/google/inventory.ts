// The Cloud Run services of the sandbox: seeded, changed by others' hands, and looked up by name or by host.
import { createHash } from "node:crypto";
import type { SandboxClock, Seed } from "../contract.ts";
import { deterministicHost, hashedHost, type Projects } from "./projects.ts";

export type SeedService = Seed["google"]["services"][number];

export type ServiceRecord = {
  service: SeedService;
  /** `projects/P/locations/R/services/N`. */
  fullName: string;
  uid: string;
  generation: number;
  createdAt: Date;
  updatedAt: Date;
};

export type Inventory = {
  /** Newest first, as the API lists them. */
  all(): ServiceRecord[];
  find(fullName: string): ServiceRecord | undefined;
  findByHost(host: string): ServiceRecord | undefined;
  set(name: string, change: Partial<SeedService>): void;
  remove(name: string): void;
};

const DAY = 24 * 60 * 60 * 1000;

export function createInventory(seed: SeedService[], clock: SandboxClock, projects: Projects): Inventory {
  const records = new Map<string, ServiceRecord>();

  function put(service: SeedService, createdAt: Date): void {
    const fullName = fullNameOf(service);
    if (records.has(fullName)) throw new Error(`the service ${fullName} is there already`);
    projects.add(service.project);
    projects.checkRegion(service.region);
    const uid = uuidOf(`${fullName} ${createdAt.toISOString()}`);
    records.set(fullName, { service, fullName, uid, generation: 1, createdAt, updatedAt: createdAt });
  }

  const start = clock.now().getTime();
  for (const [index, service] of seed.entries()) put({ ...service }, new Date(start - (index + 1) * DAY));

  function set(name: string, change: Partial<SeedService>): void {
    const found = only([...records.values()], name);
    if (found) {
      const service = { ...found.service, ...change };
      if (fullNameOf(service) !== found.fullName)
        throw new Error("a service keeps its project, region and name");
      records.set(found.fullName, {
        ...found,
        service,
        generation: found.generation + 1,
        updatedAt: clock.now(),
      });
      return;
    }
    const { project, region } = change;
    if (!project || !region) throw new Error(`no service ${name}: give project and region to make one`);
    put({ ...change, project, region, name: change.name ?? name }, clock.now());
  }

  return {
    all: () =>
      [...records.values()].sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime()),
    find: (fullName) => records.get(fullName),
    findByHost: (host) => [...records.values()].find((record) => hostsOf(record.service).includes(host)),
    set,
    remove(name) {
      const found = only([...records.values()], name);
      if (!found) throw new Error(`no service ${name}`);
      records.delete(found.fullName);
    },
  };
}

function fullNameOf(service: { project: string; region: string; name: string }): string {
  return `projects/${service.project}/locations/${service.region}/services/${service.name}`;
}

/** The host that can be told beforehand, then the older one. */
export function hostsOf({ project, region, name }: SeedService): [string, string] {
  return [deterministicHost(project, region, name), hashedHost(project, region, name)];
}

/** A service by its bare name, where only one has it, by `project/region/name` or by its full name. */
function only(records: ServiceRecord[], name: string): ServiceRecord | undefined {
  const matches = records.filter(
    ({ service, fullName }) =>
      name === service.name ||
      name === fullName ||
      name === `${service.project}/${service.region}/${service.name}`,
  );
  if (matches.length > 1) throw new Error(`${name} is ambiguous: give project/region/name`);
  return matches[0];
}

/** A UUID that follows from the text. */
export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
