// Cloud Run's Services and Revisions APIs (google.cloud.run.v2), reading side.
import { grpc } from "google-gax";
import { hostsOf, type Inventory, type ServiceRecord, uuidOf } from "./inventory.ts";
import { page } from "./paging.ts";
import type { Projects } from "./projects.ts";
import { type Message, runProtos, timestamp } from "./protos.ts";
import { type Api, RpcError } from "./rpc.ts";

const INGRESS = {
  all: "INGRESS_TRAFFIC_ALL",
  internal: "INGRESS_TRAFFIC_INTERNAL_ONLY",
  "internal-and-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
  none: "INGRESS_TRAFFIC_NONE",
} as const;

/** What the bot's service account may do: roles/run.viewer, whose permissions TestIamPermissions answers from. */
const GRANTED = new Set([
  "run.services.get",
  "run.services.list",
  "run.services.getIamPolicy",
  "run.revisions.get",
  "run.revisions.list",
  "run.workerpools.get",
  "run.workerpools.list",
  "run.operations.get",
  "run.locations.list",
]);

export function servicesApi(inventory: Inventory, projects: Projects): Api {
  function find(name: unknown): ServiceRecord {
    const fullName = canonical(String(name), projects, "services");
    const record = inventory.find(fullName);
    if (!record) throw new RpcError(grpc.status.NOT_FOUND, `Resource '${shortName(fullName)}' was not found`);
    return record;
  }
  return {
    root: runProtos,
    service: "google.cloud.run.v2.Services",
    handlers: {
      ListServices(request) {
        const { project, region } = parentOf(request.parent, projects);
        const here = inventory
          .all()
          .filter(({ service }) => service.project === project && service.region === region);
        const { items, nextPageToken } = page(request, here);
        return { services: items.map(serviceMessage), nextPageToken };
      },
      GetService: (request) => serviceMessage(find(request.name)),
      GetIamPolicy: (request) => policyMessage(find(request.resource)),
      TestIamPermissions(request) {
        find(request.resource);
        return granted(request);
      },
    },
  };
}

export function revisionsApi(
  inventory: Inventory,
  pools: { revisions(name: string): Message[] | null },
  projects: Projects,
): Api {
  /** Newest first. `parent` is a service or a worker pool. */
  function revisionsOf(parent: string): Message[] {
    const collection = parent.includes("/workerPools/") ? "workerPools" : "services";
    const fullName = canonical(parent, projects, collection);
    const found = collection === "services" ? ofService(inventory.find(fullName)) : pools.revisions(fullName);
    if (found) return found;
    throw new RpcError(grpc.status.NOT_FOUND, `Resource '${shortName(fullName)}' was not found`);
  }
  return {
    root: runProtos,
    service: "google.cloud.run.v2.Revisions",
    handlers: {
      ListRevisions(request) {
        const { items, nextPageToken } = page(request, revisionsOf(String(request.parent)));
        return { revisions: items, nextPageToken };
      },
      GetRevision(request) {
        const [parent = "", revision = ""] = String(request.name).split("/revisions/");
        const found = revisionsOf(parent).find((each) => shortName(String(each.name)) === revision);
        if (!found) throw new RpcError(grpc.status.NOT_FOUND, `Resource '${revision}' was not found`);
        return found;
      },
    },
  };
}

function ofService(record: ServiceRecord | undefined): Message[] | null {
  if (!record) return null;
  return Array.from({ length: record.generation }, (_, index) =>
    revisionMessage(record, record.generation - index),
  );
}

/** Of the permissions that are asked about, those that the bot has. */
export function granted(request: Message): Message {
  const permissions = (request.permissions ?? []) as string[];
  return { permissions: permissions.filter((each) => GRANTED.has(each)) };
}

/** `projects/P/locations/R`, with the project by id. */
export function parentOf(
  parent: unknown,
  projects: Projects,
): { project: string; region: string; parent: string } {
  const match = /^projects\/([^/]+)\/locations\/([^/]+)$/.exec(String(parent));
  if (!match) throw new RpcError(grpc.status.INVALID_ARGUMENT, `Invalid parent: '${parent}'.`);
  const project = projects.idOf(match[1]!);
  const region = match[2]!;
  projects.checkRegion(region);
  return { project, region, parent: `projects/${project}/locations/${region}` };
}

/** A resource's name with its project by id; callers may give the number. */
export function canonical(name: string, projects: Projects, collection: string): string {
  const match = new RegExp(`^(projects/[^/]+/locations/[^/]+)/${collection}/([^/]+)$`).exec(name);
  if (!match) throw new RpcError(grpc.status.INVALID_ARGUMENT, `Invalid resource name: '${name}'.`);
  return `${parentOf(match[1], projects).parent}/${collection}/${match[2]}`;
}

export function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf("/") + 1);
}

export function ready(at: Date): Message {
  return { type: "Ready", state: "CONDITION_SUCCEEDED", lastTransitionTime: timestamp(at) };
}

export function revisionName(name: string, generation: number): string {
  return `${name}-${String(generation).padStart(5, "0")}-${uuidOf(`${name} ${generation}`).slice(0, 3)}`;
}

function serviceMessage({
  service,
  fullName,
  uid,
  generation,
  createdAt,
  updatedAt,
}: ServiceRecord): Message {
  const urls = service.defaultUriDisabled ? [] : hostsOf(service).map((host) => `https://${host}`);
  const revision = `${fullName}/revisions/${revisionName(service.name, generation)}`;
  return {
    name: fullName,
    description: service.description ?? "",
    uid,
    generation,
    observedGeneration: generation,
    labels: service.labels ?? {},
    createTime: timestamp(createdAt),
    updateTime: timestamp(updatedAt),
    launchStage: "GA",
    ingress: INGRESS[service.ingress ?? "all"],
    invokerIamDisabled: service.invokerIamDisabled ?? false,
    iapEnabled: service.iapEnabled ?? false,
    defaultUriDisabled: service.defaultUriDisabled ?? false,
    template: { containers: [{ image: imageOf(service) }] },
    traffic: [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 }],
    terminalCondition: ready(updatedAt),
    latestReadyRevision: revision,
    latestCreatedRevision: revision,
    urls,
    uri: urls.at(-1) ?? "",
    etag: `"${uuidOf(`${uid} ${generation}`)}"`,
  };
}

function revisionMessage(
  { service, fullName, createdAt, updatedAt }: ServiceRecord,
  generation: number,
): Message {
  return {
    name: `${fullName}/revisions/${revisionName(service.name, generation)}`,
    service: service.name,
    generation,
    createTime: timestamp(generation === 1 ? createdAt : updatedAt),
    containers: [{ image: imageOf(service) }],
    conditions: [ready(updatedAt)],
  };
}

function policyMessage({ service, uid, generation }: ServiceRecord): Message {
  const everyone = service.publicInvoker && !service.invokerIamDisabled;
  return {
    version: 1,
    etag: Buffer.from(`${uid} ${generation}`),
    bindings: everyone ? [{ role: "roles/run.invoker", members: ["allUsers"] }] : [],
  };
}

function imageOf({ project, region, name }: ServiceRecord["service"]): string {
  return `${region}-docker.pkg.dev/${project}/services/${name}:latest`;
}
