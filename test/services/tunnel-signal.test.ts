// What Cloudflare says of our tunnels, and what it costs to ask.
import { expect, test } from "vitest";
import { createTunnels } from "../../src/services/tunnel.ts";
import { createTunnelSignal } from "../../src/services/tunnel-signal.ts";
import { ACCOUNT, failureOf, LOCAL_TUNNEL, openAccount, TUNNEL } from "./cloudflare-account.ts";

const START = Date.UTC(2026, 10, 24, 6);
const at = (second: number) => new Date(START + second * 1000);
const POLL_SECONDS = 15;
/** Cloudflare's limit: https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
const LIMIT = { calls: 1_200, seconds: 300 };

const idOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

async function open(count: number, { callsAreShort = false } = {}) {
  const seeded = Array.from({ length: count }, (_, index) => ({
    id: idOf(index),
    name: `t${index}`,
    connectors: 2,
  }));
  const account = await openAccount(count > 0 ? { tunnels: seeded } : {});
  const tunnels = createTunnels({ client: account.client, accountId: ACCOUNT });
  const tunnelIds = count > 0 ? seeded.map(({ id }) => id) : [TUNNEL];
  const signal = createTunnelSignal({ tunnels, tunnelIds, callsAreShort: () => callsAreShort });
  const calls = (pattern: RegExp) => account.asked().filter((call) => pattern.test(call)).length;
  return { ...account, signal, calls };
}

test("tells each configured tunnel's status and its connectors' connections", async () => {
  const { signal } = await open(0);
  const [reading] = await signal.read(at(0));
  expect(reading).toMatchObject({
    tunnelId: TUNNEL,
    at: at(0),
    name: "main",
    status: "healthy",
    connectorsAt: at(0),
  });
  expect(reading?.connectors).toHaveLength(2);
  const [connector] = reading?.connectors ?? [];
  expect(connector?.connections.map(({ colo }) => colo)).toEqual(["nrt08", "kix01", "nrt12", "kix06"]);
});

test("a tunnel that Cloudflare does not know is left out", async () => {
  const { client } = await openAccount();
  const tunnels = createTunnels({ client, accountId: ACCOUNT });
  const signal = createTunnelSignal({ tunnels, tunnelIds: [idOf(9), TUNNEL], callsAreShort: () => false });
  expect((await signal.read(at(0))).map(({ tunnelId }) => tunnelId)).toEqual([TUNNEL]);
});

test("connections are read again when the status changed, and kept while it did not", async () => {
  const { signal, cloudflare, calls } = await open(0);
  await signal.read(at(0));
  await signal.read(at(15));
  expect(calls(/connections/)).toBe(1);
  const [first] = cloudflare.connectors.of(TUNNEL);
  cloudflare.connectors.setConnections(TUNNEL, first?.id ?? "", 1);
  const [reading] = await signal.read(at(30));
  expect(reading).toMatchObject({ status: "degraded", connectorsAt: at(30) });
  expect(reading?.connectors?.[0]?.connections).toHaveLength(1);
  expect(calls(/connections/)).toBe(2);
});

test("where only the connections cannot be read, the status is told, with the old ones marked as such", async () => {
  const { signal, cloudflare, fail } = await open(0);
  await signal.read(at(0));
  cloudflare.setConnectors(TUNNEL, 0);
  fail({ path: "/connections$", times: 0, effect: { kind: "status", status: 500 } });
  const [reading] = await signal.read(at(15));
  expect(reading).toMatchObject({ status: "down", connectorsAt: null });
  expect(reading?.connectors).toHaveLength(2);
});

test("a list that fails is a fault, and no reading", async () => {
  const { signal, fail } = await open(0);
  fail({ path: "/cfd_tunnel$", times: 0, effect: { kind: "status", status: 500 } });
  expect(await failureOf(signal.read(at(0)))).toMatchObject({ kind: "retry" });
});

test("with few calls left, the connections wait", async () => {
  const { signal, calls } = await open(3, { callsAreShort: true });
  const readings = await signal.read(at(0));
  expect(readings.map(({ status, connectors }) => [status, connectors])).toEqual(
    Array(3).fill(["healthy", null]),
  );
  expect(calls(/connections/)).toBe(0);
});

test("fifty tunnels that fail together are ten calls at a time, and each has its turn", async () => {
  const { signal, cloudflare, calls, shared } = await open(50);
  for (let second = 0; second <= 60; second += POLL_SECONDS) await signal.read(at(second));
  shared.journal.clear();
  for (let index = 0; index < 50; index++) {
    const [first] = cloudflare.connectors.of(idOf(index));
    cloudflare.connectors.setConnections(idOf(index), first?.id ?? "", 2);
  }
  await signal.read(at(75));
  expect(calls(/connections/)).toBe(10);
  for (let second = 90; second <= 135; second += POLL_SECONDS) await signal.read(at(second));
  const readings = await signal.read(at(150));
  expect(readings.every(({ connectors }) => connectors?.[0]?.connections.length === 2)).toBe(true);
});

test.each([
  [1, 240 + 12],
  [10, 240 + 120],
  [50, 240 + 600],
])("%i tunnels cost %i calls an hour, far below the limit", async (count, expected) => {
  const { signal, calls } = await open(count);
  for (let second = 0; second < 3_600; second += POLL_SECONDS) await signal.read(at(second));
  const total = calls(/./);
  expect(total).toBe(expected);
  expect(total / 3_600).toBeLessThan((LIMIT.calls / LIMIT.seconds) * 0.1);
});

test("deleted and foreign tunnels are no concern of ours", async () => {
  const { signal, calls } = await open(0);
  const readings = await signal.read(at(0));
  expect(readings.map(({ tunnelId }) => tunnelId)).toEqual([TUNNEL]);
  expect(calls(new RegExp(LOCAL_TUNNEL))).toBe(0);
});
