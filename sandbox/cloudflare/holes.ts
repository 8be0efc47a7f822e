// Holes: after every change of what the edge and the connectors act on, could a stranger reach a service at this
// hostname? Judged without visiting, over all paths that some application or rule tells apart.
import type { EdgeEvent } from "../contract.ts";
import { type Connectors, serving } from "./connectors.ts";
import type { Edge } from "./edge.ts";
import type { EdgeView } from "./edge-view.ts";
import type { AccessGate, EdgeRequest } from "./gate.ts";
import type { History } from "./history.ts";
import { rulesOf } from "./ingress.ts";

export type Holes = {
  /** Judges these hostnames, and all that lie under a wildcard among them. */
  judge(hostnames: Iterable<string>): void;
  judgeAll(): void;
  first(hostname: string): EdgeEvent | null;
  /** From now on this hostname is judged too, for instance one under a wildcard that somebody visits. */
  watch(hostname: string): void;
};

export function createHoles(
  edge: Edge,
  gate: AccessGate,
  view: EdgeView,
  connectors: Connectors,
  history: History,
): Holes {
  const watched = new Set<string>();
  const open = new Set<string>();
  const firsts = new Map<string, EdgeEvent>();

  /** How a stranger gets through at this moment, or null. */
  function wayIn(hostname: string): string | null {
    const tunnelId = edge.tunnelAt(hostname);
    if (!tunnelId) return null;
    for (const connector of serving(connectors.of(tunnelId))) {
      const rules = rulesOf(connector.config).flatMap((rule) => rule.path ?? []);
      for (const request of strangersAt(hostname, pathsAt(hostname, rules))) {
        const judged = gate.judge(request);
        if (!judged.passes) continue;
        if (edge.hop(connector, request, judged.token).to === "service")
          return `${request.method} ${request.path}`;
      }
    }
    return null;
  }

  function pathsAt(hostname: string, rulePaths: string[]): string[] {
    const known = view.targetsAt(hostname).flatMap((target) => [target.path, ...target.publicPaths]);
    return [...new Set(["/", "/below", ...known.flatMap(sample), ...rulePaths.map(sampleOfRegex)])];
  }

  /** A wildcard is judged by a name one level and by one two levels below it. */
  function namesOf(hostname: string): string[] {
    if (!hostname.startsWith("*.")) return [hostname];
    return [hostname.replace("*", "any"), hostname.replace("*", "any.deeper")];
  }

  function judgeOne(hostname: string): void {
    const way = namesOf(hostname).flatMap((name) => wayIn(name) ?? [])[0];
    if (way === undefined) {
      if (open.delete(hostname)) history.record(hostname, "hole closed");
      return;
    }
    if (open.has(hostname)) return;
    open.add(hostname);
    const event = history.record(hostname, "hole opened", way);
    if (!firsts.has(hostname)) firsts.set(hostname, event);
  }

  const holes: Holes = {
    judge(hostnames) {
      for (const hostname of hostnames) {
        if (hostname.includes("*")) {
          watched.add(hostname);
          return holes.judgeAll();
        }
        watched.add(hostname);
        judgeOne(hostname);
      }
    },
    judgeAll() {
      for (const hostname of watched) judgeOne(hostname);
    },
    first: (hostname) => firsts.get(hostname.toLowerCase()) ?? null,
    watch(hostname) {
      if (watched.has(hostname)) return;
      watched.add(hostname);
      judgeOne(hostname);
    },
  };
  return holes;
}

function strangersAt(hostname: string, paths: string[]): EdgeRequest[] {
  const preflight = { origin: "https://elsewhere.example", "access-control-request-method": "GET" };
  return paths.flatMap((path) => [
    { hostname, path, search: "", method: "GET", cookies: [], headers: {} },
    { hostname, path, search: "", method: "OPTIONS", cookies: [], headers: preflight },
  ]);
}

/** A path that a pattern covers, and one below it. */
function sample(pattern: string): string[] {
  if (pattern === "") return [];
  const path = pattern.replaceAll("*", "any");
  const rooted = path.startsWith("/") ? path : `/${path}`;
  return [rooted, `${rooted}/below`];
}

/** The plain text in a rule's regular expression; a guess is enough, since the rule itself decides. */
function sampleOfRegex(source: string): string {
  const plain = source.replace(/\\(.)/g, "$1").replace(/[\^$]|\.\*|\.\+|\(.*?\)[?*+]?/g, "");
  return plain.startsWith("/") ? plain : `/${plain}`;
}
