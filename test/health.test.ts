// What Cloud Run's probes are told.
import { afterEach, describe, expect, it } from "vitest";
import { type HealthOptions, type HealthServer, startHealthServer } from "../src/health.ts";

let server: HealthServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

async function start(options: Partial<HealthOptions> = {}) {
  const checks = async () => ({ ready: true, details: { slack: "ok" } });
  server = await startHealthServer({ port: 0, host: "127.0.0.1", checks, ...options });
  const base = `http://127.0.0.1:${server.port}`;
  return (path: string, init?: RequestInit) => fetch(`${base}${path}`, init);
}

describe("startHealthServer", () => {
  it("is alive as long as it says so", async () => {
    let alive = true;
    const get = await start({ alive: () => alive });
    expect((await get("/healthz")).status).toBe(200);
    alive = false;
    const answer = await get("/healthz");
    expect([answer.status, await answer.json()]).toEqual([503, { alive: false }]);
  });

  it("has started when it says so", async () => {
    let started = false;
    const get = await start({ started: () => started });
    expect((await get("/startupz")).status).toBe(503);
    started = true;
    const answer = await get("/startupz");
    expect([answer.status, await answer.json()]).toEqual([200, { started: true }]);
  });

  it("is ready when its checks are, and shows them either way", async () => {
    let ready = true;
    const get = await start({ checks: async () => ({ ready, details: { store: "ok" } }) });
    expect(await (await get("/readyz?verbose")).json()).toEqual({ ready: true, details: { store: "ok" } });
    ready = false;
    const answer = await get("/readyz");
    expect([answer.status, await answer.json()]).toEqual([503, { ready: false, details: { store: "ok" } }]);
  });

  it.each([
    ["fails", async () => Promise.reject(new Error("postgres://u:MARKED@db"))],
    ["hangs", () => new Promise<never>(() => undefined)],
  ])("is not ready when a check %s, and keeps the reason to itself", async (_, checks) => {
    const get = await start({ checks, timeoutMs: 50 });
    const answer = await get("/readyz");
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("MARKED");
    expect((await get("/healthz")).status).toBe(200);
  });

  it("gives metrics where there are some", async () => {
    const get = await start({ metrics: async () => "drawbridge_open 3\n" });
    const answer = await get("/metrics");
    expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(await answer.text()).toBe("drawbridge_open 3\n");
  });

  it("knows nothing else", async () => {
    const get = await start();
    expect((await get("/metrics")).status).toBe(404);
    expect((await get("/")).status).toBe(404);
    expect((await get("/healthz", { method: "POST" })).status).toBe(405);
    const head = await get("/healthz", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("says when its port is taken", async () => {
    await start();
    const second = startHealthServer({
      port: server!.port,
      host: "127.0.0.1",
      checks: async () => ({ ready: true, details: {} }),
    });
    await expect(second).rejects.toThrow(/HEALTH_PORT \d+ is taken by another process/);
  });
});
