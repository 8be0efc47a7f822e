// Which ingress rule of a tunnel takes a request, by cloudflared's rules: the first that fits, from the top.
import type { Rule } from "./observed.ts";

/** The rule that answers for this hostname. One for some paths of it counts when it leads to a service, and not when it only
 *  answers with a status. */
export function firstMatch(rules: Rule[], hostname: string): Rule | null {
  return rules.find((rule) => coversHost(rule.hostname, hostname) && mayAnswer(rule)) ?? null;
}

/** Unlike one of Access, a wildcard of a rule covers any depth: `*.example.com` takes `a.b.example.com` too.
 *  https://github.com/cloudflare/cloudflared/blob/master/ingress/rule.go */
export function coversHost(pattern: string | null, hostname: string): boolean {
  if (pattern === null || pattern === "" || pattern === "*") return true;
  const wanted = pattern.toLowerCase();
  const asked = hostname.toLowerCase();
  return wanted.startsWith("*.") ? asked.endsWith(wanted.slice(1)) : wanted === asked;
}

function mayAnswer({ path, service }: Rule): boolean {
  return !path || !service.startsWith("http_status:");
}
