// Where everything has to end: open as desired, or gone, and nothing left to do.
import { expect } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { targetOf } from "../../src/domain/target.ts";
import { type Bot, exposuresOf, planOf } from "./model-bot.ts";
import type { Job } from "./model-jobs.ts";
import { isRouted, leads } from "./model-laws.ts";
import type { Scene } from "./model-states.ts";
import { gateStands, isTaken, rulesInForce } from "./model-world.ts";

export function expectLawful(bot: Bot): void {
  expect(bot.unexpected).toEqual([]);
  expect(bot.laws.broken).toEqual([]);
}

function expectOpen(bot: Bot, id: string): void {
  const { world } = bot;
  const exposure = exposuresOf(bot).find((each) => each.id === id)!;
  const target = targetOf(exposure);
  const [application] = world.applications.filter((each) => each.mark?.exposureId === id);
  expect(gateStands(world.applications, target)).toBe(true);
  const record = world.records.find((each) => each.name === exposure.hostname);
  expect(record).toMatchObject({ proxied: true, mark: { exposureId: id } });
  const first = world.config.rules.find((rule) => rule.hostname === exposure.hostname);
  expect(first).toMatchObject({
    service: target.origin,
    lock: { required: true, audTag: [application?.aud] },
  });
}

function expectGone(bot: Bot, id: string): void {
  const { world } = bot;
  const exposure = exposuresOf(bot).find((each) => each.id === id)!;
  expect(isRouted(world, exposure)).toBe(false);
  expect([...world.applications, ...world.records].filter((each) => each.mark?.exposureId === id)).toEqual(
    [],
  );
}

/** Everybody is where they should be, and there is nothing left to do. A close may wait, gated, for a foreign route, or
 *  without its route for the right on its zone. */
export async function expectDone(bot: Bot, of: (exposure: Exposure) => boolean = () => true): Promise<void> {
  for (const exposure of exposuresOf(bot).filter(of)) {
    const { id, phase, hostname } = exposure;
    if (phase === "open") expectOpen(bot, id);
    else if (phase === "closed") expectGone(bot, id);
    else {
      const foreign = rulesInForce(bot.world).some((rules) => leads(rules, hostname));
      const waits = foreign || isTaken(hostname);
      expect({ id, phase, waits }).toEqual({ id, phase: "closing", waits: true });
      if (!foreign) expect(isRouted(bot.world, exposure)).toBe(false);
    }
  }
  const stages = await planOf(bot);
  const settled = exposuresOf(bot).filter((each) => of(each) && each.phase !== "closing");
  const touched = stages.flat().flatMap((step): string[] => step.exposureIds);
  expect(settled.filter(({ id }) => touched.includes(id)).map(({ id }) => id)).toEqual([]);
}

/** Nothing of anybody else's stands in the way, and nothing happened that ends an opening. */
export function mustOpen(each: Scene, index: number, jobs: Job[]): boolean {
  const { phase, application, forgotten, record, route, inTheWay, zoneTaken } = each.starts[index]!;
  const meddled = jobs.some(({ hand }) => hand !== null);
  // A stranger gets through until the connectors have taken the route away: that closes it for good.
  const bare = route === "not-required" && (application !== "right" || forgotten || meddled);
  const beside = each.starts.some(({ inTheWay: other }) => /wildcard-(above|below)|beside/.test(other));
  const denied = jobs.some(({ tape, closedAt }) => closedAt !== null || tape.includes("denied"));
  const lost = jobs.flatMap(({ tape }) => tape).filter((trouble) => trouble !== "none").length;
  return (
    ["approved", "opening", "open"].includes(phase) &&
    application !== "twice" &&
    !bare &&
    record !== "foreign" &&
    route !== "no-lock" &&
    inTheWay === "nothing" &&
    !(zoneTaken && phase !== "open") &&
    !beside &&
    !denied &&
    lost < 6 &&
    each.connectors.length > 0 &&
    each.remotelyManaged &&
    !each.realCatchAll
  );
}
