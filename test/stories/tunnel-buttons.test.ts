// A newcomer presses a button under "Tunnel", reads in the alerts channel what broke, why, and what to do, presses Heal, and
// sees it resolve: the real bot, real processes for cloudflared, and every signal that production has.
import { afterAll, beforeAll, expect, test } from "vitest";
import { incidents, untilIncident } from "../tunnels.ts";
import { createWorld, textOf, type World } from "../world.ts";

let world: World;

beforeAll(async () => {
  world = await createWorld({ cloudflared: { timeScale: 0.03 }, env: { LOOK_SECONDS: "0.5" } });
});
afterAll(() => world.close());

async function press(lever: string): Promise<void> {
  const response = await fetch(`${world.sandbox.url}/cloudflared/${lever}`, { method: "POST" });
  expect(response.status).toBe(200);
}

test("a rolling restart is nothing to tell", async () => {
  const running = () => world.sandbox.tunnel?.pool.instances() ?? [];
  const before = running().map(({ connectorId }) => connectorId);
  await press("rolling-restart");
  await world.until("both instances are new ones", () =>
    running().every(({ connectorId }) => connectorId !== null && !before.includes(connectorId)),
  );
  await world.until("all is up", () => {
    const { tunnelId } = world.sandbox.tunnel ?? { tunnelId: "" };
    const connectors = world.sandbox.cloudflare.connectors.of(tunnelId);
    return connectors.length === 2 && connectors.every(({ connections }) => connections.length === 4);
  });
  expect(incidents(world)).toEqual([]);
});

test("Block QUIC: the alert names the cause and the setting, and Heal resolves it", async () => {
  await press("block-quic");
  const incident = await untilIncident(world, "TUNNEL_TRANSPORT_PROTOCOL=http2");
  const said = textOf(incident);
  expect(said).toContain("UDP port 7844 does not get through");
  expect(said).toContain("docs/runbook/quic-blocked.md");
  expect(said).toContain("failed to dial to edge with quic");
  await press("heal");
  await untilIncident(world, "Over: ");
  expect(incidents(world)).toHaveLength(1);
});
