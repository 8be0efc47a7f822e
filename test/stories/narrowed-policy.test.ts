// A tunnel and a zone are taken out of the policy while something is open there: it is looked at to its end like all else.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import {
  ALL_STANDING,
  ask,
  expose,
  firsts,
  isOpen,
  NOTHING_STANDING,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { createWorld, quickSeed, TUNNEL, textOf, type World } from "../world.ts";

const OTHER = "8a6f1c20-5d3b-4e7f-9c81-2b0d4a6e7f95";
const QUIET = { SWEEP_SECONDS: "600", PROOF_VISITS: "1" };

type Tunnels = { id: string; zones: string[] }[];

let world: World;
beforeAll(async () => {
  const seed = quickSeed();
  const tunnels = [...seed.cloudflare.tunnels, { id: OTHER, name: "labs", connectors: 1 }];
  world = await createWorld({
    seed: { ...seed, cloudflare: { ...seed.cloudflare, tunnels } },
    policy: await policyWith([
      { id: TUNNEL, zones: ["lakeside.example"] },
      { id: OTHER, zones: ["lakeside-labs.example"] },
    ]),
    env: QUIET,
  });
});
afterAll(() => world.close());

async function policyWith(tunnels: Tunnels): Promise<string> {
  const text = await readFile(new URL("../../sandbox/policy.yaml", import.meta.url), "utf8");
  return stringify({ ...(parse(text) as object), tunnels });
}

/** A new revision of the bot, whose policy names these. */
async function narrow(tunnels: Tunnels): Promise<void> {
  const file = join(world.sandbox.dataDir, "narrowed.yaml");
  await writeFile(file, await policyWith(tunnels));
  await world.stopBot();
  world.sandbox.shared.journal.clear();
  await world.startBot({ POLICY_FILE: file });
}

function drifts(): string[] {
  return world.logged.filter((line) => line.includes("drift found"));
}

test("what is open there has not drifted, is mended when it has, and ends in time", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await expose(world, { service: "notebook", zone: "lakeside-labs.example", duration: 60 });
  await narrow([{ id: TUNNEL, zones: ["lakeside.example"] }]);
  const zone = world.sandbox.seed.cloudflare.zones.find(({ name }) => host.endsWith(name))!;
  const looks = () =>
    shared.journal.entries().filter(({ path }) => path.includes(`/zones/${zone.id}/dns_records`)).length;
  await world.until("the first sweep has read its zone", () => looks() > 0);
  const first = looks();
  shared.clock.forward(601_000);
  await world.until("the second one has", () => looks() > first);
  expect(drifts()).toEqual([]);

  const [gate] = cloudflare.applications().filter((each) => each.domain === host);
  const before = cloudflare.history(host).length;
  cloudflare.deleteApplication(String(gate!.id));
  shared.clock.forward(601_000);
  await world.until("its gate stands anew", () => standing(world, host).applications === 1);
  await world.until("it is open again", () => isOpen(world, host) && standing(world, host).routes === 1);
  const after = cloudflare.history(host).slice(before);
  expect(after.map((each) => each.what).slice(0, 2)).toEqual(["access application removed", "route removed"]);
  expect(standing(world, host)).toEqual(ALL_STANDING);

  shared.clock.forward(3_600_000);
  await untilClosed(world, host);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
});

test("what was approved and is not open yet is held against the policy of today", async () => {
  const { lee, asha } = world;
  const labs = { id: OTHER, zones: ["lakeside-labs.example"] };
  await narrow([{ id: TUNNEL, zones: ["lakeside.example"] }, labs]);
  const out = await ask(world, { service: "notebook", zone: "lakeside-labs.example", hostname: "late" });
  const still = await ask(world, { service: "grafana" });
  await lee.isAnswered("freeze");
  for (const host of [out, still]) {
    await lee.presses("Approve", world.card(host));
    await world.until("it waits", () => world.cardText(host).includes("New openings are frozen."));
  }
  await narrow([{ id: TUNNEL, zones: ["lakeside.example"] }]);
  await untilClosed(world, out);
  const why = "The policy was changed after this was approved: it no longer allows this hostname.";
  expect(world.cardText(out)).toContain(why);
  await world.until("the requester is told why", () =>
    asha.directMessages().some((each) => textOf(each).includes(out) && textOf(each).includes(why)),
  );
  await lee.isAnswered("unfreeze");
  await untilOpen(world, still);
  expect(firsts(world, out)).not.toContain("route added");
});
