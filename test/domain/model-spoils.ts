// What can be wrong with an application, and what belongs to others.
import type { Application, DnsRecord, Rule } from "../../src/domain/observed.ts";
import { allow, rawRoute, type World, ZONE_ID } from "./model-world.ts";

export const WEAKNESSES = [
  "bypass",
  "everyone",
  "public-path",
  "options-bypass",
  "more-destinations",
  "login-methods",
  "not-self-hosted",
  "no-policies",
  "long-session",
  "warp-login",
  "cross-site-cookie",
] as const;

export type Weakness = (typeof WEAKNESSES)[number];

export function spoil(weakness: Weakness, ideal: Application): Application {
  const policy = ideal.policies[0]!;
  switch (weakness) {
    case "bypass":
      return {
        ...ideal,
        policies: [policy, { ...policy, decision: "bypass", include: [{ kind: "everyone" }] }],
      };
    case "everyone":
      return { ...ideal, policies: [{ ...policy, include: [...policy.include, { kind: "everyone" }] }] };
    case "public-path":
      return { ...ideal, publicPaths: ["/metrics"] };
    case "options-bypass":
      return { ...ideal, optionsBypass: true };
    case "more-destinations":
      return { ...ideal, destinations: [...ideal.destinations, "aside.lakeside.example"] };
    case "login-methods":
      return { ...ideal, loginMethods: ["one-time-pin"] };
    case "not-self-hosted":
      return { ...ideal, selfHosted: false };
    case "no-policies":
      return { ...ideal, policies: [] };
    case "long-session":
      return { ...ideal, sessionMinutes: 24 * 60 };
    case "warp-login":
      return { ...ideal, warpLogin: true };
    case "cross-site-cookie":
      return { ...ideal, crossSiteCookie: true };
  }
}

export function foreignApplication(
  destination: string,
  name: string,
  decision: "allow" | "bypass" = "allow",
): Application {
  const people = { name, emailDomains: ["lakeside.example"], emails: [], accessGroups: [] };
  return {
    id: `foreign-${name}`,
    aud: `foreign-aud-${name}`,
    name,
    selfHosted: true,
    destinations: [destination],
    publicPaths: [],
    optionsBypass: false,
    policies: [{ ...allow({ ...people, idpGroups: [], loginMethods: [] }), decision }],
    sessionMinutes: 60,
    loginMethods: [],
    warpLogin: false,
    crossSiteCookie: true,
    mark: null,
  };
}

export function foreignRecord(name: string): DnsRecord {
  return {
    id: `foreign-${name}`,
    zoneId: ZONE_ID,
    name,
    type: "A",
    content: "192.0.2.1",
    proxied: true,
    comment: "",
    mark: null,
  };
}

export const OBSTRUCTIONS = [
  "exact-route",
  "exact-status",
  "path-route",
  "wildcard-above",
  "wildcard-below",
  "path-bypass",
  "beside-path",
  "wildcard-application",
  "exact-application",
] as const;

export type Obstruction = (typeof OBSTRUCTIONS)[number];

/** The rules of a document, by where they stand to ours. */
export type Parts = { above: Rule["raw"][]; ours: Rule["raw"][]; below: Rule["raw"][] };

export function obstruct(world: World, parts: Parts, inTheWay: Obstruction, hostname: string): void {
  const beside = `*${hostname.slice(hostname.indexOf("."))}`;
  const application = (destination: string, bypass: boolean) =>
    world.applications.push(foreignApplication(destination, destination, bypass ? "bypass" : "allow"));
  if (inTheWay === "exact-route") parts.above.push(rawRoute(hostname, "http://theirs:80", null));
  if (inTheWay === "exact-status") parts.below.push({ hostname, service: "http_status:503" });
  if (inTheWay === "path-route") parts.above.push({ hostname, path: "^/docs", service: "http://docs:80" });
  if (inTheWay === "wildcard-above") parts.above.push(rawRoute(beside, "http://any:80", null));
  if (inTheWay === "wildcard-below") parts.below.push(rawRoute(beside, "http://any:80", null));
  if (inTheWay === "path-bypass") application(`${hostname}/health`, true);
  if (inTheWay === "beside-path") application(`${beside}/hook`, true);
  if (inTheWay === "wildcard-application") application(beside, false);
  if (inTheWay === "exact-application") application(hostname, false);
}
