// Which ingress rule of a tunnel takes a request, by cloudflared's rules: the first that fits, from the top.
import type { Rule } from "./observed.ts";

/** The rule that answers for this hostname, and for this path of it. Without a path it is asked for the whole hostname:
 *  a rule for some paths then counts when it leads to a service, and not when it only answers with a status. */
export function firstMatch(rules: Rule[], hostname: string, path?: string): Rule | null {
  return rules.find((rule) => coversHost(rule.hostname, hostname) && coversPath(rule, path)) ?? null;
}

/** Unlike one of Access, a wildcard of a rule covers any depth: `*.example.com` takes `a.b.example.com` too.
 *  https://github.com/cloudflare/cloudflared/blob/master/ingress/rule.go */
export function coversHost(pattern: string | null, hostname: string): boolean {
  if (pattern === null || pattern === "" || pattern === "*") return true;
  const wanted = pattern.toLowerCase();
  const asked = hostname.toLowerCase();
  return wanted.startsWith("*.") ? asked.endsWith(wanted.slice(1)) : wanted === asked;
}

function coversPath(rule: Rule, path: string | undefined): boolean {
  if (!rule.path) return true;
  if (path === undefined) return !rule.service.startsWith("http_status:");
  const pattern = pathPattern(rule.path);
  return pattern === null || pattern.test(path);
}

/** cloudflared matches paths with an unanchored Go expression. What JavaScript cannot read after the spellings that only
 *  Go knows are taken out is null: callers take it for a rule that might match. */
export function pathPattern(source: string): RegExp | null {
  const flags = /^\(\?([ims]+)\)/.exec(source);
  const body = source
    .slice(flags?.[0].length ?? 0)
    .replaceAll("(?P<", "(?<")
    .replaceAll("\\A", "^")
    .replaceAll("\\z", "$")
    .replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX[name] ?? whole);
  try {
    return new RegExp(body, flags?.[1] ?? "");
  } catch {
    return null;
  }
}

const POSIX: Record<string, string> = {
  alnum: "a-zA-Z0-9",
  alpha: "a-zA-Z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  word: "\\w",
  space: "\\s",
};
