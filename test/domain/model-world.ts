// What stands at the vendors in the model: a tunnel's document and who serves it, Access and its edge, DNS. A visit from
// outside is answered from what the edge and the connectors have taken so far, not from what the API says.
import { type Audience, selectorsOf } from "../../src/domain/audience.ts";
import type { Exposure } from "../../src/domain/exposure.ts";
import { applicationFor } from "../../src/domain/gate.ts";
import { firstMatch } from "../../src/domain/matching.ts";
import type { Application, DnsRecord, Rule, TunnelConfig, VisitVerdict } from "../../src/domain/observed.ts";
import { minuteOf, tunnelAddress } from "../../src/domain/observed.ts";
import type { Target } from "../../src/domain/plan.ts";
import { type ConfigDocument, isSame, parseConfig } from "../../src/services/tunnel-config.ts";
import { TUNNEL_ID } from "./exposure-sample.ts";

export const TEAM = "lakeside";
export const INSTALLATION = "main";
export const ZONE_ID = "zone-1";
const TAKEN_ZONE = "harbour.example";

/** Whether this hostname is in a zone that was taken from the policy and from the token. */
export function isTaken(hostname: string): boolean {
  return hostname.endsWith(`.${TAKEN_ZONE}`);
}

export function hostnameOf(name: string, taken: boolean): string {
  return `${name}.${taken ? TAKEN_ZONE : "lakeside.example"}`;
}

export type World = {
  remotelyManaged: boolean;
  config: TunnelConfig;
  /** Every document that ever stood there, by version: a connector serves the one that it has taken. */
  documents: Map<number, Rule[]>;
  connectors: { id: string; version: number }[];
  applications: Application[];
  /** What Access enforces: it follows `applications` after a while. */
  enforced: Application[];
  records: DnsRecord[];
  /** The `aud` of every application that an exposure ever had. */
  auds: Map<string, string[]>;
  /** Rules that somebody made at a hostname of ours once its exposure was closed. */
  theirs: Rule["raw"][];
  /** Everything that was written, in order: `put`, `make-application e1`, … */
  writes: string[];
  revoked: Set<string>;
  serial: number;
};

export function writeDocument(world: World, document: ConfigDocument): void {
  const config = parseConfig({ version: world.config.version + 1, config: document });
  if (!config) throw new Error("the model wrote a document that cannot be read");
  world.config = config;
  world.documents.set(config.version, config.rules);
}

/** Time passes: Access and the connectors take what was written. */
export function settleDown(world: World): void {
  world.enforced = structuredClone(world.applications);
  for (const connector of world.connectors) connector.version = world.config.version;
}

export function idealApplication(target: Target, id: string, aud: string): Application {
  return {
    id,
    aud,
    name: `Drawbridge ${INSTALLATION} ${target.exposureId} ${target.hostname}`,
    selfHosted: true,
    destinations: [target.hostname],
    publicPaths: [],
    optionsBypass: false,
    policies: [allow(target.gate.audience)],
    sessionMinutes: target.gate.sessionMinutes,
    loginMethods: [...target.gate.audience.loginMethods],
    warpLogin: false,
    crossSiteCookie: false,
    mark: { installation: INSTALLATION, exposureId: target.exposureId, until: null },
  };
}

export function allow(audience: Audience): Application["policies"][number] {
  return { name: "Drawbridge", decision: "allow", include: selectorsOf(audience), require: [], exclude: [] };
}

export function idealRecord(target: Target, id: string): DnsRecord {
  const mark = { installation: INSTALLATION, exposureId: target.exposureId, until: endOf(target) };
  return {
    id,
    zoneId: ZONE_ID,
    name: target.hostname,
    type: "CNAME",
    content: tunnelAddress(TUNNEL_ID),
    proxied: true,
    comment: `drawbridge ${INSTALLATION} ${target.exposureId}`,
    mark,
  };
}

function endOf(target: Target): Date {
  return new Date(minuteOf(target.until));
}

export function rawRoute(hostname: string, service: string, lock: object | null): Rule["raw"] {
  return {
    hostname,
    service,
    originRequest: {
      httpHostHeader: new URL(service).host,
      originServerName: new URL(service).host,
      ...(lock ? { access: lock } : {}),
    },
  };
}

/** The rules that some connector serves for this hostname, and the one of the document. */
export function rulesInForce(world: World): Rule[][] {
  return [
    world.config.rules,
    ...world.connectors.map((each) => world.documents.get(each.version) ?? world.config.rules),
  ];
}

/** By the route's own marks: a hostname of ours, and a lock that names an application of this exposure; or, while a route
 *  is known to be in, our very route without its lock. */
export function isOurRule(
  world: World,
  rule: Rule,
  { id, hostname, service, progress }: Pick<Exposure, "id" | "hostname" | "service" | "progress">,
): boolean {
  if (world.theirs.some((each) => isSame(each, rule.raw))) return false;
  const auds = world.auds.get(id) ?? [];
  const locked = rule.lock?.audTag.some((aud) => auds.includes(aud)) ?? false;
  const unlocked = progress.routedVersion !== null && rule.service === service.url;
  const headed = rule.hostHeader === new URL(service.url ?? "").host;
  return rule.hostname === hostname && rule.path === null && (locked || (unlocked && headed));
}

export function visit(world: World, hostname: string, aud: string): VisitVerdict {
  const inconclusive = (because: string): VisitVerdict => ({ kind: "inconclusive", status: null, because });
  const record = world.records.find((each) => each.name === hostname);
  if (record?.content !== tunnelAddress(TUNNEL_ID))
    return inconclusive("the name does not lead to the tunnel");
  const gate = gateAtEdge(world, hostname);
  if (gate) return gate.aud === aud ? { kind: "stopped", aud } : inconclusive("another application answered");
  const [connector] = world.connectors;
  if (!connector) return inconclusive("no connector");
  const rule = firstMatch(world.documents.get(connector.version) ?? world.config.rules, hostname);
  if (!rule || rule.service.startsWith("http_status:")) return { kind: "not-routed", status: 404 };
  return rule.lock?.required ? inconclusive("refused by the lock") : { kind: "reached", status: 200 };
}

/** The application at which the edge stops a stranger who asks for this hostname, if there is one. */
export function gateAtEdge(world: World, hostname: string): Application | null {
  const gate = applicationFor(
    hostname,
    world.enforced.filter((each) => each.selfHosted),
  );
  return gate?.policies.some((each) => each.decision === "bypass") ? null : gate;
}

/** Whether the gate in front of this exposure is exactly the wanted one and the only one at or below its hostname. */
export function gateStands(applications: Application[], target: Target): boolean {
  const [ours, ...more] = applications.filter((each) => each.mark?.exposureId === target.exposureId);
  if (!ours || more.length > 0) return false;
  const ideal = idealApplication(target, ours.id, ours.aud);
  const same = (each: Application) => JSON.stringify({ ...each, ...inPlace(each), policies: meaning(each) });
  return (
    same(ours) === same(ideal) && !applications.some((each) => each !== ours && isInTheWay(each, target))
  );
}

/** What lets in nobody else and is put right where it stands. */
function inPlace({ warpLogin, loginMethods }: Application): Partial<Application> {
  return { sessionMinutes: 0, crossSiteCookie: false, warpLogin: warpLogin && loginMethods.length > 0 };
}

function meaning({ policies }: Application): unknown {
  return policies.map(({ decision, include, require, exclude }) => ({ decision, include, require, exclude }));
}

/** The model only has foreign applications of these kinds: the very host, a path of it, a path of every host beside it. */
function isInTheWay({ destinations }: Application, { hostname }: Target): boolean {
  const beside = `*${hostname.slice(hostname.indexOf("."))}/`;
  return destinations.some(
    (each) => each === hostname || each.startsWith(`${hostname}/`) || each.startsWith(beside),
  );
}
