// Finds routes in a tunnel's configuration that Google's front end cannot place.

type OriginRequest = { httpHostHeader?: unknown };
type Ingress = { service?: unknown; hostname?: unknown; originRequest?: OriginRequest };

/** Google's front end picks the Cloud Run service by Host, so a route to `run.app` must set it. */
export function lacksHostHeader(config: string): boolean {
  if (!config.includes(".run.app")) return false;
  try {
    const document = JSON.parse(config) as { ingress?: Ingress[]; originRequest?: OriginRequest };
    const general = document.originRequest?.httpHostHeader;
    return (document.ingress ?? []).some(
      ({ service, originRequest }) =>
        typeof service === "string" &&
        /^https?:\/\/[^/:]+\.run\.app(:\d+)?\/?$/.test(service) &&
        !(originRequest?.httpHostHeader || general),
    );
  } catch {
    return false;
  }
}
