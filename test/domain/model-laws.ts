// The laws that every single write at a vendor is held to. A crash can fall between any two writes, so what holds after
// each of them holds at every moment.
import type { Exposure } from "../../src/domain/exposure.ts";
import { firstMatch } from "../../src/domain/matching.ts";
import type { Rule } from "../../src/domain/observed.ts";
import { hadNoRoute, targetOf } from "../../src/domain/target.ts";
import { gateAtEdge, gateStands, isOurRule, rulesInForce, TEAM, type World } from "./model-world.ts";

export type Write =
  | { kind: "put" }
  | { kind: "application" | "record" | "remove-record"; exposureId: string }
  | { kind: "revoke" | "remove-application"; exposureId: string; id: string };

export type Laws = {
  broken: string[];
  /** Exposures that somebody closed during this very job: a call for them may be on its way. */
  excused: Set<string>;
  /** Exposures that were held because openings were frozen, and that no visit was stopped at since. */
  held: Set<string>;
  /** Carries out one write and says which laws it broke. */
  watch<T>(write: Write, effect: () => T): T;
};

export function createLaws(world: World, exposures: () => Exposure[], frozen: () => boolean): Laws {
  const broken: string[] = [];
  const excused = new Set<string>();
  const held = new Set<string>();
  return {
    broken,
    excused,
    held,
    watch(write, effect) {
      const known = exposures();
      const before = {
        bare: bareIn(world, known),
        foreign: foreignIn(world, known),
        ours: oursIn(world, known),
      };
      broken.push(...timing(world, known, write));
      const result = effect();
      const name = "exposureId" in write ? `${write.kind} ${write.exposureId}` : write.kind;
      world.writes.push(name);
      for (const id of bareIn(world, known))
        if (!before.bare.has(id)) broken.push(`${name}: ${id} is routed without its gate`);
      if (foreignIn(world, known) !== before.foreign) broken.push(`${name}: something foreign was changed`);
      broken.push(
        ...newRoutes(world, known, before.ours, { excused, held, frozen: frozen() }).map(
          (text) => `${name}: ${text}`,
        ),
      );
      return result;
    },
  };
}

/** Exposures with a rule of ours that leads to a service, in the document or at a connector, and no gate in front. */
function bareIn(world: World, exposures: Exposure[]): Set<string> {
  return new Set(
    exposures
      .filter((each) => isRouted(world, each) && !gateStands(world.applications, targetOf(each)))
      .map((each) => each.id),
  );
}

export function isRouted(world: World, exposure: Exposure): boolean {
  return rulesInForce(world).some((rules) => rules.some((rule) => isOurRule(world, rule, exposure)));
}

export function isRoutedInDocument(world: World, exposure: Exposure): boolean {
  return world.config.rules.some((rule) => isOurRule(world, rule, exposure));
}

/** Whether anything at the vendors is of this exposure. */
export function isStanding(world: World, exposure: Exposure): boolean {
  const marked = [...world.applications, ...world.records].some(
    ({ mark }) => mark?.exposureId === exposure.id,
  );
  return marked || isRoutedInDocument(world, exposure);
}

/** Everything that carries no mark of ours, to the letter and in its order. */
export function foreignIn(world: World, exposures: Exposure[]): string {
  const isOurs = (each: { mark: { exposureId: string } | null }) =>
    exposures.some(({ id }) => id === each.mark?.exposureId);
  const { ingress: _, ...settings } = world.config.raw;
  return JSON.stringify({
    rules: world.config.rules
      .filter((rule) => !exposures.some((each) => isOurRule(world, rule, each)))
      .map((rule) => rule.raw),
    settings,
    applications: world.applications.filter((each) => !isOurs(each)),
    records: world.records.filter((each) => !isOurs(each)),
  });
}

function oursIn(world: World, exposures: Exposure[]): Map<string, number> {
  return new Map(
    exposures.map((each) => [
      each.id,
      world.config.rules.filter((rule) => isOurRule(world, rule, each)).length,
    ]),
  );
}

/** A route may only appear behind a gate that the edge enforces already, and with the lock of that very application. */
function newRoutes(
  world: World,
  exposures: Exposure[],
  before: Map<string, number>,
  { excused, held, frozen }: Pick<Laws, "excused" | "held"> & { frozen: boolean },
): string[] {
  return exposures.flatMap((exposure) => {
    const rules = world.config.rules.filter((rule) => isOurRule(world, rule, exposure));
    if (rules.length <= (before.get(exposure.id) ?? 0)) return [];
    const target = targetOf(exposure);
    const gate = gateAtEdge(world, exposure.hostname);
    const locked = rules.every((rule) => hasLock(rule, gate?.aud ?? ""));
    return [
      ...(target.want === "open" || excused.has(exposure.id)
        ? []
        : [`${exposure.id} is routed although it is to be closed`]),
      ...(gate?.mark?.exposureId === exposure.id
        ? []
        : [`${exposure.id} is routed before Access enforces its gate`]),
      ...(frozen && hadNoRoute(exposure) ? [`${exposure.id} is routed while openings are frozen`] : []),
      ...(held.has(exposure.id) ? [`${exposure.id} is routed by proofs of before it was held`] : []),
      ...(locked ? [] : [`${exposure.id} is routed without the lock of its application`]),
    ];
  });
}

function hasLock({ lock }: Rule, aud: string): boolean {
  return lock?.required === true && lock.teamName === TEAM && lock.audTag.join() === aud;
}

/** What must be so at the moment of a write, before it is made. */
function timing(world: World, exposures: Exposure[], write: Write): string[] {
  if (write.kind === "put") return [];
  const exposure = exposures.find((each) => each.id === write.exposureId);
  if (!exposure) return [`${write.kind}: of nobody that is known`];
  const target = targetOf(exposure);
  const { kind } = write;
  const name = `${kind} ${exposure.id}`;
  const must = (holds: boolean, text: string) => (holds ? [] : [`${name}: ${text}`]);
  const bare = isRoutedInDocument(world, exposure) && !gateStands(world.applications, target);
  const routeFirst = must(!bare, "the route without a gate has to go before anything else");
  if (kind === "application" || kind === "record") return routeFirst;
  const closing = [
    ...routeFirst,
    ...must(target.want === "closed", "it is to be open"),
    ...must(!isRouted(world, exposure), "its route is still there, or still served"),
  ];
  if (write.kind === "remove-record") return closing;
  const record = world.records.some((each) => each.mark?.exposureId === exposure.id);
  const order = [...closing, ...must(!record, "its record still stands")];
  if (write.kind === "revoke") return order;
  const led = rulesInForce(world).some((rules) => leads(rules, exposure.hostname));
  return [
    ...order,
    ...must("id" in write && world.revoked.has(write.id), "its tokens were not revoked"),
    ...must(!led, "a rule still leads the hostname to a service"),
  ];
}

export function leads(rules: Rule[], hostname: string): boolean {
  const rule = firstMatch(rules, hostname);
  return rule !== null && !rule.service.startsWith("http_status:");
}
