// Twenty tunnels, one of them weak for a while, then all of them gone at once.
import { expect, onTestFinished, test } from "vitest";
import { createLanes } from "../lanes.ts";
import { incidents, untilIncident } from "../tunnels.ts";
import { textOf } from "../world.ts";

const QUICK = { outageAfter: "1s", degradedAfter: "2s", recoveredAfter: "1s" };

test("a tunnel that lost connections is degraded until they are back; twenty that fail together are one message", async () => {
  const { world, lanes } = await createLanes(20, { env: { LOOK_SECONDS: "0.3" }, health: QUICK });
  onTestFinished(() => world.close());
  const { cloudflare } = world.sandbox;
  const [first] = lanes;
  const [connector] = cloudflare.connectors.of(first!.tunnelId);
  cloudflare.connectors.setConnections(first!.tunnelId, connector!.id, 2);
  const weak = await untilIncident(world, "Tunnel lane-1 is degraded");
  expect(textOf(weak)).toContain("Visitors still get through.");
  expect(textOf(weak)).not.toContain("On call");
  cloudflare.connectors.setConnections(first!.tunnelId, connector!.id, 4);
  await untilIncident(world, "Over: tunnel lane-1 was degraded");

  for (const { tunnelId } of lanes.slice(1)) cloudflare.setConnectors(tunnelId, 0);
  await untilIncident(world, "19 tunnels are down");
  expect(incidents(world)).toHaveLength(2);
  for (const { tunnelId } of lanes.slice(1)) cloudflare.setConnectors(tunnelId, 2);
  await untilIncident(world, "Over: 19 tunnels were down");
  expect(incidents(world)).toHaveLength(2);
});
