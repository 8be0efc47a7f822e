// The stand-in as those see it who watch it and stop it: the metrics server, the edge's API, SIGTERM, configurations.
import { expect, test } from "vitest";
import { diagnosisOf } from "../domain/diagnosis-scripts.ts";
import { STATUS, startEdge, startStandIn, TUNNEL } from "./cloudflared-bench.ts";

test("it is ready as soon as one connection is registered, and the edge counts what it has", async () => {
  const edge = await startEdge();
  edge.network.set({ http2: "blocked" });
  const cloudflared = await startStandIn(edge);
  await cloudflared.says(/Retrying connection in up to 2s/);
  expect(await cloudflared.ready()).toMatchObject({ status: 503, readyConnections: 0 });
  expect((await cloudflared.get("/ready")).status).toBe(503);
  expect(await (await cloudflared.get("/healthcheck")).text()).toBe("OK\n");
  expect(await (await cloudflared.get("/metrics")).text()).toMatch(/^cloudflared_tunnel_ha_connections 1$/m);
  expect(edge.connectors.of(TUNNEL)).toEqual([]);

  edge.network.set({ http2: "open" });
  await expect.poll(() => cloudflared.ready()).toMatchObject({ status: 200, readyConnections: 4 });
  const { connectorId } = await cloudflared.ready();
  expect(cloudflared.stderr()).toContain(`Generated Connector ID: ${connectorId}`);
  const [connector] = edge.connectors.of(TUNNEL);
  expect(connector).toMatchObject({ id: connectorId, version: "2026.8.2" });
  expect(connector?.connections.map(({ colo }) => colo).sort()).toEqual(["kix01", "kix06", "nrt08", "nrt12"]);

  edge.dropConnections(TUNNEL, 3);
  await cloudflared.says(/Lost connection with the edge/, 3);
  await expect.poll(() => cloudflared.ready()).toMatchObject({ status: 200 });
});

test("each configuration version is taken once, told in /config and in the metrics; a bad one is refused", async () => {
  const edge = await startEdge({ connectorDelayMs: 30 });
  const cloudflared = await startStandIn(edge);
  await cloudflared.says(/Initial protocol/);
  await cloudflared.says(/Updated to new configuration/);
  expect(await (await cloudflared.get("/config")).json()).toMatchObject({
    version: 1,
    config: { ingress: [{ hostname: STATUS }, { service: "http_status:404" }] },
  });
  edge.putConfig(TUNNEL, { ingress: [{ service: "http_status:410" }] });
  await expect.poll(() => edge.connectors.of(TUNNEL)[0]?.configVersion).toBe(2);
  expect(await (await cloudflared.get("/metrics")).text()).toMatch(
    /^cloudflared_orchestration_config_version 2$/m,
  );
  edge.putConfig(TUNNEL, {
    ingress: [{ hostname: "a.*.example", service: "http://a" }, { service: "http_status:404" }],
  });
  await cloudflared.says(/Failed to update ingress/);
  await expect.poll(() => edge.connectors.of(TUNNEL)[0]?.refused).toMatch(/wildcard/);
  expect(await (await cloudflared.get("/config")).json()).toMatchObject({ version: 2 });
  expect(diagnosisOf(cloudflared.stderr()).map(({ cause }) => cause)).toEqual(["bad-config"]);

  // What it serves outlives the loss of every connection.
  edge.dropConnections(TUNNEL, 4);
  await expect.poll(() => edge.connectors.of(TUNNEL)[0]?.connections.length ?? 0).toBeGreaterThan(0);
  expect(edge.connectors.of(TUNNEL)[0]?.configVersion).toBe(2);
});

test("/diag/tunnel leaves zero values out, as the real one does", async () => {
  const edge = await startEdge();
  const quic = await startStandIn(edge, { TUNNEL_TRANSPORT_PROTOCOL: "quic" });
  await quic.says(/Registered tunnel connection/, 4);
  const { connections } = (await (await quic.get("/diag/tunnel")).json()) as { connections: object[] };
  expect(connections[0]).toEqual({ isConnected: true, protocol: 1, edgeAddress: "198.41.192.77" });
  expect(connections[1]).toMatchObject({ protocol: 1, index: 1 });
  expect(await (await quic.get("/quicktunnel")).json()).toEqual({ hostname: "" });
  expect(await (await quic.get("/diag/configuration")).json()).toMatchObject({
    protocol: "quic",
    token: "*****",
  });
  expect((await quic.get("/nothing")).status).toBe(404);
});

test("SIGTERM: not ready at once, an orderly end, code 0, and nothing that a diagnosis would report", async () => {
  const edge = await startEdge();
  // The real pace, so that the moment between the signal and the end can be seen.
  const cloudflared = await startStandIn(edge, { SANDBOX_TIME_SCALE: "0.5" });
  await cloudflared.says(/Registered tunnel connection/, 4);
  const code = cloudflared.stop();
  await cloudflared.says(/Initiating graceful shutdown due to signal terminated/);
  expect(await cloudflared.ready()).toMatchObject({ status: 503, readyConnections: 0 });
  expect(await code).toBe(0);
  const messages = cloudflared
    .stderr()
    .split("\n")
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line).message as string] : []));
  expect(messages.slice(messages.findIndex((message) => message?.startsWith("Initiating")))).toEqual([
    "Initiating graceful shutdown due to signal terminated ...",
    ...Array(4).fill("Unregistered tunnel connection"),
    ...Array(4).fill("Retrying connection in up to 1s"),
    ...Array(4).fill("Connection terminated"),
    "no more connections active and exiting",
    "Tunnel server stopped",
    "Metrics server stopped",
  ]);
  expect(diagnosisOf(cloudflared.stderr())).toEqual([]);
  expect(edge.connectors.of(TUNNEL)).toEqual([]);
});

test("a process that is killed leaves no connector behind", async () => {
  const edge = await startEdge();
  const cloudflared = await startStandIn(edge);
  await expect.poll(() => edge.connectors.of(TUNNEL)[0]?.connections).toHaveLength(4);
  cloudflared.process.kill("SIGKILL");
  expect(await cloudflared.ended()).toBe("SIGKILL");
  await expect.poll(() => edge.connectors.of(TUNNEL)).toEqual([]);
  expect((await edge.visit(STATUS)).verdict).not.toBe("reached the service");
});

test("the API that cuts a connector off makes it come back with the same id", async () => {
  const edge = await startEdge();
  const cloudflared = await startStandIn(edge);
  await cloudflared.says(/Registered tunnel connection/, 4);
  const id = edge.connectors.of(TUNNEL)[0]?.id;
  edge.connectors.detach(TUNNEL, id);
  await cloudflared.says(/Lost connection with the edge/, 4);
  await expect.poll(() => edge.connectors.of(TUNNEL)[0]?.connections).toHaveLength(4);
  expect(edge.connectors.of(TUNNEL)[0]?.id).toBe(id);
});
