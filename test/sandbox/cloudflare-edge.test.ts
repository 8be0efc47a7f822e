// The way of a request through the emulated edge: DNS, Access, the tunnel, cloudflared's lock, the origin.
import { expect, test } from "vitest";
import { HOST, openBench, overHttp, ruleTo, SERVICE_HOST, TUNNEL, whats, ZONE } from "./cloudflare-bench.ts";

test("an exposure opens in the right order and is never a hole", async () => {
  const { emulator, protect, point, route } = await openBench();
  expect((await emulator.visit(HOST)).verdict).toBe("no such host");
  const { aud } = await protect(HOST);
  await point(HOST);
  const stopped = await emulator.visit(HOST);
  expect(stopped).toMatchObject({ status: 302, verdict: "stopped by Access" });
  const login = new URL(stopped.location ?? "");
  expect(login.host).toBe("drawbridge.cloudflareaccess.com");
  expect(login.pathname).toBe(`/cdn-cgi/access/login/${HOST}`);
  expect(login.searchParams.get("kid")).toBe(aud);
  expect((await emulator.visit(HOST, { email: "asha@example.com" })).verdict).toBe("catch-all");
  await route(ruleTo(HOST, aud));
  expect((await emulator.visit(HOST)).verdict).toBe("stopped by Access");
  const visit = await emulator.visit(HOST, { email: "asha@example.com", path: "/invoices?page=2" });
  expect(visit).toMatchObject({
    status: 200,
    verdict: "reached the service",
    body: "billing /invoices?page=2",
  });
  expect((await emulator.visit(HOST, { email: "eve@elsewhere.example" })).verdict).toBe("refused by Access");
  expect(emulator.firstHole(HOST)).toBeNull();
  expect(whats(emulator.history(HOST))).toEqual([
    "no such host",
    "access application created",
    "dns record created",
    "stranger stopped by Access",
    "employee met the catch-all",
    "route added",
    "stranger stopped by Access",
    "employee reached the service",
    "employee refused by Access",
  ]);
});

test("a route with no application is a hole from the moment a connector has it", async () => {
  const { emulator, point, route } = await openBench();
  await point(HOST);
  expect((await emulator.visit(HOST)).verdict).toBe("catch-all");
  expect(emulator.firstHole(HOST)).toBeNull();
  await route(ruleTo(HOST));
  expect(emulator.firstHole(HOST)).toMatchObject({ hostname: HOST, what: "hole opened", detail: "GET /" });
  expect((await emulator.visit(HOST)).verdict).toBe("reached the service");
  expect(whats(emulator.history(HOST))).toEqual([
    "dns record created",
    "stranger met the catch-all",
    "route added",
    "hole opened",
    "stranger reached the service",
  ]);
});

test("cloudflared's own lock holds when somebody deletes the application", async () => {
  const { emulator, protect, point, route } = await openBench();
  const { id, aud } = await protect(HOST);
  await point(HOST);
  await route(ruleTo(HOST, aud));
  emulator.deleteApplication(id);
  expect(await emulator.visit(HOST)).toMatchObject({ status: 403, verdict: "stopped by cloudflared" });
  expect(emulator.firstHole(HOST)).toBeNull();
  await protect(HOST);
  expect((await emulator.visit(HOST, { email: "asha@example.com" })).verdict).toBe("stopped by cloudflared");
});

test.each([
  {
    lock: { required: true, teamName: "drawbridge", audTag: [] },
    verdict: "stopped by cloudflared",
    status: 403,
  },
  {
    lock: { required: true, teamName: "elsewhere", audTag: ["AUD"] },
    verdict: "stopped by cloudflared",
    status: 502,
  },
  { lock: { required: false, audTag: ["other"] }, verdict: "reached the service", status: 200 },
  {
    lock: { required: true, teamName: "drawbridge", audTag: ["other", "AUD"] },
    verdict: "reached the service",
    status: 200,
  },
])("the lock $lock answers an employee with $status", async ({ lock, verdict, status }) => {
  const { emulator, protect, point, route } = await openBench();
  const { aud } = await protect(HOST);
  await point(HOST);
  const access = { ...lock, audTag: lock.audTag.map((each) => (each === "AUD" ? aud : each)) };
  await route({ ...ruleTo(HOST), originRequest: { httpHostHeader: SERVICE_HOST, access } });
  expect(await emulator.visit(HOST, { email: "asha@example.com" })).toMatchObject({ verdict, status });
});

test("a lock on the whole document is ignored, as cloudflared ignores it", async () => {
  const { emulator, point } = await openBench();
  await point(HOST);
  emulator.putConfig(TUNNEL, {
    originRequest: {
      httpHostHeader: SERVICE_HOST,
      access: { required: true, teamName: "drawbridge", audTag: ["x"] },
    },
    ingress: [{ hostname: HOST, service: `https://${SERVICE_HOST}` }, { service: "http_status:404" }],
  });
  expect((await emulator.visit(HOST)).verdict).toBe("reached the service");
});

test("a wrong Host header meets Google's 404, and a stranger who got that far is still a hole", async () => {
  const { emulator, point, route } = await openBench();
  await point(HOST);
  await route({
    hostname: HOST,
    service: `https://${SERVICE_HOST}`,
    originRequest: { httpHostHeader: HOST },
  });
  expect(await emulator.visit(HOST)).toMatchObject({ status: 404, verdict: "origin refused" });
  expect(emulator.firstHole(HOST)).not.toBeNull();
  expect(whats(emulator.history(HOST)).at(-1)).toBe("stranger reached the service");
});

test("without httpHostHeader the service's host is sent, or the visitor's, as the real cloudflared does", async () => {
  const rule = { hostname: HOST, service: `https://${SERVICE_HOST}` };
  for (const [keepsHost, status] of [
    [false, 200],
    [true, 404],
  ] as const) {
    const { emulator, point, route } = await openBench({}, { keepsHost });
    await point(HOST);
    await route(rule);
    expect((await emulator.visit(HOST)).status).toBe(status);
  }
});

test("a tunnel without connectors answers 530 with error 1033, one without configuration 503", async () => {
  const { emulator, point, route } = await openBench({ connectorDelayMs: 60_000 });
  await point(HOST);
  emulator.setConnectors(TUNNEL, 0);
  const down = await emulator.visit(HOST);
  expect(down).toMatchObject({ status: 530, verdict: "tunnel down", headers: { "retry-after": "120" } });
  expect(down.body).toContain("1033");
  emulator.setConnectors(TUNNEL, 1);
  await route(ruleTo(HOST));
  expect((await emulator.visit(HOST)).status).toBe(503);
});

test("an unproxied record leads nowhere, and another's address is not our tunnel", async () => {
  const { emulator, client } = await openBench();
  const content = `${TUNNEL}.cfargotunnel.com`;
  await client.dns.records.create({
    zone_id: ZONE,
    type: "CNAME",
    name: "grey",
    content,
    proxied: false,
    ttl: 1,
  });
  await client.dns.records.create({
    zone_id: ZONE,
    type: "A",
    name: "other",
    content: "192.0.2.1",
    proxied: true,
    ttl: 1,
  });
  expect((await emulator.visit("grey.example.com")).verdict).toBe("no such host");
  expect(await emulator.visit("other.example.com")).toMatchObject({ status: 523, verdict: "origin refused" });
});

test("the edge answers over HTTP by Host header, and the journal knows host and path", async () => {
  const { emulator, shared, protect, point } = await openBench();
  const none = await overHttp(emulator.edgeUrl, HOST, "/");
  expect(none).toMatchObject({ status: 530, headers: { "x-sandbox-dns": "nxdomain" } });
  await protect(HOST);
  await point(HOST);
  const stopped = await overHttp(emulator.edgeUrl, `${HOST}:443`, "/reports?day=1");
  expect(stopped.status).toBe(302);
  expect(stopped.headers.location).toContain("redirect_url=%2Freports%3Fday%3D1");
  const entries = shared.journal.entries().filter((entry) => entry.vendor === "edge");
  expect(entries.map(({ method, path, query, status }) => ({ method, path, query, status }))).toEqual([
    { method: "GET", path: `${HOST}/`, query: {}, status: 530 },
    { method: "GET", path: `${HOST}/reports`, query: { day: "1" }, status: 302 },
  ]);
});

test("a fault on the edge hits the probe and not people's visits", async () => {
  const { emulator, shared, point } = await openBench();
  await point(HOST);
  shared.faults.add({ vendor: "edge", path: `^${HOST}/`, effect: { kind: "status", status: 502 }, times: 0 });
  expect((await emulator.visit(HOST)).verdict).toBe("catch-all");
  expect((await overHttp(emulator.edgeUrl, HOST)).status).toBe(502);
  shared.faults.clear();
  shared.faults.add({ vendor: "edge", effect: { kind: "drop" } });
  await expect(overHttp(emulator.edgeUrl, HOST)).rejects.toThrow();
  expect(shared.journal.entries().at(-1)).toMatchObject({ vendor: "edge", status: 0, fault: "drop" });
});

test("a browser logs in on the team's page and comes back with a cookie", async () => {
  const { emulator, protect, point, route } = await openBench();
  const { aud } = await protect(HOST);
  await point(HOST);
  await route(ruleTo(HOST, aud));
  const first = await overHttp(emulator.edgeUrl, HOST, "/reports");
  const login = new URL(String(first.headers.location));
  const form = await overHttp(emulator.edgeUrl, login.host, login.pathname + login.search);
  expect(form.body).toContain('name="email"');
  const denied = await overHttp(
    emulator.edgeUrl,
    login.host,
    `${login.pathname}${login.search}&email=eve@elsewhere.example`,
  );
  expect(denied.status).toBe(403);
  const back = await overHttp(
    emulator.edgeUrl,
    login.host,
    `${login.pathname}${login.search}&email=asha@example.com`,
  );
  const authorized = new URL(String(back.headers.location));
  expect(authorized.host).toBe(HOST);
  const set = await overHttp(emulator.edgeUrl, HOST, authorized.pathname + authorized.search);
  expect(set).toMatchObject({ status: 302, headers: { location: "/reports" } });
  const cookie = String(set.headers["set-cookie"]).split(";")[0] ?? "";
  expect((await overHttp(emulator.edgeUrl, HOST, "/reports", { headers: { cookie } })).body).toBe(
    "billing /reports",
  );
  expect(whats(emulator.history(HOST)).at(-1)).toBe("employee reached the service");
});
