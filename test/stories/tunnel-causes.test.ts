// Why a tunnel broke: what the connectors' log says is told as the cause, with what to do, and noise is told to nobody.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTunnelWorld, incidents, prints, replies, untilIncident, untilLogIsRead } from "../tunnels.ts";
import { TUNNEL, textOf, type World } from "../world.ts";

let world: World;

beforeAll(async () => {
  world = await createTunnelWorld();
});
afterAll(() => world.close());

test("noise, however much of it, is told to nobody", async () => {
  for (let round = 0; round < 300; round++)
    prints(world, "a", ["udp-buffer", "icmp-off", "update-check", "precheck-table"]);
  await untilLogIsRead(world);
  expect(incidents(world)).toEqual([]);
});

test("an outage whose log says that QUIC is blocked names it, and how to do without", async () => {
  const { cloudflare } = world.sandbox;
  prints(world, "b", [
    "start",
    "initial-protocol",
    "precheck-row-udp-fail",
    "quic-dial",
    "quic-dial",
    "quic-hint",
  ]);
  cloudflare.setConnectors(TUNNEL, 0);
  const incident = await untilIncident(
    world,
    "Tunnel cloud-run is down. UDP port 7844 to Cloudflare is blocked",
  );
  const said = textOf(incident);
  for (const part of [
    "UDP port 7844 to Cloudflare is blocked, so QUIC cannot connect.",
    "Set TUNNEL_TRANSPORT_PROTOCOL=http2 on the worker pool's cloudflared container",
    "docs/runbook/quic-blocked.md",
    "timeout: no recent network activity",
  ])
    expect(said).toContain(part);
  prints(world, "b", ["fallback"]);
  for (const connIndex of [0, 1, 2, 3]) prints(world, "b", ["registered"], { connIndex, protocol: "http2" });
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
  await world.until("the thread says so", () =>
    replies(world, incident).some((each) => each.startsWith("! ")),
  );
  expect(incidents(world)).toHaveLength(1);
});

test("a new revision of the worker pool that does not come up is named, with Cloud Run's reason", async () => {
  const { cloudflare, google } = world.sandbox;
  const message = "The user-provided container failed the configured startup probe checks.";
  const pool = "projects/lakeside-prod/locations/asia-northeast1/workerPools/cloudflared";
  google.deployWorkerPool(pool, { revisionReason: "HEALTH_CHECK_CONTAINER_ERROR", message });
  world.sandbox.shared.clock.forward(40 * 60_000);
  cloudflare.setConnectors(TUNNEL, 0);
  const incident = await untilIncident(world, "Cloud Run could not bring up cloudflared-");
  expect(textOf(incident)).toContain(`HEALTH_CHECK_CONTAINER_ERROR: ${message}`);
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
});
