// Ingress rules: how the API checks a configuration document, how cloudflared checks it once more, and which rule takes
// a request. https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/do-more-with-tunnels/local-management/configuration-file/
import { durationMs } from "./access-tokens.ts";
import { isObject, type Json, objects } from "./state.ts";

export type AccessLock = { required?: boolean; teamName?: string; audTag?: string[] };
export type Rule = {
  hostname?: string;
  path?: string;
  service?: string;
  originRequest?: Json & { access?: AccessLock };
};

export function rulesOf(config: Json | null): Rule[] {
  return config ? (objects(config.ingress) as Rule[]) : [];
}

/** The API's own check: null, or why the document is refused. */
export function refuseDocument(config: unknown): string | null {
  if (!isObject(config)) return "Validation failed: config must be an object";
  const given = config.ingress;
  if (given !== undefined && (!Array.isArray(given) || given.length !== objects(given).length)) {
    return "Validation failed: ingress must be a list of rules";
  }
  const rules = rulesOf(config);
  const last = rules.at(-1);
  if (!last) return "Validation failed: at least one ingress rule is needed";
  if (matchesAll(last.hostname) === false || last.path) {
    return "Validation failed: The last ingress rule must match all URLs (i.e. it should not have a hostname or path filter)";
  }
  for (const [index, rule] of rules.entries()) {
    if (typeof rule.service !== "string" || rule.service === "")
      return `Validation failed: Rule #${index + 1} has no service`;
    if (index < rules.length - 1 && matchesAll(rule.hostname) && !rule.path) {
      return `Validation failed: Rule #${index + 1} is matching the hostname '${rule.hostname ?? ""}', but this will match every hostname, meaning the rules which follow it will never be triggered.`;
    }
  }
  return null;
}

/** cloudflared's check: one bad rule and it keeps the whole older document. */
export function refuseAsConnector(config: Json | null): string | null {
  for (const [index, rule] of rulesOf(config).entries()) {
    const because =
      badHostname(rule.hostname) ?? badPath(rule.path) ?? badService(rule.service ?? "") ?? badTimes(rule);
    if (because) return `Rule #${index + 1}: ${because}`;
  }
  return refuseDocument(config ?? {});
}

function badHostname(hostname = ""): string | null {
  if (hostname.includes(":")) return "Hostname cannot contain a port";
  const stars = hostname.split("*").length - 1;
  if (stars > 1 || (stars === 1 && hostname !== "*" && !hostname.startsWith("*."))) {
    return "Hostname patterns can have at most one wildcard character and it can only be used for subdomains";
  }
  return null;
}

function badPath(path = ""): string | null {
  try {
    goExpression(path);
    return null;
  } catch {
    return "has an invalid regex";
  }
}

/** A Go expression in JavaScript's spelling: flags may stand anywhere in it. `U` changes what a match holds, not whether
 *  there is one. https://github.com/google/re2/wiki/Syntax */
function goExpression(source: string): RegExp {
  const flags = [...source.matchAll(/\(\?([imsU]+)\)/g)].flatMap(([, given = ""]) => [...given]);
  const known = [...new Set(flags)].filter((each) => each !== "U").join("");
  return new RegExp(source.replace(/\(\?[imsU]+\)/g, "").replaceAll("(?P<", "(?<"), known);
}

function badService(service: string): string | null {
  if (/^(hello_world|hello-world|bastion|socks-proxy)$/.test(service) || /^unix(\+tls)?:/.test(service))
    return null;
  const status = /^http_status:(.*)$/.exec(service);
  if (status) return /^[1-9]\d\d$/.test(status[1] ?? "") ? null : "invalid HTTP status code";
  if (!URL.canParse(service))
    return `${service} is an invalid address, please make sure it has a scheme and a hostname`;
  const { pathname, hostname } = new URL(service);
  if (!hostname) return `${service} is an invalid address, please make sure it has a scheme and a hostname`;
  return pathname.length > 1 ? "has a path; paths are not supported in a service address" : null;
}

/** The API sends times as numbers of seconds; a text cannot be read. */
function badTimes(rule: Rule): string | null {
  const request: Json = rule.originRequest ?? {};
  for (const key of ["connectTimeout", "tlsTimeout", "tcpKeepAlive", "keepAliveTimeout"]) {
    const value = request[key];
    if (value !== undefined && typeof value !== "number" && durationMs(value) === null)
      return `cannot read ${key}`;
  }
  return null;
}

function matchesAll(hostname: string | undefined): boolean {
  return hostname === undefined || hostname === "" || hostname === "*";
}

/** A wildcard of a rule covers any depth, unlike one of Access. */
function ruleCoversHost(rule: Rule, hostname: string): boolean {
  const pattern = (rule.hostname ?? "").toLowerCase();
  if (matchesAll(pattern)) return true;
  return pattern.startsWith("*.") ? hostname.endsWith(pattern.slice(1)) : pattern === hostname;
}

/** The first rule that fits wins. A path is an unanchored regular expression. */
export function ruleFor(config: Json, hostname: string, path: string): Rule | null {
  return (
    rulesOf(config).find(
      (rule) => ruleCoversHost(rule, hostname) && (!rule.path || goExpression(rule.path).test(path)),
    ) ?? null
  );
}

export type RouteChange = {
  hostname: string;
  what: "route added" | "route changed" | "route removed";
  detail: string;
};

/** Which hostnames' rules differ between two documents, and how. */
export function routeChanges(before: Json | null, after: Json | null): RouteChange[] {
  const older = byHostname(before);
  const newer = byHostname(after);
  const hostnames = [...new Set([...older.keys(), ...newer.keys()])];
  return hostnames.flatMap((hostname): RouteChange[] => {
    const was = older.get(hostname);
    const is = newer.get(hostname);
    if (was === is) return [];
    const what = was === undefined ? "route added" : is === undefined ? "route removed" : "route changed";
    return [{ hostname, what, detail: is ?? was ?? "" }];
  });
}

function byHostname(config: Json | null): Map<string, string> {
  const found = new Map<string, string>();
  for (const rule of rulesOf(config)) {
    if (matchesAll(rule.hostname)) continue;
    const hostname = (rule.hostname ?? "").toLowerCase();
    found.set(hostname, [found.get(hostname), JSON.stringify(rule)].filter(Boolean).join(" "));
  }
  return found;
}
