// Finds routes in a tunnel's configuration that Google's front end cannot place.

type OriginRequest = { httpHostHeader?: unknown };
type Ingress = { service?: unknown; hostname?: unknown; originRequest?: OriginRequest };

/** Google's front end picks the Cloud Run service by Host, so a route to `run.app` must set it. Answers the hostnames of those
 *  that do not, and the service of one for every hostname. */
export function routesWithoutHost(config: string): string[] {
  if (!config.includes(".run.app")) return [];
  try {
    const document = JSON.parse(config) as { ingress?: Ingress[]; originRequest?: OriginRequest };
    const general = document.originRequest?.httpHostHeader;
    return (document.ingress ?? []).flatMap(({ hostname, service, originRequest }) => {
      const toCloudRun =
        typeof service === "string" && /^https?:\/\/[^/:]+\.run\.app(:\d+)?\/?$/.test(service);
      if (!toCloudRun || originRequest?.httpHostHeader || general) return [];
      return [typeof hostname === "string" && hostname !== "" ? hostname : service];
    });
  } catch {
    return [];
  }
}
