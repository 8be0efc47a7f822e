// Cloud Run's services: listed for the form, described afresh before a decision rests on them.
import type { protos } from "@google-cloud/run";
import type { CloudRunService, Ingress, Invoker, ServiceRef } from "../domain/service.ts";
import { isServiceFailure, ServiceFailure } from "./failure.ts";
import { callGoogle, type GoogleClients } from "./google-clients.ts";
import { lastPart } from "./google-wire.ts";
import { remembered } from "./remembered.ts";

export type CloudRun = {
  /** All services of the configured projects and regions, at most a minute old. Where one listing fails, all fails: a
   *  part is never shown as the whole. `invoker` is known here only where the check is off, or IAP is on. */
  listServices(): Promise<CloudRunService[]>;
  /** Those of one project and region, at most a minute old. */
  listServicesIn(place: Place): Promise<CloudRunService[]>;
  /** One service as it is now, with who may invoke it. */
  describe(ref: ServiceRef): Promise<CloudRunService>;
};

export type CloudRunOptions = {
  clients: GoogleClients;
  projects: string[];
  regions: string[];
  now: () => Date;
  /** For each call. */
  timeoutMs: number;
};

type Service = protos.google.cloud.run.v2.IService;
type Place = Pick<ServiceRef, "project" | "region">;
type Listing = (place: Place) => Promise<CloudRunService[]>;

const CACHE_MS = 60_000;
const AT_ONCE = 6;
/** Google cuts down a page size that is too large. https://google.aip.dev/158 */
const PAGE = 1000;

const INGRESS = new Map<unknown, Ingress>([
  ["INGRESS_TRAFFIC_ALL", "all"],
  ["INGRESS_TRAFFIC_INTERNAL_ONLY", "internal"],
  ["INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "internal-and-load-balancing"],
]);

/** Roles that carry run.routes.invoke and can be given to allUsers. https://cloud.google.com/run/docs/reference/iam/roles */
const INVOKER_ROLES = ["roles/run.invoker", "roles/run.servicesInvoker"];

export function createCloudRun(options: CloudRunOptions): CloudRun {
  const listServicesIn = createListing(options);
  return {
    listServices: () => listAll(options, listServicesIn),
    listServicesIn,
    async describe(ref) {
      const service = toService(ref, await getService(options, ref));
      if (service.invoker !== "unknown") return service;
      return { ...service, invoker: await invokerOf(options, ref) };
    },
  };
}

/** Keeps each list for a minute. */
function createListing(options: CloudRunOptions): Listing {
  const list = remembered(
    (key) => {
      const [project = "", region = ""] = key.split("/");
      return listAt(options, { project, region });
    },
    { maxAgeMs: CACHE_MS, now: () => options.now().getTime() },
  );
  return ({ project, region }) => list(`${project}/${region}`);
}

/** ListServices takes one region at a time, no wildcard. */
async function listAll(options: CloudRunOptions, listIn: Listing): Promise<CloudRunService[]> {
  const places = options.projects.flatMap((project) =>
    options.regions.map((region) => ({ project, region })),
  );
  const found: CloudRunService[][] = [];
  const queue = places.entries();
  let failed = false;
  async function work(): Promise<void> {
    for (const [index, place] of queue) {
      if (failed) return;
      try {
        found[index] = await listIn(place);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, places.length) }, work));
  return found.flat();
}

async function listAt({ clients, timeoutMs }: CloudRunOptions, place: Place): Promise<CloudRunService[]> {
  const subject = `the Cloud Run services of ${place.project} in ${place.region}`;
  const call = {
    operation: "run.ListServices",
    subject,
    denied: `Drawbridge may not list ${subject}. Grant its service account roles/run.viewer on the project ${place.project} (run.services.list), and check that the Cloud Run Admin API is enabled there.`,
    missing: `Google knows no ${place.project} in ${place.region}. Check the configured projects and regions.`,
    timeoutMs,
  };
  const services: CloudRunService[] = [];
  let pageToken = "";
  do {
    const request = { parent: parentOf(place), pageSize: PAGE, pageToken };
    const [items, , response] = await callGoogle(clients, call, clients.services, (services, each) =>
      services.listServices(request, { ...each, autoPaginate: false }),
    );
    services.push(...items.map((item) => toService({ ...place, name: lastPart(item.name) ?? "" }, item)));
    pageToken = response?.nextPageToken ?? "";
  } while (pageToken);
  return services;
}

async function getService({ clients, timeoutMs }: CloudRunOptions, ref: ServiceRef): Promise<Service> {
  const subject = `the Cloud Run service ${ref.name} of ${ref.project} in ${ref.region}`;
  const call = {
    operation: "run.GetService",
    subject,
    denied: `Drawbridge may not read ${subject}. Grant its service account roles/run.viewer on the project ${ref.project} (run.services.get).`,
    missing: `There is no Cloud Run service ${ref.name} in ${ref.project}, ${ref.region}. It may have been deleted or renamed.`,
    timeoutMs,
  };
  const [service] = await callGoogle(clients, call, clients.services, (services, each) =>
    services.getService({ name: nameOf(ref) }, each),
  );
  if (isCurtailed(service)) {
    const message = `Google's answer about ${subject} left something out.`;
    throw new ServiceFailure({ kind: "retry", vendor: "google", operation: call.operation, message });
  }
  return service;
}

/** Every URL of a service is in its list. Without the list it would seem to have moved. */
function isCurtailed({ name, uri, urls }: Service): boolean {
  return !name || (Boolean(uri) && !urls?.length);
}

/** A policy that may not be read leaves the question open; it does not keep the rest of the service from people. */
async function invokerOf({ clients, timeoutMs }: CloudRunOptions, ref: ServiceRef): Promise<Invoker> {
  const subject = `the IAM policy of ${ref.name} in ${ref.project}`;
  const call = {
    operation: "run.GetIamPolicy",
    subject,
    denied: `Drawbridge may not read ${subject}. Grant its service account run.services.getIamPolicy.`,
    missing: `There is no Cloud Run service ${ref.name} in ${ref.project}, ${ref.region} any more.`,
    timeoutMs,
  };
  try {
    const [policy] = await callGoogle(clients, call, clients.services, (services, each) =>
      services.getIamPolicy({ resource: nameOf(ref) }, each),
    );
    const open = (policy.bindings ?? []).some(
      ({ role, members }) => INVOKER_ROLES.includes(role ?? "") && members?.includes("allUsers"),
    );
    return open ? "everyone" : "signed-only";
  } catch (error) {
    if (isServiceFailure(error) && error.kind === "denied") return "unknown";
    throw error;
  }
}

function toService(ref: ServiceRef, service: Service): CloudRunService {
  return {
    ...ref,
    url: urlOf(ref, service),
    // A new kind of ingress that this version does not know counts as closed, so that nothing is opened on a guess.
    ingress: INGRESS.get(service.ingress) ?? "none",
    invoker: listedInvoker(service),
    defaultUrlDisabled: service.defaultUriDisabled ?? false,
    description: service.description ?? "",
  };
}

/** IAP comes before the check, and asks on though that is off.
 *  https://docs.cloud.google.com/run/docs/securing/identity-aware-proxy-cloud-run */
function listedInvoker({ iapEnabled, invokerIamDisabled }: Service): Invoker {
  if (iapEnabled) return "iap";
  return invokerIamDisabled ? "check-off" : "unknown";
}

/** A service answers at several URLs. The one made of its name, project number and region stays the same for its life, so
 *  that a route to it does not look changed. https://cloud.google.com/run/docs/triggering/https-request */
function urlOf(ref: ServiceRef, service: Service): string | null {
  const steady = service.urls?.find((url) => url.endsWith(`.${ref.region}.run.app`));
  return steady ?? (service.uri || null);
}

function parentOf({ project, region }: Place): string {
  return `projects/${project}/locations/${region}`;
}

function nameOf(ref: ServiceRef): string {
  return `${parentOf(ref)}/services/${ref.name}`;
}
