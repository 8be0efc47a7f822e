// Time between a write and its effect: Access and DNS at the edge, configurations at the connectors. The delays are
// real time; the tests wait for the effect or set a delay that never ends.
import { expect, test, vi } from "vitest";
import { ACCOUNT, HOST, openBench, ruleTo, TUNNEL, whats } from "./cloudflare-bench.ts";

const account_id = ACCOUNT;
const NEVER = 3_600_000;

function settled(
  emulator: Awaited<ReturnType<typeof openBench>>["emulator"],
  kind = "propagated",
): Promise<void> {
  return new Promise((resolve) => {
    const stop = emulator.onChange((change) => {
      if (change.kind !== kind) return;
      stop();
      resolve();
    });
  });
}

test("an application and a record count only after the delay", async () => {
  const { emulator, protect, point } = await openBench({ propagationMs: NEVER });
  await protect(HOST);
  await point(HOST);
  expect((await emulator.visit(HOST)).verdict).toBe("no such host");
  emulator.setPropagation(0);
  await point("other");
  expect((await emulator.visit("other.example.com")).verdict).toBe("catch-all");
  expect((await emulator.visit(HOST)).verdict).toBe("no such host");
});

test("they do count once it is over", async () => {
  const { emulator, protect, point } = await openBench({ propagationMs: 20 });
  await protect(HOST);
  await point(HOST);
  await vi.waitFor(async () => expect((await emulator.visit(HOST)).verdict).toBe("stopped by Access"));
});

test("a removed application and a removed record go on until then", async () => {
  const { client, emulator, protect, point } = await openBench();
  const { id } = await protect(HOST);
  const record = await point(HOST);
  emulator.setPropagation(NEVER);
  await client.zeroTrust.access.applications.revokeTokens(id, { account_id });
  await client.zeroTrust.access.applications.delete(id, { account_id });
  emulator.deleteRecord("", record.id);
  expect((await emulator.visit(HOST)).verdict).toBe("stopped by Access");
  expect(emulator.applications()).toEqual([]);
});

test("an older write does not overtake a newer one with a shorter delay", async () => {
  const { emulator, protect, point } = await openBench();
  const { id } = await protect(HOST);
  await point(HOST);
  emulator.setPropagation(20);
  emulator.editApplication(id, { session_duration: "5m" });
  emulator.setPropagation(0);
  emulator.deleteApplication(id);
  const older = settled(emulator);
  expect((await emulator.visit(HOST)).verdict).toBe("catch-all");
  await older;
  expect((await emulator.visit(HOST)).verdict).toBe("catch-all");
});

test("a connector does not go back to an older version", async () => {
  const { emulator, point, route } = await openBench();
  const older = emulator.tunnelConfig(TUNNEL);
  await point(HOST);
  await route(ruleTo(HOST));
  for (const { id } of emulator.connectors.of(TUNNEL)) {
    emulator.connectors.report(TUNNEL, id, older.version, older.config);
  }
  expect(emulator.connectors.of(TUNNEL).map((each) => each.configVersion)).toEqual([2, 2]);
  expect((await emulator.visit(HOST)).verdict).toBe("reached the service");
});

test("a route before the application's effect is a hole, though the API had the application first", async () => {
  const { emulator, protect, point, route } = await openBench();
  await point(HOST);
  emulator.setPropagation(20);
  const effect = settled(emulator);
  await protect(HOST);
  await route(ruleTo(HOST));
  await effect;
  await vi.waitFor(async () => expect((await emulator.visit(HOST)).verdict).toBe("stopped by Access"));
  expect(whats(emulator.history(HOST))).toEqual(
    expect.arrayContaining(["access application created", "route added", "hole opened", "hole closed"]),
  );
  expect(emulator.firstHole(HOST)).not.toBeNull();
});

test("a connector takes a new version after its delay and reports it", async () => {
  const { client, emulator, point, route } = await openBench({ connectorDelayMs: NEVER });
  await point(HOST);
  const versions = async () => {
    const { result } = await client.zeroTrust.tunnels.cloudflared.connections.get(TUNNEL, { account_id });
    return result.map((each) => each.config_version);
  };
  expect((await route(ruleTo(HOST))).version).toBe(2);
  expect(await versions()).toEqual([1, 1]);
  expect((await emulator.visit(HOST)).verdict).toBe("catch-all");
  expect(emulator.firstHole(HOST)).toBeNull();
  emulator.setConnectorDelay(20);
  await route(ruleTo(HOST), ruleTo("other.example.com"));
  await vi.waitFor(async () => expect(await versions()).toEqual([3, 3]));
  expect(emulator.firstHole(HOST)).not.toBeNull();
});

test("one connector with the new version is enough for a hole", async () => {
  const { emulator, point, route } = await openBench({ connectorDelayMs: NEVER });
  await point(HOST);
  emulator.setConnectorDelay(0);
  const [first] = emulator.connectors.of(TUNNEL);
  await route();
  emulator.setConnectorDelay(NEVER);
  await route(ruleTo(HOST));
  expect(emulator.firstHole(HOST)).toBeNull();
  const { version, config } = emulator.tunnelConfig(TUNNEL);
  emulator.connectors.report(TUNNEL, first?.id ?? "", version, config);
  expect(emulator.firstHole(HOST)).not.toBeNull();
  const seen = new Set([(await emulator.visit(HOST)).verdict, (await emulator.visit(HOST)).verdict]);
  expect([...seen].sort()).toEqual(["catch-all", "reached the service"]);
});

test("a hole is recorded once as the first, and each opening and closing in the history", async () => {
  const { emulator, point, route } = await openBench();
  const record = await point(HOST);
  await route(ruleTo(HOST));
  const first = emulator.firstHole(HOST);
  emulator.deleteRecord("", record.id);
  await point(HOST);
  expect(emulator.firstHole(HOST)).toEqual(first);
  expect(whats(emulator.history(HOST))).toEqual([
    "dns record created",
    "route added",
    "hole opened",
    "dns record removed",
    "hole closed",
    "dns record created",
    "hole opened",
  ]);
});

test("others' hands in the dashboard show in the history but not in the journal", async () => {
  const { emulator, shared } = await openBench();
  emulator.putConfig(TUNNEL, { ingress: [ruleTo(HOST), { service: "http_status:404" }] });
  emulator.putConfig(TUNNEL, {
    ingress: [{ ...ruleTo(HOST), path: "^/api" }, { service: "http_status:404" }],
  });
  emulator.putConfig(TUNNEL, { ingress: [{ service: "http_status:404" }] });
  const id = emulator.addApplication({ domain: HOST, policies: [] });
  emulator.editApplication(id, { session_duration: "5m" });
  emulator.deleteApplication(id);
  const policy = emulator.addPolicy({ name: "people", decision: "allow", include: [{ everyone: {} }] });
  expect(policy).not.toBe("");
  expect(emulator.tunnelConfig(TUNNEL).version).toBe(4);
  expect(whats(emulator.history(HOST))).toEqual([
    "route added",
    "route changed",
    "route removed",
    "access application created",
    "access application changed",
    "access application removed",
  ]);
  expect(shared.journal.entries()).toEqual([]);
  expect(() => emulator.addApplication({ domain: "elsewhere.example" })).toThrow(/zone/);
});
