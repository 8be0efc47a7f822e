// Tunnels, connectors and configuration documents, through the real SDK.
import { expect, test } from "vitest";
import { ACCOUNT, all, HOST, openBench, refusal, ruleTo, TUNNEL } from "./cloudflare-bench.ts";

const account_id = ACCOUNT;
const SECOND = "22222222-2222-4222-8222-222222222222";
const twoTunnels = [
  { id: TUNNEL, name: "tunnel", connectors: 2 },
  { id: SECOND, name: "by-hand", connectors: 0, configSrc: "local" as const },
];

test("tunnels are listed with their filters and states", async () => {
  const { client } = await openBench({ tunnels: twoTunnels });
  const { cloudflared } = client.zeroTrust.tunnels;
  const names = async (query: object) =>
    (await all(cloudflared.list({ account_id, ...query }))).map((tunnel) => tunnel.name);
  expect(await names({ is_deleted: false })).toEqual(["tunnel", "by-hand"]);
  expect(await names({ name: "tunnel" })).toEqual(["tunnel"]);
  expect(await names({ uuid: SECOND })).toEqual(["by-hand"]);
  expect(await names({ include_prefix: "by-" })).toEqual(["by-hand"]);
  expect(await names({ exclude_prefix: "by-" })).toEqual(["tunnel"]);
  expect(await names({ status: "healthy" })).toEqual(["tunnel"]);
  expect(await names({ status: "inactive" })).toEqual(["by-hand"]);
});

test("a tunnel is made, renamed, refused twice and removed only without connectors", async () => {
  const { client, emulator, shared } = await openBench();
  const { cloudflared } = client.zeroTrust.tunnels;
  const made = await cloudflared.create({
    account_id,
    name: "new",
    config_src: "cloudflare",
    tunnel_secret: "c2VjcmV0",
  });
  expect(made).toMatchObject({
    name: "new",
    status: "inactive",
    config_src: "cloudflare",
    tun_type: "cfd_tunnel",
  });
  expect(shared.journal.entries()[0]?.body).toEqual({
    name: "new",
    config_src: "cloudflare",
    tunnel_secret: "[hidden]",
  });
  expect(await refusal(cloudflared.create({ account_id, name: "new" }))).toEqual({
    status: 409,
    code: 1013,
    name: "ConflictError",
  });
  expect(await refusal(cloudflared.edit(made.id ?? "", { account_id, name: "tunnel" }))).toMatchObject({
    code: 1013,
  });
  expect(await cloudflared.edit(made.id ?? "", { account_id, name: "renamed" })).toMatchObject({
    name: "renamed",
  });
  const token = await cloudflared.token.get(made.id ?? "", { account_id });
  expect(JSON.parse(Buffer.from(token, "base64").toString())).toEqual({
    a: ACCOUNT,
    t: made.id,
    s: "c2VjcmV0",
  });
  expect(await refusal(cloudflared.delete(TUNNEL, { account_id }))).toMatchObject({
    status: 400,
    code: 1022,
  });
  emulator.setConnectors(TUNNEL, 0);
  const gone = await cloudflared.delete(TUNNEL, { account_id });
  expect(gone.deleted_at).toBeTruthy();
  expect(await refusal(cloudflared.get(TUNNEL, { account_id }))).toMatchObject({ status: 404 });
  expect((await all(cloudflared.list({ account_id, is_deleted: false }))).length).toBe(1);
  expect((await all(cloudflared.list({ account_id }))).length).toBe(2);
});

test("a tunnel's state follows its connectors and their connections", async () => {
  const { client, emulator } = await openBench();
  const status = async () => (await client.zeroTrust.tunnels.cloudflared.get(TUNNEL, { account_id })).status;
  expect(await status()).toBe("healthy");
  const [first] = emulator.connectors.of(TUNNEL);
  emulator.connectors.setConnections(TUNNEL, first?.id ?? "", 2);
  expect(await status()).toBe("degraded");
  emulator.setConnectors(TUNNEL, 0);
  expect(await status()).toBe("down");
  emulator.setConnectors(TUNNEL, 1);
  expect(await status()).toBe("healthy");
});

test("connectors show id, versions and four connections, and can be cut off one by one", async () => {
  const { client } = await openBench();
  const { connections } = client.zeroTrust.tunnels.cloudflared;
  const list = async () => (await connections.get(TUNNEL, { account_id })).result;
  const [first, second] = await list();
  expect(first).toMatchObject({ config_version: 1, version: "2026.8.2", arch: "linux_amd64" });
  expect(first?.conns).toHaveLength(4);
  expect(
    first?.conns?.every((each) => each.client_id === first.id && each.is_pending_reconnect === false),
  ).toBe(true);
  await connections.delete(TUNNEL, { account_id, client_id: first?.id });
  expect((await list()).map((each) => each.id)).toEqual([second?.id]);
  await connections.delete(TUNNEL, { account_id });
  expect(await list()).toEqual([]);
});

test("a document is replaced as a whole, to the letter, and its version counts up", async () => {
  const { client } = await openBench();
  const { configurations } = client.zeroTrust.tunnels.cloudflared;
  const first = await configurations.get(TUNNEL, { account_id });
  expect(first).toMatchObject({
    version: 1,
    source: "cloudflare",
    config: { ingress: [{ service: "http_status:404" }] },
  });
  const config = {
    ingress: [
      { ...ruleTo(HOST, "aud"), id: "7", later: { kept: [1, null] } },
      { service: "http_status:404", originRequest: {} },
    ],
    originRequest: { connectTimeout: 10, noTLSVerify: false },
    "warp-routing": { enabled: true },
    unknown: "kept",
  };
  expect((await configurations.update(TUNNEL, { account_id, config: config as never })).version).toBe(2);
  const second = await configurations.get(TUNNEL, { account_id });
  expect(second.config).toEqual(config);
  await configurations.update(TUNNEL, {
    account_id,
    config: { ingress: [{ service: "http_status:404" }] } as never,
  });
  const third = await configurations.get(TUNNEL, { account_id });
  expect(third).toMatchObject({ version: 3, config: { ingress: [{ service: "http_status:404" }] } });
  expect(third.config).not.toHaveProperty("warp-routing");
});

test.each([
  { because: "no catch-all", ingress: [{ hostname: HOST, service: "http://x" }] },
  { because: "a path on the last rule", ingress: [{ path: "/a", service: "http_status:404" }] },
  { because: "no rules", ingress: [] },
  { because: "no service", ingress: [{ hostname: HOST }, { service: "http_status:404" }] },
  {
    because: "a rule that hides the rest",
    ingress: [{ service: "http://x" }, { service: "http_status:404" }],
  },
  { because: "no list", ingress: "x" },
])("the API refuses a document with $because", async ({ ingress }) => {
  const { client, emulator } = await openBench();
  const config = { ingress } as never;
  const put = client.zeroTrust.tunnels.cloudflared.configurations.update(TUNNEL, { account_id, config });
  expect(await refusal(put)).toEqual({ status: 400, code: 1056, name: "BadRequestError" });
  expect(emulator.tunnelConfig(TUNNEL).version).toBe(1);
});

test.each([
  { hostname: "a.*.example.com", service: "http://x" },
  { hostname: HOST, path: "(", service: "http://x" },
  { hostname: HOST, service: "no-scheme" },
  { hostname: HOST, service: "http_status:77" },
  { hostname: HOST, service: "http://x", originRequest: { connectTimeout: "soon" } },
])("cloudflared keeps its older document when the API let $hostname $path $service pass", async (bad) => {
  const { client, emulator, route } = await openBench();
  await route(bad, ruleTo("other.example.com"));
  expect(emulator.tunnelConfig(TUNNEL).version).toBe(2);
  const { result } = await client.zeroTrust.tunnels.cloudflared.connections.get(TUNNEL, { account_id });
  expect(result.map((each) => each.config_version)).toEqual([1, 1]);
  await route(ruleTo("other.example.com"));
  const after = await client.zeroTrust.tunnels.cloudflared.connections.get(TUNNEL, { account_id });
  expect(after.result.map((each) => each.config_version)).toEqual([3, 3]);
});

test("a PUT to a locally managed tunnel takes it over", async () => {
  const { client } = await openBench({ tunnels: twoTunnels });
  const { cloudflared } = client.zeroTrust.tunnels;
  expect(await cloudflared.configurations.get(SECOND, { account_id })).toMatchObject({
    source: "local",
    version: 0,
    config: null,
  });
  const config = { ingress: [{ service: "http_status:404" }] } as never;
  expect(await cloudflared.configurations.update(SECOND, { account_id, config })).toMatchObject({
    source: "cloudflare",
    version: 1,
  });
  expect(await cloudflared.get(SECOND, { account_id })).toMatchObject({
    config_src: "cloudflare",
    remote_config: true,
  });
});

test("a locally managed tunnel serves its own file, at no version", async () => {
  const config = { ingress: [ruleTo(HOST), { service: "http_status:404" }] };
  const { client, emulator, point } = await openBench({
    tunnels: [{ id: TUNNEL, name: "by-hand", connectors: 1, configSrc: "local", config }],
  });
  await point(HOST);
  expect((await emulator.visit(HOST)).verdict).toBe("reached the service");
  const { result } = await client.zeroTrust.tunnels.cloudflared.connections.get(TUNNEL, { account_id });
  expect(result).toMatchObject([{ config_version: 0 }]);
});

test("a stand-in process takes a connector's place and reports for itself", async () => {
  const { emulator, client, route, point } = await openBench({
    tunnels: [{ id: TUNNEL, name: "tunnel", connectors: 0 }],
  });
  const tunnel = { ...emulator.tunnelConfig(TUNNEL) };
  const stand = emulator.attachConnector(TUNNEL, { drives: true, version: "2026.9.0" });
  await point(HOST);
  expect((await emulator.visit(HOST)).status).toBe(503);
  emulator.connectors.report(TUNNEL, stand.id, tunnel.version, tunnel.config);
  expect((await emulator.visit(HOST)).verdict).toBe("catch-all");
  await route(ruleTo(HOST));
  expect((await emulator.visit(HOST)).verdict).toBe("catch-all");
  const { result } = await client.zeroTrust.tunnels.cloudflared.connections.get(TUNNEL, { account_id });
  expect(result).toMatchObject([{ id: stand.id, version: "2026.9.0", config_version: 1 }]);
  emulator.connectors.report(TUNNEL, stand.id, 2, emulator.tunnelConfig(TUNNEL).config);
  expect((await emulator.visit(HOST)).verdict).toBe("reached the service");
});
