// Trouble that comes and goes, and trouble behind the tunnel: a few messages, the right remedy, and an end.
import { afterAll, beforeAll, expect, test } from "vitest";
import { expose } from "../exposing.ts";
import { createTunnelWorld, incidents, prints, replies, untilIncident, untilLogIsRead } from "../tunnels.ts";
import { TUNNEL, textOf, type World } from "../world.ts";

const MINUTE = 60_000;

let world: World;

beforeAll(async () => {
  world = await createTunnelWorld();
});
afterAll(() => world.close());

/** Lines are remembered for a quarter of an hour. */
function aQuarterPasses(): void {
  world.sandbox.shared.clock.forward(16 * MINUTE);
}

test("a tunnel that loses a connection every three minutes is one message and not a flood, and it ends", async () => {
  const { shared } = world.sandbox;
  for (const connIndex of [0, 1, 2, 3]) prints(world, "a", ["registered"], { connIndex });
  for (let loss = 0; loss < 5; loss++) {
    shared.clock.forward(3 * MINUTE);
    prints(world, "a", ["h2-lost"], { connIndex: 1 });
    prints(world, "a", ["registered"], { connIndex: 1 });
    await untilLogIsRead(world);
  }
  const incident = await untilIncident(world, "Tunnel cloud-run is losing connections again and again");
  expect(textOf(incident)).toContain("docs/runbook/h2-flap.md");
  aQuarterPasses();
  await untilIncident(world, "Over: tunnel cloud-run was losing connections again and again");
  await world.until("the thread says so", () => replies(world, incident).length > 0);
  expect(incidents(world)).toHaveLength(1);
  expect(replies(world, incident)).toEqual([
    expect.stringMatching(/^! Tunnel cloud-run is good again\. The trouble lasted /),
  ]);
});

test.each([
  {
    what: "a service's name that does not resolve",
    service: "billing-api",
    error: "dial tcp: lookup SERVICE on 169.254.169.254:53: no such host",
    remedy: "attach a private zone run.app. to the worker pool's network",
    page: "docs/runbook/origin-dns.md",
  },
  {
    what: "a service that refuses",
    service: "grafana",
    error: "dial tcp 199.36.153.8:443: connect: connection refused",
    remedy: "Correct host and port there",
    page: "docs/runbook/origin-refused.md",
  },
])("$what is told with its remedy and for whom, and it ends", async ({ service, error, remedy, page }) => {
  const host = await expose(world, { service });
  const target = routeTarget(host);
  const words = "Unable to reach the origin service. The service may be down or it may not be responding: ";
  const fields = { originService: target, error: words + error.replace("SERVICE", new URL(target).host) };
  prints(world, "a", ["origin-dns", "origin-dns"], fields);
  world.sandbox.shared.clock.forward(2_000);
  prints(world, "a", ["origin-dns"], fields);
  const incident = await untilIncident(world, page);
  for (const part of ["is up, but a service behind it does not answer", remedy, target, host])
    expect(textOf(incident)).toContain(part);
  const ofThis = () => incidents(world).find(({ ts }) => ts === incident.ts) ?? null;
  aQuarterPasses();
  await world.until("it is over", () => textOf(ofThis()).includes("Over: tunnel cloud-run was up, but"), 30);
});

function routeTarget(host: string): string {
  const { ingress } = world.sandbox.cloudflare.tunnelConfig(TUNNEL).config as {
    ingress: { hostname?: string; service: string }[];
  };
  return ingress.find(({ hostname }) => hostname === host)?.service ?? "";
}
