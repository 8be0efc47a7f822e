// What keeps a step from being believed, or taken, too early: a list that is not whole, a gate that no list has shown yet,
// a tunnel that nobody runs, and a write that may still land.
import { expect, test } from "vitest";
import type { Application } from "../../src/domain/observed.ts";
import type { Step, Target } from "../../src/domain/plan.ts";
import { targetOf } from "../../src/domain/target.ts";
import { createEdge, type Edge } from "../../src/services/edge.ts";
import type { Pass } from "../../src/services/edge-pass.ts";
import { TUNNEL_ID } from "../domain/exposure-sample.ts";
import { type Bot, exposuresOf, PROOFS, vendorsOf } from "../domain/model-bot.ts";
import { begin } from "../domain/model-jobs.ts";
import { isRoutedInDocument } from "../domain/model-laws.ts";
import { type Start, sceneOf } from "../domain/model-states.ts";
import { rawRoute, writeDocument } from "../domain/model-world.ts";

type Kind = "add-routes" | "remove-routes" | "await-connectors" | "prove-gate" | "remove-application";

function botWith(start: Partial<Start>): Bot {
  return begin(sceneOf({ proofs: PROOFS, noted: true, ...start }));
}

function ours(bot: Bot): Application[] {
  const [exposure] = exposuresOf(bot);
  return bot.world.applications.filter((each) => each.mark?.exposureId === exposure?.id);
}

type Given = { listed?: string[]; lateUntil?: Date | null; edge?: Edge; meanwhile?: () => void };

/** What comes of one step for the first exposure; `meanwhile` happens a second after the look that the pass began with. */
async function applied(bot: Bot, kind: Kind, given: Given = {}) {
  const { listed, lateUntil = null, edge = createEdge(vendorsOf(bot)), meanwhile } = given;
  const observed = await edge.observe(TUNNEL_ID, [], [], []);
  meanwhile?.();
  const targets = new Map<string, Target>(exposuresOf(bot).map((each) => [each.id, targetOf(each)]));
  const pass: Pass = {
    tunnelId: TUNNEL_ID,
    targets,
    observed,
    listed: new Set(listed ?? observed.applications.map((each) => each.id)),
    observedAt: Date.now() - (meanwhile ? 1_000 : 0),
    writes: { lateUntil, begin: async () => null, answered: async () => {}, crossed: async () => {} },
  };
  const step = { kind, exposureIds: [exposuresOf(bot)[0]!.id] } as Step;
  return (await edge.apply(step, pass))[0];
}

test("a list of applications that leaves out one that stands is not believed; one that is gone may be missing", async () => {
  const bot = botWith({});
  const [application] = ours(bot);
  const { access, ...vendors } = vendorsOf(bot);
  const edge = createEdge({ ...vendors, access: { ...access, listApplications: async () => [] } });
  const observing = (known: string[]) => edge.observe(TUNNEL_ID, [], [], known);
  await expect(observing([application!.id])).rejects.toMatchObject({ kind: "retry", code: "not-whole" });
  expect(await observing(["deleted"])).toMatchObject({ applications: [] });
});

test("a gate is proved once the account's list has shown its application, and what else stands there", async () => {
  const proofs = { gateProofs: PROOFS };
  const bot = botWith({ proofs: PROOFS - 1 });
  expect(await applied(bot, "prove-gate", { listed: [] })).toMatchObject({
    kind: "wait",
    afterMs: 0,
    progress: proofs,
  });
  expect(await applied(bot, "prove-gate")).toMatchObject({ kind: "done", progress: proofs });
});

test("an application stays until no earlier write of the tunnel can land any more", async () => {
  const bot = botWith({ phase: "closing", record: "none" });
  const lateUntil = new Date(bot.now.getTime() + 20_000);
  expect(await applied(bot, "remove-application", { lateUntil })).toMatchObject({
    kind: "wait",
    afterMs: 20_000,
  });
  expect(ours(bot)).toHaveLength(1);
  await applied(bot, "remove-application");
  expect(ours(bot)).toEqual([]);
});

test("nobody carries the traffic: what is to be open waits for a connector, and what is to be closed for none", async () => {
  for (const [phase, kind] of [
    ["opening", "wait"],
    ["closing", "done"],
  ] as const) {
    const bot = botWith({ phase });
    bot.world.connectors = [];
    expect(await applied(bot, "await-connectors")).toMatchObject({ kind });
  }
});

test.each<[string, number | null, "wait" | "done"]>([
  ["an older one", 2, "wait"],
  ["none that it tells", null, "wait"],
  ["the present one", 3, "done"],
])("a connector that runs %s: %s", async (_, configVersion, kind) => {
  const bot = botWith({});
  const { tunnels, ...vendors } = vendorsOf(bot);
  const connector = { id: "c1", configVersion, version: "2026.11.0", openedAt: null, connections: [] };
  const edge = createEdge({ ...vendors, tunnels: { ...tunnels, connectors: async () => [connector] } });
  expect(await applied(bot, "await-connectors", { edge })).toMatchObject({ kind });
});

test("what somebody wrote into the tunnel since the look is read before the routes are written, and stays", async () => {
  const bot = botWith({});
  const { world } = bot;
  const theirs = rawRoute("wiki.lakeside.example", "http://wiki:80", null);
  const write = () =>
    writeDocument(world, {
      ...world.config.raw,
      ingress: [theirs, ...(world.config.raw.ingress as object[])],
    });
  expect(await applied(bot, "add-routes", { meanwhile: write })).toMatchObject({ kind: "done" });
  expect(world.config.rules.map((each) => each.raw)).toContainEqual(theirs);
  expect(isRoutedInDocument(world, exposuresOf(bot)[0]!)).toBe(true);
});

test("whose route was taken out proves its gate anew, and is known by the version that let go of it", async () => {
  const bot = botWith({ phase: "open", route: "right" });
  expect(await applied(bot, "remove-routes")).toMatchObject({
    kind: "done",
    progress: { gateProofs: 0, routedVersion: null, unroutedVersion: bot.world.config.version },
  });
  expect(isRoutedInDocument(bot.world, exposuresOf(bot)[0]!)).toBe(false);
});
