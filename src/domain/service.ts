// A Cloud Run service as the rules see it.

export type ServiceRef = { project: string; region: string; name: string };

export type Ingress = "all" | "internal" | "internal-and-load-balancing" | "none";

/** Who Cloud Run itself lets call the service: `check-off` when the invoker IAM check is disabled, `everyone` when
 *  allUsers holds the invoker role, `signed-only` when callers need an identity token (cloudflared cannot sign), and
 *  `unknown` when the bot may not read the policy. */
export type Invoker = "check-off" | "everyone" | "signed-only" | "unknown";

export type CloudRunService = ServiceRef & {
  /** `https://….run.app`, or null where Cloud Run gave no URL. */
  url: string | null;
  ingress: Ingress;
  invoker: Invoker;
  defaultUrlDisabled: boolean;
  description: string;
  updatedAt: Date | null;
};

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
