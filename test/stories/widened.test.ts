// What our gate rests on is widened underneath: an Access group that a policy names, or a reusable policy in the place of
// our application's own. One sweep finds it.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, expose, isOpen, NOTHING_STANDING, standing, untilClosed } from "../exposing.ts";
import { isRight } from "../hands.ts";
import { createWorld, quickSeed, type World } from "../world.ts";

const GROUP = { id: "7b1f0a52-3c64-4d8e-9f27-1d5a8e6c0b43", name: "contractors" };
const PEOPLE = [{ email: { email: "kim@harbour.example" } }, { email: { email: "ola@harbour.example" } }];
const EVERYONE = [{ everyone: {} }];
const PIN = [{ login_method: { id: "e86f3b07-91d2-4a5c-a4e0-5b7c2d18f394" } }];
const GOOGLE = { id: "0d5a7c92-3e41-4b8f-9f60-6c1b2a7d8e35", name: "Google", type: "google" };

let world: World;
/** Open to another audience all the while, which notices nothing. */
let beside: string;
beforeAll(async () => {
  const policy = await readFile(new URL("../../sandbox/policy.yaml", import.meta.url), "utf8");
  const contractors = `audiences:\n  - id: contractors\n    name: Contractors\n    accessGroups: [${GROUP.id}]\n`;
  const seed = quickSeed();
  seed.cloudflare.identityProviders = [...(seed.cloudflare.identityProviders ?? []), GOOGLE];
  world = await createWorld({
    seed,
    policy: policy.replace("audiences:\n", contractors),
    // One sweep is all that there is: the next would be ten minutes later.
    env: { SWEEP_SECONDS: "600", PROOF_VISITS: "1" },
  });
  beside = await expose(world, { service: "recipe-editor", duration: 1440 });
});
afterAll(() => world.close());

const FROM_JAPAN = [{ geo: { country_code: "JP" } }];

const WIDENED: [how: string, widen: () => void, service: string, said: string][] = [
  [
    "lets everyone in",
    () => world.sandbox.cloudflare.setGroup({ ...GROUP, include: [...PEOPLE, ...EVERYONE] }),
    "grafana",
    "An Access group of this audience now lets everyone in. Narrow the group",
  ],
  [
    "lets in whoever has a one-time PIN",
    () => world.sandbox.cloudflare.setGroup({ ...GROUP, include: [...PEOPLE, ...PIN] }),
    "stock-viewer",
    "An Access group of this audience now lets in anyone with a one-time PIN. Narrow the group",
  ],
  [
    "lets in whoever has a Google account",
    () =>
      world.sandbox.cloudflare.setGroup({
        ...GROUP,
        include: [...PEOPLE, { login_method: { id: GOOGLE.id } }],
      }),
    "billing-api",
    "An Access group of this audience now lets in anyone with a Google account. Narrow the group",
  ],
  [
    "lets in whoever comes from a country",
    () => world.sandbox.cloudflare.setGroup({ ...GROUP, include: [...PEOPLE, ...FROM_JAPAN] }),
    "reports",
    "An Access group of this audience now lets in anyone who comes from a country that it names. Narrow the group",
  ],
];

test.each(WIDENED)(
  "the group of the audience now %s: one sweep closes it, and the card says why",
  async (_how, widen, service, said) => {
    const { cloudflare, shared } = world.sandbox;
    cloudflare.setGroup({ ...GROUP, include: PEOPLE });
    const host = await expose(world, { service, audiences: ["contractors"] });
    widen();
    shared.clock.forward(601_000);
    await untilClosed(world, host);
    expect(world.cardText(host)).toContain(said);
    expect(standing(world, host)).toEqual(NOTHING_STANDING);
    expect(cloudflare.firstHole(host)).toBeNull();
    expect([isOpen(world, beside), isRight(world, beside)]).toEqual([true, true]);
  },
);

test("the group was widened to a country before the approval: it is not opened, and the card says why", async () => {
  const { cloudflare } = world.sandbox;
  cloudflare.setGroup({ ...GROUP, include: PEOPLE });
  const host = await ask(world, { service: "grafana", hostname: "boards", audiences: ["contractors"] });
  cloudflare.setGroup({ ...GROUP, include: [...PEOPLE, ...FROM_JAPAN] });
  await world.lee.presses("Approve", world.card(host));
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("Could not open");
  expect(world.cardText(host)).toContain("lets in anyone who comes from a country that it names");
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(cloudflare.history(host).map((each) => each.what)).not.toContain("route added");
});

test("our application's policy was made a reusable one, and that is widened: one sweep takes the route out and proves a gate of ours anew", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await expose(world, { service: "supplier-portal", duration: 1440 });
  const gate = () => cloudflare.applications().find((each) => each.domain === host);
  const employees = { name: "Employees", decision: "allow" };
  const theirs = cloudflare.addPolicy({
    ...employees,
    include: [{ email_domain: { domain: "lakeside.example" } }],
  });
  cloudflare.editApplication(String(gate()?.id), { policies: [{ id: theirs }] });
  cloudflare.editPolicy(theirs, { ...employees, include: EVERYONE });
  expect(JSON.stringify(gate()?.policies)).toContain("everyone");
  const before = cloudflare.history(host).length;
  shared.clock.forward(601_000);
  await world.until(
    "the gate is ours again",
    () => isOpen(world, host) && !JSON.stringify(gate()?.policies).includes("everyone"),
  );
  await world.until("it is routed again", () => isRight(world, host) && isOpen(world, host));
  const after = cloudflare
    .history(host)
    .slice(before)
    .map((each) => each.what);
  expect(after[0]).toBe("route removed");
  const proof = after.indexOf("stranger stopped by Access");
  expect(proof).toBeGreaterThan(after.lastIndexOf("access application changed"));
  expect(after.indexOf("route added")).toBeGreaterThan(proof);
  expect(cloudflare.firstHole(host)).toBeNull();
});
