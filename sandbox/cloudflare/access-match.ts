// Which Access application stands in front of a hostname and path: the most specific destination wins and nothing is
// inherited. https://developers.cloudflare.com/cloudflare-one/access-controls/policies/app-paths/
import { type Application, type Destination, objects, strings } from "./state.ts";

/** One public destination of an application, ready to be matched. */
export type Target = {
  application: Application;
  uri: string;
  host: string;
  path: string;
  publicPaths: string[];
};

/** `destinations` supersede `self_hosted_domains`, which supersede `domain`. */
export function destinationsOf(application: Application): Destination[] {
  const destinations = objects(application.body.destinations) as Destination[];
  if (destinations.length > 0) return destinations;
  const domains = strings(application.body.self_hosted_domains);
  const uris = domains.length > 0 ? domains : strings([application.body.domain]);
  return uris.map((uri) => ({ type: "public", uri }));
}

/** The public URIs of an application, as people compare them: no scheme, no trailing slash, host in lower case. */
export function publicUris(application: Application): string[] {
  return targetsOf(application).map((target) => target.uri);
}

export function targetsOf(application: Application): Target[] {
  return destinationsOf(application)
    .filter((destination) => (destination.type ?? "public") === "public" && destination.uri)
    .map((destination) => {
      const { host, path } = splitUri(destination.uri ?? "");
      const publicPaths = (destination.overrides ?? [])
        .filter((override) => override.behavior === "public")
        .flatMap((override) => override.path_pattern ?? []);
      return { application, uri: host + path, host, path, publicPaths };
    });
}

export function splitUri(uri: string): { host: string; path: string } {
  const bare = uri.replace(/^[a-z]+:\/\//i, "").replace(/\/+$/, "");
  const slash = bare.indexOf("/");
  if (slash < 0) return { host: bare.toLowerCase(), path: "" };
  return { host: bare.slice(0, slash).toLowerCase(), path: bare.slice(slash) };
}

/** A `*` stays within its label: `*.example.com` covers one level only. */
export function hostCovers(pattern: string, hostname: string): boolean {
  const wanted = pattern.split(".");
  const given = hostname.split(".");
  return (
    wanted.length === given.length && wanted.every((label, index) => labelCovers(label, given[index] ?? ""))
  );
}

function labelCovers(pattern: string, label: string): boolean {
  if (!pattern.includes("*")) return pattern === label;
  const [before = "", after = ""] = pattern.split("*");
  return (
    label.length >= before.length + after.length &&
    label.startsWith(before) &&
    label.endsWith(after) &&
    label !== ""
  );
}

/** An application's path covers what lies below it, and its `*` runs over slashes. */
export function pathCovers(pattern: string, path: string): boolean {
  return pattern === "" || new RegExp(`^${globSource(pattern)}(/.*)?$`).test(path);
}

/** An override covers no subpaths by itself. */
export function overrideCovers(pattern: string, path: string): boolean {
  const rooted = pattern.startsWith("/") ? pattern : `/${pattern}`;
  return new RegExp(`^${globSource(rooted)}$`).test(path);
}

function globSource(pattern: string): string {
  return pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
}

/** Sorts the more specific target first: an exact host, then the longer host, then the longer path. */
export function bySpecificity(a: Target, b: Target): number {
  return (
    Number(a.host.includes("*")) - Number(b.host.includes("*")) ||
    b.host.length - a.host.length ||
    literal(b.path) - literal(a.path) ||
    Number(a.path.includes("*")) - Number(b.path.includes("*"))
  );
}

function literal(path: string): number {
  return path.replaceAll("*", "").length;
}
