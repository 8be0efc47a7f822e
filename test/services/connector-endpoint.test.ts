// A connector's own address: a real process behind it, and answers that only look like one.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createConnectorEndpoint } from "../../src/services/connector-endpoint.ts";
import { startEdge, startStandIn } from "../sandbox/cloudflared-bench.ts";

const endpoint = (timeoutMs = 2_000) => createConnectorEndpoint({ timeoutMs });

test("a connector that is up, and one that is gone", async () => {
  const standIn = await startStandIn(await startEdge());
  await standIn.says(/Registered tunnel connection/, 4);
  const address = `http://${standIn.metrics}`;
  const { connectorId } = await standIn.ready();
  expect(await endpoint().ready(address)).toEqual({ state: "answered", connectorId, connections: 4 });
  const details = await endpoint().details(address);
  expect(details).toMatchObject({ version: expect.stringMatching(/^\d+\./), protocol: "http2" });
  expect(details.colos).toHaveLength(4);
  expect(details.configVersion).toBeGreaterThan(0);
  await standIn.stop();
  expect(await endpoint().ready(address)).toEqual({ state: "refused" });
  expect(await endpoint().details(address)).toEqual({
    version: null,
    protocol: null,
    configVersion: null,
    colos: [],
  });
});

/** Serves these bodies by path, and anything else with 404. */
async function serving(answers: Record<string, { status?: number; body: string }>): Promise<string> {
  return await listening((request, response) => {
    const answer = answers[request.url ?? ""];
    response.writeHead(answer ? (answer.status ?? 200) : 404).end(answer?.body ?? "");
  });
}

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ID = "9f5a3e0c-6f3d-4c57-9a3b-0d9a4b9f2f11";

test.each([
  ["four", 200, { status: 200, readyConnections: 4, connectorId: ID }, { connectorId: ID, connections: 4 }],
  [
    "one of four",
    200,
    { status: 200, readyConnections: 1, connectorId: ID },
    { connectorId: ID, connections: 1 },
  ],
  ["none", 503, { status: 503, readyConnections: 0, connectorId: ID }, { connectorId: ID, connections: 0 }],
  ["none, left out as a zero", 503, { status: 503, connectorId: ID }, { connectorId: ID, connections: 0 }],
  [
    "no id yet",
    503,
    { connectorId: "00000000-0000-0000-0000-000000000000" },
    { connectorId: null, connections: 0 },
  ],
])("/ready with %s", async (_, status, body, expected) => {
  const address = await serving({ "/ready": { status, body: JSON.stringify(body) } });
  expect(await endpoint().ready(address)).toEqual({ state: "answered", ...expected });
});

test.each([
  ["a page", 200, "<html>"],
  ["a list", 200, "null"],
  ["another status", 500, "{}"],
])("%s at /ready is nobody we know", async (_, status, body) => {
  const address = await serving({ "/ready": { status, body } });
  expect(await endpoint().ready(address)).toMatchObject({ state: "silent" });
});

test("a redirect is not followed", async () => {
  const address = await listening((_, response) =>
    response.writeHead(302, { location: "http://127.0.0.1:1/ready" }).end(),
  );
  expect(await endpoint().ready(address)).toMatchObject({ state: "silent" });
});

test.each<[string, RequestListener]>([
  ["never answers", () => {}],
  ["never ends", (_, response) => void response.writeHead(200).write("{")],
])("one that %s is silent when the time is up", async (_, listener) => {
  const address = await listening(listener);
  expect(await endpoint(200).ready(address)).toEqual({ state: "silent", because: "no answer in time" });
});

test("one that breaks off, and one that never stops talking", async () => {
  const broken = await listening((request) => void request.socket.destroy());
  expect(await endpoint().ready(broken)).toMatchObject({ state: "silent" });
  const endless = await listening((_, response) => {
    function more(): void {
      if (response.destroyed) return;
      response.write("x".repeat(65_536));
      setImmediate(more);
    }
    more();
  });
  expect(await endpoint().ready(endless)).toEqual({ state: "silent", because: "TOO_LONG" });
});

const METRICS = `# HELP build_info Build and version information
# TYPE build_info gauge
build_info{goversion="go1.26.0",revision="2026-08-20",type="",version="2026.8.2"} 1
cloudflared_tunnel_ha_connections 4
cloudflared_tunnel_server_locations{connection_id="0",edge_location="nrt08"} 1
cloudflared_tunnel_server_locations{connection_id="1",edge_location="kix01"} 0
cloudflared_tunnel_server_locations{connection_id="1",edge_location="kix06"} 1
`;

test.each([
  ["http2, a zero that is left out", [{ isConnected: true, edgeAddress: "198.51.100.1" }], "http2"],
  ["quic", [{ isConnected: true, protocol: 1, index: 2 }], "quic"],
  ["connections that are lost", [{ protocol: 1 }], null],
  ["none", [], null],
])("what it runs: %s", async (_, connections, protocol) => {
  const address = await serving({
    "/metrics": { body: METRICS },
    "/config": { body: '{"version":12,"config":{}}' },
    "/diag/tunnel": { body: JSON.stringify({ connections }) },
  });
  expect(await endpoint().details(address)).toEqual({
    version: "2026.8.2",
    configVersion: 12,
    colos: ["nrt08", "kix06"],
    protocol,
  });
});

test("before its first configuration it has no version of one", async () => {
  const address = await serving({ "/config": { body: '{"version":-1,"config":{}}' } });
  expect((await endpoint().details(address)).configVersion).toBeNull();
});
