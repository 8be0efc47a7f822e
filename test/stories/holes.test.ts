// Holes that somebody else made are told to the alerts channel once each, with what to do, and are never touched.
import { afterAll, beforeAll, expect, test } from "vitest";
import { alertsAbout, routesOf } from "../exposing.ts";
import { createWorld, quickSeed, TUNNEL, type World } from "../world.ts";

const SERVICE = "https://status-page-168310110017.asia-northeast1.run.app";
const PIN = "e86f3b07-91d2-4a5c-a4e0-5b7c2d18f394";
const GOOGLE = { id: "0d5a7c92-3e41-4b8f-9f60-6c1b2a7d8e35", name: "Google", type: "google" };
const EVERYONE = [{ everyone: {} }];
const EMPLOYEES = {
  name: "Employees",
  decision: "allow",
  include: [{ email_domain: { domain: "lakeside.example" } }],
};

let world: World;
let plain: Record<string, unknown>;
beforeAll(async () => {
  const seed = quickSeed();
  seed.cloudflare.identityProviders = [...(seed.cloudflare.identityProviders ?? []), GOOGLE];
  world = await createWorld({ seed });
  plain = world.sandbox.cloudflare.tunnelConfig(TUNNEL).config;
});
afterAll(() => world.close());

/** A hostname, what is wrong with its gate, and what the alert says about it. */
const HOLES: [hostname: string, applications: Record<string, unknown>[], said: string][] = [
  ["bare.lakeside.example", [], "No Access application covers it"],
  [
    "bypass.lakeside.example",
    [
      {
        domain: "bypass.lakeside.example",
        policies: [{ name: "All", decision: "bypass", include: EVERYONE }],
      },
    ],
    "A bypass policy of its Access application lets everybody through",
  ],
  [
    "service.lakeside.example",
    [
      {
        domain: "service.lakeside.example",
        policies: [{ name: "CI", decision: "non_identity", include: [{ geo: { country_code: "JP" } }] }],
      },
    ],
    "A Service Auth policy of its Access application asks for no token or certificate",
  ],
  [
    "everyone.lakeside.example",
    [
      {
        domain: "everyone.lakeside.example",
        policies: [{ name: "All", decision: "allow", include: EVERYONE }],
      },
    ],
    "lets everyone in: any log-in will do",
  ],
  [
    "pin.lakeside.example",
    [
      {
        domain: "pin.lakeside.example",
        policies: [{ name: "PIN", decision: "allow", include: [{ login_method: { id: PIN } }] }],
      },
    ],
    "lets in whoever logs in with a one-time PIN",
  ],
  [
    "google.lakeside.example",
    [
      {
        domain: "google.lakeside.example",
        policies: [{ name: "Google", decision: "allow", include: [{ login_method: { id: GOOGLE.id } }] }],
      },
    ],
    "lets in whoever logs in with a Google account",
  ],
  [
    "override.lakeside.example",
    [
      {
        destinations: [
          {
            type: "public",
            uri: "override.lakeside.example",
            overrides: [{ behavior: "public", path_pattern: "/metrics" }],
          },
        ],
        policies: [EMPLOYEES],
      },
    ],
    "A part of its Access application is set to public",
  ],
  [
    "weaker.lakeside.example",
    [
      { domain: "weaker.lakeside.example", policies: [EMPLOYEES] },
      {
        domain: "weaker.lakeside.example/hooks",
        policies: [{ name: "All", decision: "bypass", include: EVERYONE }],
      },
    ],
    "Another Access application for a path below it lets anybody in",
  ],
  [
    "*.lakeside-labs.example",
    [{ domain: "*.lakeside-labs.example", policies: [EMPLOYEES] }],
    "A wildcard route reaches hostnames that Access does not cover",
  ],
];

function alertCounts(): number[] {
  return HOLES.map(([hostname]) => alertsAbout(world, hostname).length);
}

function route(hostnames: string[]): void {
  const rules = hostnames.map((hostname) => ({ hostname, service: SERVICE }));
  world.sandbox.cloudflare.putConfig(TUNNEL, { ...plain, ingress: [...rules, ...routesOf(plain)] });
}

/** Sweeps until a hole that is new to it is told: by then it has seen all that stands. */
async function sweepOnce(mark: string, hostnames: string[]): Promise<void> {
  route([...hostnames, `${mark}.lakeside.example`]);
  world.sandbox.shared.clock.forward(1);
  const isTold = () => alertsAbout(world, `${mark}.lakeside.example`).length > 0;
  // The channel takes one message a second.
  await world.until(`${mark} is told`, isTold, 60);
}

test("each is told once, told again when it was gone and came back, and left as it is", async () => {
  const { cloudflare } = world.sandbox;
  for (const [index, [, applications]] of HOLES.entries())
    for (const application of applications)
      cloudflare.addApplication({ name: `Theirs ${index}`, ...application });
  const before = JSON.stringify(cloudflare.applications());
  const hostnames = HOLES.map(([hostname]) => hostname);

  // A sweep that is under way may have listed the applications before these were there.
  await sweepOnce("none-yet", []);
  await sweepOnce("first", hostnames);
  expect(alertCounts()).toEqual(HOLES.map(() => 1));
  for (const [hostname, , said] of HOLES) {
    expect(alertsAbout(world, hostname).join()).toContain(said);
    expect(alertsAbout(world, hostname).join()).toContain(
      "Drawbridge did not make this route and leaves it as it is.",
    );
  }
  await sweepOnce("second", hostnames);
  expect(alertCounts()).toEqual(HOLES.map(() => 1));

  await sweepOnce("third", []);
  await sweepOnce("fourth", hostnames);
  expect(alertCounts()).toEqual(HOLES.map(() => 2));
  expect(JSON.stringify(cloudflare.applications())).toBe(before);
  const standing = routesOf(cloudflare.tunnelConfig(TUNNEL).config).map((rule) => rule.hostname);
  expect(standing).toEqual([...hostnames, "fourth.lakeside.example", "status.lakeside.example", undefined]);
});

test("what a status rule answers, and what is well gated, is no hole", () => {
  expect(alertsAbout(world, "status.lakeside.example")).toEqual([]);
});
