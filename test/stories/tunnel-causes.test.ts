// Why a tunnel broke: what the connectors' log says is told as the cause, with what to do, and noise is told to nobody.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTunnelWorld, incidents, replies, untilIncident } from "../tunnels.ts";
import { TUNNEL, textOf, type World } from "../world.ts";

const EXAMPLES = new Map<string, string>(
  (
    JSON.parse(readFileSync(new URL("../data/cloudflared-log-lines.json", import.meta.url), "utf8")) as {
      id: string;
      example: string;
    }[]
  ).map(({ id, example }) => [id, example]),
);
const ORIGIN = { project: "lakeside-prod", region: "asia-northeast1", workerPool: "cloudflared" };

let world: World;

beforeAll(async () => {
  world = await createTunnelWorld();
});
afterAll(() => world.close());

/** The connectors print these lines now. */
function prints(instance: string, ids: string[], fields: Record<string, unknown> = {}): void {
  const { google, shared } = world.sandbox;
  const time = shared.clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, "Z");
  for (const id of ids) {
    const example = EXAMPLES.get(id) ?? "";
    const line = example.startsWith("{")
      ? JSON.stringify({ ...JSON.parse(example), time, ...fields })
      : example;
    google.writeLog({ ...ORIGIN, instance }, line);
  }
}

test("noise, however much of it, is told to nobody", async () => {
  const { shared } = world.sandbox;
  for (let round = 0; round < 300; round++)
    prints("a", ["udp-buffer", "icmp-off", "update-check", "precheck-table"]);
  const reads = () => shared.journal.entries().filter((each) => each.method === "ListLogEntries").length;
  const before = reads();
  await world.until("the log was read twice", () => reads() >= before + 2);
  expect(incidents(world)).toEqual([]);
});

test("an outage whose log says that QUIC is blocked names it, and how to do without", async () => {
  const { cloudflare } = world.sandbox;
  prints("b", ["start", "initial-protocol", "precheck-row-udp-fail", "quic-dial", "quic-dial", "quic-hint"]);
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
  prints("b", ["fallback"]);
  for (const connIndex of [0, 1, 2, 3]) prints("b", ["registered"], { connIndex, protocol: "http2" });
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
  await world.until("the thread says so", () =>
    replies(world, incident).some((each) => each.startsWith("! ")),
  );
  expect(incidents(world)).toHaveLength(1);
});
