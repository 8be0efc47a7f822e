// Arbitrary states to begin from: every mix of what may be missing, weak, old, doubled or foreign at the vendors, with
// what the store remembers of it. States that no history leads to are put right.
import fc from "fast-check";
import type { Exposure } from "../../src/domain/exposure.ts";
import type { Application, Rule } from "../../src/domain/observed.ts";
import { freshProgress } from "../../src/domain/progress.ts";
import { targetOf } from "../../src/domain/target.ts";
import { parseConfig } from "../../src/services/tunnel-config.ts";
import { approvedExposure, at, billing, NOON, openExposure } from "./exposure-sample.ts";
import {
  foreignApplication,
  foreignRecord,
  OBSTRUCTIONS,
  type Obstruction,
  obstruct,
  type Parts,
  spoil,
  WEAKNESSES,
  type Weakness,
} from "./model-spoils.ts";
import { hostnameOf, idealApplication, idealRecord, rawRoute, TEAM, type World } from "./model-world.ts";

export type Start = {
  phase: "approved" | "opening" | "open" | "closing" | "closed";
  application: "none" | "right" | "twice" | Weakness;
  /** The process died after the application was made and before its `aud` was written down. */
  forgotten: boolean;
  /** Access enforces it already. */
  enforced: boolean;
  record: "none" | "right" | "outdated" | "elsewhere" | "unproxied" | "foreign";
  route: "none" | "right" | "not-required" | "old-aud" | "twice" | "other-service" | "no-lock";
  proofs: number;
  /** Whether the way so far is written down as steps. */
  noted: boolean;
  inTheWay: "nothing" | Obstruction;
  /** Its zone was taken from the policy and from the token. */
  zoneTaken: boolean;
};

export type Scene = {
  starts: Start[];
  connectors: number[];
  remotelyManaged: boolean;
  realCatchAll: boolean;
};

const CALM: Start = {
  phase: "opening",
  application: "right",
  forgotten: false,
  enforced: true,
  record: "right",
  route: "none",
  proofs: 0,
  noted: false,
  inTheWay: "nothing",
  zoneTaken: false,
};

/** Calm: nothing is wrong or in the way but what is said of each. */
export function sceneOf(...starts: Partial<Start>[]): Scene {
  const all = starts.map((each) => ({ ...CALM, ...each }));
  return { starts: all, connectors: [0], remotelyManaged: true, realCatchAll: false };
}

export function mostly<T>(usual: T, others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 4, arbitrary: fc.constantFrom(...others) },
  );
}

const start: fc.Arbitrary<Start> = fc.record({
  phase: fc.constantFrom("opening", "approved", "open", "closing", "closed"),
  application: mostly<Start["application"]>("right", ["none", "none", "twice", ...WEAKNESSES]),
  forgotten: mostly(false, [true]),
  enforced: mostly(true, [false]),
  record: mostly<Start["record"]>("right", ["none", "outdated", "elsewhere", "unproxied", "foreign"]),
  route: fc.constantFrom("right", "none", "not-required", "old-aud", "twice", "other-service", "no-lock"),
  proofs: fc.integer({ min: 0, max: 3 }),
  noted: fc.boolean(),
  inTheWay: fc.oneof(
    { weight: 6, arbitrary: fc.constant("nothing" as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...OBSTRUCTIONS),
    },
  ),
  zoneTaken: mostly(false, [false, false, true]),
});

export const scene: fc.Arbitrary<Scene> = fc.record({
  starts: fc.array(start, { minLength: 1, maxLength: 3 }),
  connectors: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
  remotelyManaged: fc.oneof(
    { weight: 15, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  realCatchAll: fc.oneof(
    { weight: 15, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});

export function setScene(scene: Scene): { world: World; exposures: Exposure[] } {
  const world = emptyWorld(scene);
  const parts: Parts = { above: [], ours: [], below: [] };
  const exposures = scene.starts.map((each, index) => setStart(world, parts, reachable(each), index + 1));
  const elsewhere = rawRoute("shop.lakeside.example", "http://shop:80", null);
  const ingress = [
    ...parts.above,
    elsewhere,
    ...parts.ours,
    ...parts.below,
    { service: scene.realCatchAll ? "http://lobby:80" : "http_status:404" },
  ];
  const raw = { ingress, "warp-routing": { enabled: true }, originRequest: { connectTimeout: 10 } };
  const empty = { ...raw, ingress: ingress.filter((each) => !parts.ours.includes(each)) };
  for (const [version, config] of [empty, raw, raw].entries()) {
    const parsed = parseConfig({ version: version + 1, config })!;
    world.documents.set(parsed.version, parsed.rules);
    world.config = parsed;
  }
  world.connectors = scene.connectors.map((behind, index) => ({ id: `c${index}`, version: 3 - behind }));
  world.applications.push(foreignApplication("shop.lakeside.example", "shop"));
  world.records.push(foreignRecord("shop.lakeside.example"));
  return { world, exposures };
}

function emptyWorld(scene: Scene): World {
  const config = parseConfig({ version: 0, config: {} })!;
  return {
    remotelyManaged: scene.remotelyManaged,
    config,
    documents: new Map(),
    connectors: [],
    applications: [],
    enforced: [],
    records: [],
    auds: new Map(),
    theirs: [],
    writes: [],
    revoked: new Set(),
    serial: 100,
  };
}

/** Leaves out what cannot have come about. */
function reachable(each: Start): Start {
  if (each.phase === "approved")
    return {
      ...each,
      application: "none",
      record: each.record === "foreign" ? "foreign" : "none",
      route: "none",
      noted: false,
      proofs: 0,
    };
  // What is open there is not mended before its end, and what was closed before had its record taken away.
  const zoneTaken = each.zoneTaken && !["open", "closed"].includes(each.phase);
  const made = each.application !== "none";
  // Only a first pass forgets: an exposure that is open has its application written down.
  const forgotten = each.forgotten && each.phase === "opening" && made;
  const route = each.route === "right" && (forgotten || !made) ? "old-aud" : each.route;
  // Once the record is written down, nothing is made anew before the proofs are complete.
  const noted = each.noted && (!forgotten || each.proofs >= 3);
  const proven = each.phase === "open" || route !== "none" || each.proofs > 0;
  return { ...each, forgotten, noted, route, zoneTaken, enforced: each.enforced || (proven && !forgotten) };
}

function setStart(world: World, parts: Parts, each: Start, number: number): Exposure {
  const id = `e${number}`;
  const bare = bareExposure(each, number);
  const target = targetOf(bare);
  const made = applicationsOf(each, number, bare);
  const old = each.phase === "approved" ? [] : [`old-aud-${number}`];
  const recorded = each.forgotten ? [] : made.map((one) => one.aud).slice(0, 1);
  world.auds.set(id, [...old, ...made.map((one) => one.aud)]);
  world.applications.push(...made);
  if (each.enforced) world.enforced.push(...structuredClone(made));
  if (each.record === "foreign") world.records.push(foreignRecord(bare.hostname));
  else if (each.record !== "none")
    world.records.push(spoiltRecord(each, idealRecord(target, `record-${number}`)));
  const aud = recorded[0] ?? old[0] ?? null;
  parts.ours.push(...routesOf(each, bare, recorded[0] ?? aud, old[0] ?? null));
  if (each.inTheWay !== "nothing") obstruct(world, parts, each.inTheWay, bare.hostname);
  const progress = {
    ...freshProgress(),
    since: each.phase === "opening" ? at(5) : null,
    applicationId: aud && made[0] && !each.forgotten ? made[0].id : null,
    aud,
    auds: [...old, ...recorded],
    gateProofs: aud === null ? 0 : each.proofs,
    routedVersion: each.route !== "none" && each.noted && each.phase !== "closed" ? 2 : null,
    steps: each.noted
      ? [
          { step: "application" as const, at: NOON },
          { step: "record" as const, at: NOON },
        ]
      : [],
  };
  return { ...bare, progress };
}

function bareExposure({ phase, zoneTaken }: Start, number: number): Exposure {
  const name = ["billing", "reports", "grafana"][number - 1] ?? "more";
  const change = {
    id: `e${number}`,
    hostname: hostnameOf(name, zoneTaken),
    service: { ...billing, name, url: `https://${name}-x.a.run.app` },
    phase,
    decidedAt: at(5),
    endsAt: at(600),
    until: at(600),
  };
  const closing = { because: "requester" as const, by: "U0ASHA", detail: null, at: at(1) };
  if (phase === "approved" || phase === "opening") return approvedExposure(change);
  if (phase === "open") return openExposure(change);
  return openExposure({ ...change, closing, closedAt: phase === "closed" ? at(2) : null });
}

function applicationsOf(each: Start, number: number, exposure: Exposure): Application[] {
  if (each.application === "none") return [];
  const make = (tail: string) =>
    idealApplication(targetOf(exposure), `app-${number}${tail}`, `aud-${number}${tail}`);
  if (each.application === "right") return [make("")];
  if (each.application === "twice") return [make(""), make("-again")];
  return [spoil(each.application, make(""))];
}

function spoiltRecord({ record }: Start, ideal: World["records"][number]): World["records"][number] {
  if (record === "outdated") return { ...ideal, mark: { ...ideal.mark!, until: at(60) } };
  if (record === "elsewhere") return { ...ideal, content: "elsewhere.example" };
  return record === "unproxied" ? { ...ideal, proxied: false } : ideal;
}

function routesOf(each: Start, exposure: Exposure, aud: string | null, old: string | null): Rule["raw"][] {
  if (each.route === "none" || aud === null) return [];
  const service = exposure.service.url ?? "";
  const lock = { required: true, teamName: TEAM, audTag: [aud] };
  const route = (change: object) => rawRoute(exposure.hostname, service, { ...lock, ...change });
  if (each.route === "not-required") return [route({ required: false })];
  if (each.route === "old-aud") return [route({ audTag: [old] })];
  if (each.route === "twice") return [route({}), route({ teamName: "other" })];
  if (each.route === "other-service") return [rawRoute(exposure.hostname, "https://other-x.a.run.app", lock)];
  if (each.route === "no-lock") return [rawRoute(exposure.hostname, service, null)];
  return [route({})];
}
