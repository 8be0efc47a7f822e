// A Cloud Run service as the rules see it.

export type ServiceRef = { project: string; region: string; name: string };

export type Ingress = "all" | "internal" | "internal-and-load-balancing" | "none";

/** Who Cloud Run itself lets call the service: `check-off` when the invoker IAM check is disabled, `everyone` when
 *  allUsers holds the invoker role, `signed-only` when callers need an identity token (cloudflared cannot sign), `iap` when
 *  Identity-Aware Proxy asks each for a log-in of its own, and `unknown` when the bot may not read the policy. */
export type Invoker = "check-off" | "everyone" | "signed-only" | "iap" | "unknown";

export type CloudRunService = ServiceRef & {
  /** `https://….run.app`, or null where Cloud Run gave no URL. */
  url: string | null;
  ingress: Ingress;
  invoker: Invoker;
  defaultUrlDisabled: boolean;
  description: string;
};

/** Why no tunnel could lead to this service. One that wants signed requests only warns: a sidecar may sign them. */
export function unreachable(service: CloudRunService): "ingress-none" | "url-disabled" | "no-url" | null {
  if (service.ingress === "none") return "ingress-none";
  if (service.defaultUrlDisabled) return "url-disabled";
  return service.url === null ? "no-url" : null;
}

/** Open to the world at its own address, whatever Access says. */
export function isPublic({ ingress, invoker, defaultUrlDisabled }: CloudRunService): boolean {
  return ingress === "all" && (invoker === "check-off" || invoker === "everyone") && !defaultUrlDisabled;
}

/** What became of a service since it was approved. `moved`: it answers at another address; `public`: it was not before. */
export type ServiceChange = "gone" | "ingress-none" | "url-disabled" | "no-url" | "moved" | "public";

/** `now` is null where there is no such service any more. */
export function changeOf(approved: CloudRunService, now: CloudRunService | null): ServiceChange | null {
  if (now === null) return "gone";
  const shut = unreachable(now);
  if (shut) return shut;
  if (now.url !== approved.url) return "moved";
  return isPublic(now) && !isPublic(approved) ? "public" : null;
}

/** The rest stands in the service's policy alone. */
const IN_LISTS = new Map<Invoker, string>([
  ["check-off", "check-off"],
  ["iap", "iap"],
]);

/** Whether Cloud Run says the same of it as far as a list tells. */
export function looksSame(left: CloudRunService, right: CloudRunService): boolean {
  const facts = (each: CloudRunService) =>
    JSON.stringify([each.url, each.ingress, each.defaultUrlDisabled, IN_LISTS.get(each.invoker)]);
  return facts(left) === facts(right);
}

/** `project/region/name`: the key of a service in forms, policy and the store. */
export function serviceKey(ref: ServiceRef): string {
  return `${ref.project}/${ref.region}/${ref.name}`;
}

/** The reverse of serviceKey, or null where the text is not such a key. */
export function parseServiceKey(key: string): ServiceRef | null {
  const [project, region, name, ...rest] = key.split("/");
  if (!project || !region || !name || rest.length > 0) return null;
  return { project, region, name };
}
