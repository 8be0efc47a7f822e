// The tunnel's levers on the control address: what they break shows in Cloudflare's API, in `/ready` and, through Cloud
// Logging and the bot's own reader, in the diagnosis; and Heal mends it.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PageConnectors } from "../../sandbox/page/state.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import type { LogFact } from "../../src/domain/diagnosis/facts.ts";
import { loadPolicy } from "../../src/policy-file.ts";
import { createConnectorLogs } from "../../src/services/connector-logs.ts";
import { createGoogleClients, type GoogleClients } from "../../src/services/google-clients.ts";
import type { LogCursor } from "../../src/services/log-cursor.ts";

const TUNNEL = "3d539f97-cd3a-4d8e-833b-65e9099c7a8d";
const POOL = { project: "lakeside-prod", region: "asia-northeast1", name: "cloudflared" };
let sandbox: Sandbox;
let clients: GoogleClients;

beforeAll(async () => {
  sandbox = await startSandbox({ bot: false, cloudflared: { timeScale: 0.01 } });
  clients = createGoogleClients({ endpoint: sandbox.google.endpoint });
});
afterAll(async () => {
  await clients.close();
  await sandbox.stop();
});

async function press(lever: string, body: object = {}): Promise<PageConnectors> {
  const response = await fetch(`${sandbox.url}/cloudflared/${lever}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as PageConnectors;
}

async function state(): Promise<PageConnectors> {
  return (await (await fetch(`${sandbox.url}/cloudflared`)).json()) as PageConnectors;
}

const facts: LogFact[] = [];
let cursor: LogCursor | null = null;

/** What the bot finds in all of the log so far; like the bot it goes on where it stopped. */
async function causes(): Promise<string[]> {
  const logs = createConnectorLogs({ clients, pools: [POOL], timeoutMs: 10_000 });
  const reading = await logs.read(POOL.project, cursor, sandbox.shared.clock.now());
  cursor = reading.cursor;
  facts.push(...reading.facts);
  return diagnose(facts).map(({ cause }) => cause);
}

async function connections(): Promise<number[]> {
  return sandbox.cloudflare.connectors.of(TUNNEL).map((connector) => connector.connections.length);
}

const eventually = { timeout: 25_000, interval: 100 };
/** Cloud Logging allows 60 questions a minute. */
const seldom = { timeout: 25_000, interval: 1300 };

async function heals(): Promise<void> {
  await press("heal");
  await expect.poll(connections, eventually).toEqual([4, 4]);
  await expect.poll(causes, seldom).toEqual([]);
  expect((await state()).fault).toBeNull();
}

test("two instances run, and the policy tells the bot where they are", async () => {
  expect(await connections()).toHaveLength(2);
  await expect.poll(connections, eventually).toEqual([4, 4]);
  const policy = await loadPolicy(sandbox.env.POLICY_FILE ?? "");
  const connectors = policy.tunnels[0]?.connectors;
  expect(connectors?.workerPool).toEqual(POOL);
  const ready = await Promise.all((connectors?.metrics ?? []).map((address) => fetch(`${address}/ready`)));
  expect(ready.map(({ status }) => status)).toEqual([200, 200]);
  expect(await causes()).toEqual([]);
  const { instances, lines, protocol } = await state();
  expect(protocol).toBe("http2");
  expect(instances.map((each) => each.connections.filter(Boolean).length)).toEqual([4, 4]);
  expect(lines.length).toBeGreaterThan(0);
});

test.each([
  ["block-quic", {}, "quic-blocked", []],
  ["bad-token", {}, "token-rejected", []],
  ["drop-one", {}, "degraded", [3, 4]],
])("%s %o is diagnosed as %s, and healed", async (lever, body, cause, left) => {
  await press(lever, body);
  await expect.poll(async () => (await connections()).sort(), eventually).toEqual(left);
  if (cause !== "degraded") await expect.poll(causes, seldom).toEqual([cause]);
  expect((await state()).fault).toBe(lever);
  await heals();
});

test("a lever that is pulled while Heal still rolls out is healed by the next Heal", async () => {
  await press("bad-token");
  await expect.poll(connections, eventually).toEqual([]);
  await Promise.all([press("heal"), press("bad-token")]);
  await heals();
});

test("a rolling restart keeps the tunnel up and is nothing to report", async () => {
  const { revision } = await state();
  const seen: number[] = [];
  const stop = sandbox.cloudflare.onChange(() => {
    seen.push(sandbox.cloudflare.connectors.of(TUNNEL).filter((each) => each.connections.length > 0).length);
  });
  await press("rolling-restart");
  await expect
    .poll(
      async () => (await state()).instances.map((each) => [each.revision === revision, each.running]),
      eventually,
    )
    .toEqual([
      [false, true],
      [false, true],
    ]);
  await expect.poll(connections, eventually).toEqual([4, 4]);
  stop();
  expect(Math.min(...seen)).toBeGreaterThan(0);
  expect(await causes()).toEqual([]);
});

test("a rolling restart mends no wrong setting", async () => {
  await press("block-quic", { protocol: "auto" });
  const { revision, protocol } = await state();
  expect(protocol).not.toBe("http2");
  const restarted = await press("rolling-restart");
  expect(restarted.revision).not.toBe(revision);
  expect(restarted).toMatchObject({ protocol, fault: "block-quic" });
  await heals();
});

test("a route without its Host header is put right by Heal, and what others changed stays", async () => {
  await press("wrong-host");
  await expect.poll(causes, seldom).toEqual(["origin-host"]);
  const { config } = sandbox.cloudflare.tunnelConfig(TUNNEL);
  const added = { hostname: "new.lakeside.example", service: "http_status:410" };
  const ingress = [added, ...(config.ingress as object[])];
  sandbox.cloudflare.putConfig(TUNNEL, { ...config, ingress });
  await heals();
  const after = sandbox.cloudflare.tunnelConfig(TUNNEL).config.ingress as { originRequest?: object }[];
  expect(after[0]).toEqual(added);
  expect(after[1]?.originRequest).toHaveProperty("httpHostHeader");
});

test("all connections lost at once come back by themselves", async () => {
  await press("drop-all");
  await expect.poll(connections, eventually).toEqual([4, 4]);
  expect((await state()).fault).toBeNull();
});

test("the tunnel's connectors are scaled by the same lever as connectors without a process", async () => {
  const body = JSON.stringify({ tunnelId: TUNNEL, count: 0 });
  await fetch(`${sandbox.url}/cloudflare/connectors`, { method: "POST", body });
  expect(await connections()).toEqual([]);
  expect((await state()).instances).toEqual([]);
});

test.each([
  ["no such lever", "explode", {}, 404, /a fault is one of drop-one/],
  ["an unknown option", "block-quic", { protocol: "h2mux" }, 400, /protocol/],
  ["nothing to delete", "delete-application", {}, 400, /open a service first/],
])("%s is answered", async (_, lever, body, status, words) => {
  const response = await fetch(`${sandbox.url}/cloudflared/${lever}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(status);
  expect(((await response.json()) as { error: string }).error).toMatch(words);
});
