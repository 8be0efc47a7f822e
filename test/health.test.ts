// What Cloud Run's probes are told.
import { afterEach, describe, expect, it } from "vitest";
import { type HealthOptions, type HealthServer, startHealthServer } from "../src/health.ts";
import { createLogger } from "../src/log.ts";
import { quiet } from "./quiet.ts";

let server: HealthServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

async function start(options: Partial<HealthOptions> = {}) {
  const checks = async () => ({ ready: true, details: { slack: "ok" } });
  server = await startHealthServer({ port: 0, host: "127.0.0.1", checks, log: quiet, ...options });
  const base = `http://127.0.0.1:${server.port}`;
  return (path: string, init?: RequestInit) => fetch(`${base}${path}`, init);
}

function recorder() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { log: createLogger({ level: "info", destination }), lines };
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
    [
      "fails",
      async () => Promise.reject(new Error("no route to db.MARKED.internal")),
      "no route to db.MARKED",
    ],
    ["hangs", () => new Promise<never>(() => undefined), "the check took too long"],
  ])("keeps it to itself and the log when a check or a scrape %s", async (_, check, why) => {
    const { log, lines } = recorder();
    const get = await start({ checks: check, metrics: check, timeoutMs: 50, log });
    for (const path of ["/readyz", "/metrics"]) {
      const answer = await get(`${path}?MARKED`);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toEqual({ ready: false, details: { error: "the check failed" } });
      expect(lines.at(-1)).toMatchObject({ severity: "WARNING", message: "a check failed", path });
      expect(lines.at(-1)?.err).toMatchObject({ message: expect.stringContaining(why) });
    }
    expect((await get("/healthz")).status).toBe(200);
    expect(lines).toHaveLength(2);
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
      log: quiet,
    });
    await expect(second).rejects.toThrow(/HEALTH_PORT \d+ is taken by another process/);
  });
});
