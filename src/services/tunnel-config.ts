// A tunnel's configuration document, without any I/O: read it, merge routes of ours into it, judge it by cloudflared's
// rules, compare two of them. Everything that is not ours stays as it is.
import { coversHost } from "../domain/matching.ts";
import type { Lock, Route, Rule, TunnelConfig } from "../domain/observed.ts";
import { isRecord } from "./json.ts";

export type ConfigDocument = Readonly<Record<string, unknown>>;

/** What goes into a document and out of it. */
export type Merge = { add: Route[]; remove: (rule: Rule) => boolean };

const CATCH_ALL = { service: "http_status:404" };

/** The result of `GET …/configurations`; null when it is not one. A tunnel that was never configured has no document. */
export function parseConfig(result: unknown): TunnelConfig | null {
  if (!isRecord(result) || typeof result.version !== "number") return null;
  const raw = result.config ?? {};
  if (!isRecord(raw)) return null;
  const ingress = raw.ingress ?? [];
  if (!Array.isArray(ingress) || !ingress.every(isRule)) return null;
  // Whoever wrote a document wrote a catch-all with its rules: one that was emptied on its way is not believed.
  const emptied = raw.ingress ? ingress.length === 0 : Object.keys(raw).length === 0;
  if (emptied && result.version > 0) return null;
  return { version: result.version, rules: ingress.map(parseRule), raw };
}

/** The rule of a route. It names whole hostnames only: a rule's path is a regular expression and Access's is a glob. */
export function ruleOf(route: Route): Rule["raw"] {
  return {
    hostname: route.hostname,
    service: route.service,
    originRequest: {
      httpHostHeader: route.hostHeader,
      originServerName: route.hostHeader,
      // The second lock. cloudflared ignores a global one: it has to stand on the rule.
      // https://github.com/cloudflare/cloudflared/issues/784
      access: {
        required: route.lock.required,
        teamName: route.lock.teamName,
        audTag: [...route.lock.audTag],
      },
    },
  };
}

/** Our exact hostnames go to the top, where no wildcard is above them; the rest keeps its order and its letters. */
export function mergeRoutes(config: TunnelConfig, merge: Merge): ConfigDocument {
  const kept = config.rules.filter((rule) => isCatchAll(rule.raw) || !merge.remove(rule));
  const standing = kept.filter((rule, index) => !isShadowed(rule, kept.slice(0, index)));
  const missing = merge.add
    .filter((route) => !standing.some((rule) => isRuleOf(rule, route)))
    .filter((route, index, all) => all.findIndex((each) => each.hostname === route.hostname) === index);
  // One that stands too low moves up instead of standing twice.
  const rest = kept.filter((rule) => !missing.some((route) => isRuleOf(rule, route)));
  const ingress = [...missing.map(ruleOf), ...rest.map((rule) => rule.raw)];
  return { ...config.raw, ingress: ingress.some(isCatchAll) ? ingress : [...ingress, CATCH_ALL] };
}

/** Hostnames to be added for which somebody else's rule stands in the document: ours would take its requests away. */
export function clashesOf(config: TunnelConfig, merge: Merge): string[] {
  const staying = config.rules.filter((rule) => !merge.remove(rule));
  const isTaken = (route: Route) =>
    staying.some((rule) => rule.hostname === route.hostname && !isRuleOf(rule, route));
  return merge.add.filter(isTaken).map((route) => route.hostname);
}

/** Whether a rule is this route, whatever else the API wrote into it. */
export function isRuleOf(rule: Rule, route: Route): boolean {
  return (
    rule.hostname === route.hostname &&
    rule.path === null &&
    rule.service === route.service &&
    rule.hostHeader === route.hostHeader &&
    isSame(rule.lock, route.lock)
  );
}

/** What differs between the document as it was written and as it was read afterwards; null when nothing does. Routes of
 *  ours are compared by what they mean, everything else to the letter. */
export function differenceOf(written: ConfigDocument, read: TunnelConfig, ours: Route[]): string | null {
  const absent = ours.find((route) => !read.rules.some((rule) => isRuleOf(rule, route)));
  if (absent) return `the route for ${absent.hostname} is not there`;
  const others = (rules: Rule[]) =>
    rules.filter((rule) => !ours.some((route) => isRuleOf(rule, route))).map((rule) => rule.raw);
  const expected = parseConfig({ version: read.version, config: written });
  if (!expected || !isSame(others(expected.rules), others(read.rules))) return "other rules of it differ";
  const settings = (document: ConfigDocument) => ({ ...byWriters(document), ingress: null });
  return isSame(settings(written), settings(read.raw)) ? null : "its settings differ";
}

/** What stands in a document by somebody's writing. `warp-routing` is Cloudflare's own word on whether a private network has a
 *  route to the tunnel: the API takes none, and fills it in.
 *  https://developers.cloudflare.com/api/resources/zero_trust/subresources/tunnels/subresources/cloudflared/subresources/configurations/ */
export function byWriters(document: ConfigDocument): ConfigDocument {
  return { ...document, "warp-routing": null };
}

/** What cloudflared would refuse, except for rules that `stood` there before. One bad rule is enough for it to keep the whole
 *  older document.
 *  https://github.com/cloudflare/cloudflared/blob/master/ingress/ingress.go */
export function validateConfig(document: ConfigDocument, stood: ReadonlySet<unknown> = new Set()): string[] {
  const ingress = document.ingress;
  if (!Array.isArray(ingress) || ingress.length === 0) return ["there is no ingress rule"];
  const last = ingress.length - 1;
  const problems = ingress.flatMap((raw: unknown, index) => {
    if (stood.has(raw)) return [];
    if (!isRule(raw)) return [`rule ${index + 1} is not an object`];
    return ruleProblems(parseRule(raw), index === last).map((problem) => `rule ${index + 1}: ${problem}`);
  });
  const ends = isCatchAll(ingress[last]) || stood.has(ingress[last]);
  return ends ? problems : [...problems, "the last rule has a hostname or a path"];
}

function ruleProblems(rule: Rule, isLast: boolean): string[] {
  const everything = (rule.hostname === null || rule.hostname === "*") && rule.path === null;
  const checks: [boolean, string][] = [
    [rule.hostname !== null && !isHostPattern(rule.hostname), `${rule.hostname} is not a hostname`],
    [!isService(rule.service), `${rule.service || "an empty service"} is not a service`],
    [everything && !isLast, "it takes every request, so that the rules below it never do"],
  ];
  return checks.filter(([wrong]) => wrong).map(([, problem]) => problem);
}

function isHostPattern(hostname: string): boolean {
  if (hostname === "*") return true;
  const name = hostname.startsWith("*.") ? hostname.slice(2) : hostname;
  return name.length <= 253 && name.split(".").every((label) => /^[^\s*:/.]{1,63}$/u.test(label));
}

function isService(service: string): boolean {
  if (/^http_status:[1-9]\d\d$/.test(service)) return true;
  if (["hello_world", "hello-world", "bastion", "socks-proxy"].includes(service)) return true;
  if (/^unix(\+tls)?:./.test(service)) return true;
  // Not even a slash may follow the host.
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+$/i.test(service) && URL.canParse(service);
}

/** Whether two documents, or parts of them, mean the same: the API leaves out or adds what is empty, and orders keys as it
 *  likes. */
export function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(canonical(left)) === JSON.stringify(canonical(right));
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => canonical(each) ?? null);
  if (!isRecord(value)) return value === null || value === "" ? undefined : value;
  const entries = Object.entries(value)
    .map(([key, each]) => [key, canonical(each)] as const)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isShadowed(rule: Rule, above: Rule[]): boolean {
  const { hostname } = rule;
  return (
    hostname !== null &&
    above.some((each) => each.hostname !== hostname && coversHost(each.hostname, hostname))
  );
}

function isCatchAll(raw: unknown): boolean {
  if (!isRule(raw)) return false;
  const rule = parseRule(raw);
  return (rule.hostname === null || rule.hostname === "*") && rule.path === null;
}

function isRule(value: unknown): value is Rule["raw"] {
  return isRecord(value);
}

function parseRule(raw: Rule["raw"]): Rule {
  const request = isRecord(raw.originRequest) ? raw.originRequest : {};
  return {
    hostname: textOf(raw.hostname)?.toLowerCase() ?? null,
    path: textOf(raw.path),
    service: textOf(raw.service) ?? "",
    hostHeader: textOf(request.httpHostHeader),
    lock: parseLock(request.access),
    raw,
  };
}

function parseLock(access: unknown): Lock | null {
  if (!isRecord(access)) return null;
  const audTag = Array.isArray(access.audTag) ? access.audTag : [];
  return {
    required: access.required === true,
    teamName: textOf(access.teamName) ?? "",
    audTag: audTag.filter((each): each is string => typeof each === "string"),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
