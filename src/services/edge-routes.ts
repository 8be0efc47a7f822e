// Routes of ours in the tunnel's one shared document, and the connectors that take it.
import { isOwnRoute, ownRouteOf } from "../domain/holes.ts";
import {
  type Connector,
  isMadeFor,
  type Route,
  type Rule,
  runsOlder,
  type TunnelConfig,
} from "../domain/observed.ts";
import type { Target } from "../domain/plan.ts";
import type { EdgeTools, MayNotWrite, Outcome, Pass, RoutesPass } from "./edge-pass.ts";

/** A configuration read longer ago than this is read again right before it is written: what others write in between is
 *  lost, and only told. */
const FRESH_MS = 500;

/** Takes out the routes of targets that are to be closed, whatever else of them can be read. */
export async function endRoutes(
  tools: EdgeTools,
  tunnelId: string,
  targets: Target[],
  writes: Pass["writes"],
): Promise<Outcome[]> {
  const observedAt = Date.now();
  const config = await tools.tunnels.readConfig(tunnelId);
  // Every `aud` that a route of ours may carry was stored before the route was put in.
  const observed = { config, connectors: [], applications: [] };
  const routed = targets.filter((target) => config.rules.some((rule) => isRouteOf(rule, target, observed)));
  if (routed.length === 0) return [];
  return await removeRoutes(tools, { tunnelId, observed, observedAt, writes }, routed);
}

export async function removeRoutes(
  tools: EdgeTools,
  pass: RoutesPass,
  targets: Target[],
): Promise<Outcome[]> {
  const config = await put(tools, pass, [], [], (rule) =>
    targets.some((target) => isRouteOf(rule, target, pass.observed)),
  );
  if (typeof config === "string") return targets.map((target) => waitAfter(config, target));
  return targets.map((target) => ({
    exposureId: target.exposureId,
    kind: "done",
    progress: { unroutedVersion: config.version, routedVersion: null, gateProofs: 0 },
    ...(target.want === "closed" ? { step: "route-removed" as const } : {}),
  }));
}

export async function addRoutes(tools: EdgeTools, pass: Pass, targets: Target[]): Promise<Outcome[]> {
  const routes = targets.map((target) => routeOf(target, tools.team()));
  const opening = targets.map((each) => each.exposureId);
  const config = await put(tools, pass, routes, opening, (rule) =>
    targets.some((target) => isRouteOf(rule, target, pass.observed)),
  );
  if (typeof config === "string") return targets.map((target) => waitAfter(config, target));
  return targets.map((target) => ({
    exposureId: target.exposureId,
    kind: "done",
    progress: { routedVersion: config.version },
    step: "route",
  }));
}

/** What a person closed or froze drops out by itself, and the others go on at once; whoever took over goes on by itself. */
const AGAIN_MS: Record<MayNotWrite, number> = { "unwanted-meanwhile": 0, overtaken: 500 };

function waitAfter(because: MayNotWrite, { exposureId }: Target): Outcome {
  return { exposureId, kind: "wait", waiting: null, afterMs: AGAIN_MS[because] };
}

function isRouteOf(rule: Rule, target: Target, observed: RoutesPass["observed"]): boolean {
  const applications = observed.applications.filter((each) => isMadeFor(target.exposureId, each));
  return isOwnRoute(rule, ownRouteOf(target, applications));
}

function routeOf(target: Target, team: string): Route {
  return {
    hostname: target.hostname,
    service: target.origin,
    hostHeader: new URL(target.origin).host,
    lock: { required: true, teamName: team, audTag: [target.progress.aud ?? ""] },
  };
}

async function put(
  tools: EdgeTools,
  pass: RoutesPass,
  add: Route[],
  opening: string[],
  remove: (rule: Rule) => boolean,
): Promise<TunnelConfig | MayNotWrite> {
  const { tunnels } = tools;
  const fresh = Date.now() - pass.observedAt < FRESH_MS;
  const base = fresh ? pass.observed.config : await tunnels.readConfig(pass.tunnelId);
  let because: MayNotWrite | null = null;
  const written = await tunnels.putRoutes(pass.tunnelId, {
    base,
    add,
    remove: base.rules.filter(remove),
    fence: async () => {
      because = await pass.writes.begin(opening);
      return because === null;
    },
    answered: () => pass.writes.answered(),
    crossed: (write) => pass.writes.crossed(write),
  });
  if (!written) return because ?? "overtaken";
  const { config, connectors } = written;
  pass.observed.config = config;
  pass.observed.connectors = connectors ?? pass.observed.connectors;
  pass.observedAt = Date.now();
  return config;
}

/** "Open" needs somebody to carry the traffic; "closed" needs nobody to carry it any more. */
export async function awaitConnectors(tools: EdgeTools, pass: Pass, targets: Target[]): Promise<Outcome[]> {
  const { version } = pass.observed.config;
  const isBehind = (each: Connector) => runsOlder(each, version);
  // Those that were read beside the write may have taken it already.
  const seen = pass.observed.connectors;
  const asked = seen.length === 0 || seen.some(isBehind);
  const connectors = asked ? await tools.tunnels.connectors(pass.tunnelId) : seen;
  pass.observed.connectors = connectors;
  const behind = connectors.filter(isBehind).length;
  return targets.map((target): Outcome => {
    const { exposureId } = target;
    if (behind === 0 && (target.want === "closed" || connectors.length > 0))
      return { exposureId, kind: "done", ...(target.want === "open" ? { step: "connectors" as const } : {}) };
    const waiting =
      connectors.length === 0
        ? "No connector of the tunnel is running. Start cloudflared; the opening goes on by itself."
        : `${behind} of ${connectors.length} connectors have not taken the new configuration yet.`;
    return { exposureId, kind: "wait", waiting, afterMs: null };
  });
}
