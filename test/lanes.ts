// A world with several tunnels, each with a zone and a service of its own: what befalls one lane leaves the others alone,
// so that stories that would follow one another can run side by side.
import type { DemoSeed } from "../sandbox/seed.ts";
import { createWorld, quickSeed, type World, type WorldOptions } from "./world.ts";

/** `person` asks for it: Slack takes a message a second for each of them. */
export type Lane = { person: string; service: string; tunnelId: string; zone: string; zoneId: string };

const EMPLOYEES = { id: "employees", name: "All employees", emailDomains: ["lakeside.example"] };

export async function createLanes(
  count: number,
  options: WorldOptions & { health?: object } = {},
): Promise<{ world: World; lanes: Lane[] }> {
  const lanes = Array.from({ length: count }, (_, index) => laneOf(index + 1));
  // One visit proves the gate as well as three, and no sweep comes in between to use a fault up.
  const env = { PROOF_VISITS: "1", SWEEP_SECONDS: "600", ...options.env };
  return {
    world: await createWorld({
      ...options,
      seed: seedOf(lanes),
      policy: policyOf(lanes, options.health ?? {}),
      env,
    }),
    lanes,
  };
}

function laneOf(number: number): Lane {
  const hex = number.toString(16).padStart(2, "0");
  return {
    person: `U0LANE${number}`,
    service: `lane-${number}`,
    tunnelId: `3d539f97-cd3a-4d8e-833b-65e9099c70${hex}`,
    zone: `lane-${number}.example`,
    zoneId: `5f2c1d7a9be04c6f8a3d0e1b6c7f9a${hex}`,
  };
}

function seedOf(lanes: Lane[]): DemoSeed {
  const seed = quickSeed();
  return {
    ...seed,
    slack: { ...seed.slack, people: [...seed.slack.people, ...lanes.map(personOf)] },
    cloudflare: {
      ...seed.cloudflare,
      zones: lanes.map(({ zone, zoneId }) => ({ id: zoneId, name: zone })),
      tunnels: lanes.map(({ service, tunnelId }) => ({ id: tunnelId, name: service, connectors: 2 })),
      applications: [],
      records: [],
    },
    google: { ...seed.google, services: lanes.map(serviceOf) },
  };
}

function personOf({ person, service }: Lane): DemoSeed["slack"]["people"][number] {
  return {
    id: person,
    name: service,
    realName: `Engineer of ${service}`,
    email: `${service}@lakeside.example`,
  };
}

function serviceOf({ service }: Lane): DemoSeed["google"]["services"][number] {
  const place = { project: "lakeside-prod", region: "asia-northeast1" };
  return { ...place, name: service, ingress: "internal", publicInvoker: true };
}

/** YAML takes JSON as it is. */
function policyOf(lanes: Lane[], health: object): string {
  return JSON.stringify({
    installation: "sandbox",
    channels: { approvals: "C0APPROVALS", alerts: "C0ALERTS" },
    google: { projects: ["lakeside-prod"], regions: ["asia-northeast1"] },
    tunnels: lanes.map(({ service, tunnelId, zone }) => ({
      id: tunnelId,
      zones: [zone],
      services: [service],
    })),
    audiences: [EMPLOYEES],
    people: { emailDomains: ["lakeside.example"] },
    health,
    rules: [
      {
        services: ["*"],
        requesters: "everyone",
        approvers: { groups: ["S0LEADS"] },
        maxDuration: "24h",
        presets: ["1h", "4h"],
      },
    ],
  });
}
