// What to do on one tunnel, in order: desired against observed. The rules about order live here; one more, which only what a
// step found out can call for, is `lookAgain` in `services/edge.ts`.

import type { Exposure } from "./exposure.ts";
import { type GateProblem, judgeGate, type WantedGate } from "./gate.ts";
import { isOwnRoute, ownRouteOf } from "./holes.ts";
import {
  type Application,
  type DnsRecord,
  isMadeFor,
  minuteOf,
  type Observed,
  type Rule,
  runsOlder,
  tunnelAddress,
} from "./observed.ts";
import { foreignRouteOf, type Obstacle, obstacleTo } from "./obstacle.ts";
import type { Progress } from "./progress.ts";
import type { ServiceChange } from "./service.ts";

/** One exposure as converge sees it. */
export type Target = {
  exposureId: string;
  hostname: string;
  want: "open" | "closed";
  /** Whether people were already told that it is so. */
  settled: boolean;
  gate: Omit<WantedGate, "visitTokenId">;
  /** `https://….run.app` */
  origin: string;
  /** What became of the service since it was approved; null where nothing did, or nobody looked. */
  serviceChange: ServiceChange | null;
  /** The longest that it may live, as its mark on the record says. */
  until: Date;
  progress: Progress;
};

/** A step serves the exposures it names. One whose step did not get done takes no part in later stages. */
export type Step =
  | { kind: "remove-routes" | "add-routes" | "await-connectors"; exposureIds: string[] }
  | { kind: "refuse"; exposureIds: [string]; because: Obstacle }
  | {
      kind:
        | "ensure-application"
        | "ensure-record"
        | "prove-gate"
        | "prove-open"
        | "settle-open"
        | "remove-record"
        | "revoke-tokens"
        | "await-clearance"
        | "remove-application"
        | "prove-closed"
        | "settle-closed";
      exposureIds: [string];
    };

/** Steps that may run side by side. */
export type Stage = Step[];

export type Rules = {
  proofs: number;
  /** Null where it is not known: then only what is to be closed is planned for. */
  team: string | null;
  visitTokenId: WantedGate["visitTokenId"];
};

type Wish = { at: number; kind: Step["kind"]; id: string; because?: Obstacle };

// Where each kind of step stands in the order. Opening: gate, road; closing: road, gate; removals of routes before all.
const ORDER: Record<Step["kind"], number> = {
  "remove-routes": 0,
  refuse: 1,
  "ensure-application": 1,
  "ensure-record": 2,
  "prove-gate": 3,
  "add-routes": 4,
  "await-connectors": 5,
  "prove-open": 6,
  "remove-record": 6,
  "settle-open": 7,
  "await-clearance": 7,
  "revoke-tokens": 7,
  "remove-application": 8,
  "prove-closed": 9,
  "settle-closed": 10,
};

const SHARED: readonly Step["kind"][] = ["remove-routes", "add-routes", "await-connectors"];

/** The whole way from what is observed to what is desired. Empty when nothing is to be done. */
export function plan(targets: Target[], observed: Observed, rules: Rules): Stage[] {
  const wishes = targets.flatMap((target) =>
    kindsFor(target, observed, rules).map(({ kind, because }) => ({
      at: ORDER[kind],
      kind,
      id: target.exposureId,
      because,
    })),
  );
  const stages = [...new Set(wishes.map((wish) => wish.at))].sort((a, b) => a - b);
  return stages.map((at) => stageOf(wishes.filter((wish) => wish.at === at)));
}

/** Whether all that an opening waits for is a visit to its gate: that calls for no look at the vendors. */
export function isProving({ phase, progress }: Exposure, proofs: number): boolean {
  const recorded = progress.steps.some((each) => each.step === "record");
  // A visit that proved nothing calls for a look at what stands there.
  const expected = progress.waiting === null;
  return (
    phase === "opening" &&
    recorded &&
    expected &&
    progress.routedVersion === null &&
    progress.gateProofs < proofs
  );
}

function stageOf(wishes: Wish[]): Stage {
  const kinds = [...new Set(wishes.map((wish) => wish.kind))];
  return kinds.flatMap((kind): Step[] => {
    const mine = wishes.filter((wish) => wish.kind === kind);
    if (SHARED.includes(kind)) return [{ kind, exposureIds: mine.map((wish) => wish.id) } as Step];
    return mine.map(
      ({ id, because }) => ({ kind, exposureIds: [id], ...(because ? { because } : {}) }) as Step,
    );
  });
}

type Kinds = { kind: Step["kind"]; because?: Obstacle }[];

function kindsFor(target: Target, observed: Observed, rules: Rules): Kinds {
  const seen = lookAt(target, observed, rules);
  return target.want === "open" ? opening(target, seen, rules) : closing(target, seen);
}

/** What stands at the vendors for one target. */
type Seen = {
  problems: GateProblem[];
  applications: Application[];
  record: DnsRecord | null;
  recordRight: boolean;
  routes: Rule[];
  routeRight: boolean;
  connectorsCurrent: boolean;
  /** Somebody else's rule that answers for this hostname instead of ours, or once ours is gone. */
  foreignRoute: Rule | null;
  obstacle: Obstacle | null;
};

function lookAt(target: Target, observed: Observed, rules: Rules): Seen {
  const applications = observed.applications.filter((each) => isMadeFor(target.exposureId, each));
  const own = ownRouteOf(target, applications);
  const routes = observed.config.rules.filter((rule) => isOwnRoute(rule, own));
  const records = observed.records.filter((each) => each.name === target.hostname);
  // On closing, a record of ours is taken away wherever somebody moved it.
  const ours = target.want === "closed" ? observed.records : records;
  const record = ours.find((each) => isMadeFor(target.exposureId, each)) ?? null;
  const problems = judgeGate({ ...target.gate, visitTokenId: rules.visitTokenId }, observed.applications);
  const foreignRoute = foreignRouteOf(target.hostname, observed.config.rules, routes);
  return {
    problems,
    applications,
    record,
    recordRight: record !== null && isRightRecord(record, target, observed.tunnel.id),
    routes,
    routeRight:
      routes.length === 1 && routes.every((rule) => isRightRoute(rule, target, applications[0], rules.team)),
    connectorsCurrent: !observed.connectors.some((each) => runsOlder(each, observed.config.version)),
    foreignRoute,
    obstacle: obstacleTo(target, observed, problems, records, routes),
  };
}

function opening(target: Target, seen: Seen, rules: Rules): Kinds {
  const weak = seen.problems.some((each) => each.severity === "weak");
  if (seen.obstacle) {
    const refusal = { kind: "refuse" as const, because: seen.obstacle };
    return seen.routes.length > 0 ? [{ kind: "remove-routes" }, refusal] : [refusal];
  }
  // Made by a process that died before it wrote down the `aud`: what was proved for an older one does not count.
  const unrecorded = target.progress.aud !== (seen.applications[0]?.aud ?? null);
  const rebuild = seen.routes.length > 0 && (weak || !seen.routeRight);
  const routed = seen.routes.length > 0 && !rebuild;
  // Proofs of an earlier opening are too old: who was open before is proved anew.
  const fresh = !target.settled && !rebuild && !weak && !unrecorded && seen.recordRight;
  const proved = fresh && target.progress.gateProofs >= rules.proofs;
  const wishes: [boolean, Step["kind"]][] = [
    [rebuild, "remove-routes"],
    [seen.problems.length > 0 || unrecorded, "ensure-application"],
    [!seen.recordRight, "ensure-record"],
    [!routed && !proved, "prove-gate"],
    [!routed, "add-routes"],
    [!routed || !target.settled, "await-connectors"],
    [!routed || !target.settled, "prove-open"],
    [!routed || !target.settled, "settle-open"],
  ];
  return chosen(wishes);
}

function closing(target: Target, seen: Seen): Kinds {
  if (target.settled && seen.routes.length + seen.applications.length === 0 && !seen.record) return [];
  const { auds, steps } = target.progress;
  // What was only found by its mark is known by what was taken down of it.
  const nothingEver = auds.length + steps.length + seen.applications.length === 0 && !seen.record;
  return chosen([
    [seen.routes.length > 0, "remove-routes"],
    [seen.routes.length > 0 || (!nothingEver && !seen.connectorsCurrent), "await-connectors"],
    [seen.record !== null, "remove-record"],
    [seen.applications.length > 0, "revoke-tokens"],
    [seen.applications.length > 0 && seen.foreignRoute !== null, "await-clearance"],
    [seen.applications.length > 0, "remove-application"],
    [!nothingEver, "prove-closed"],
    [true, "settle-closed"],
  ]);
}

function chosen(wishes: [boolean, Step["kind"]][]): Kinds {
  return wishes.filter(([wanted]) => wanted).map(([, kind]) => ({ kind }));
}

function isRightRecord(record: DnsRecord, target: Target, tunnelId: string): boolean {
  return leadsTo(record, tunnelId) && record.mark?.until?.getTime() === minuteOf(target.until);
}

function leadsTo(record: DnsRecord, tunnelId: string): boolean {
  return record.type === "CNAME" && record.proxied && record.content === tunnelAddress(tunnelId);
}

/** It got more time since: nobody touched its record, whose mark names the end of before. */
export function isBehind(record: DnsRecord, { until }: Target, tunnelId: string): boolean {
  const named = record.mark?.until?.getTime() ?? Number.POSITIVE_INFINITY;
  return leadsTo(record, tunnelId) && named < minuteOf(until);
}

function isRightRoute(
  rule: Rule,
  target: Target,
  application: Application | undefined,
  team: string | null,
): boolean {
  return (
    application !== undefined &&
    rule.service === target.origin &&
    rule.hostHeader === new URL(target.origin).host &&
    rule.lock?.required === true &&
    rule.lock.teamName === team &&
    rule.lock.audTag.join() === application.aud
  );
}
