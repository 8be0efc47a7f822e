// What each fact that the doctor gathers means, and that a look-up that failed is told as such.
import { describe, expect, it } from "vitest";
import { findingsOf } from "../../src/domain/doctor.ts";
import type { DoctorFacts } from "../../src/domain/doctor-facts.ts";
import { expiryStage } from "../../src/domain/expiry.ts";
import { type Looked, worst } from "../../src/domain/finding.ts";
import type { CloudRunService } from "../../src/domain/service.ts";

const AT = new Date("2030-01-05T12:00:00Z");
const inDays = (days: number) => new Date(AT.getTime() + days * 86_400_000);
const ok = <T>(value: T): Looked<T> => ({ ok: true, value });
const no = { ok: false as const, because: "Grant the right." };

const SERVICE: CloudRunService = {
  project: "acme",
  region: "asia-northeast1",
  name: "billing",
  url: "https://billing-1.asia-northeast1.run.app",
  ingress: "internal",
  invoker: "check-off",
  defaultUrlDisabled: false,
  description: "",
};

const connector = (more = {}) => ({
  id: "c0ffee00",
  configVersion: 1,
  version: "2029.12.1",
  openedAt: AT,
  connections: Array.from({ length: 4 }, () => ({ colo: "nrt08" })),
  ...more,
});

const TUNNEL = {
  id: "t1",
  tunnel: ok({ id: "t1", name: "cloud-run", remotelyManaged: true, status: "healthy" as const }),
  connectors: ok([connector(), connector({ id: "beef" })]),
  pool: null,
};

const WELL: DoctorFacts = {
  at: AT,
  slack: ok([]),
  token: ok({ status: "active", expiresAt: null }),
  rights: [{ permission: "Cloudflare Tunnel", looked: ok(null) }],
  denyUnmatched: ok(true),
  visit: null,
  tunnels: [TUNNEL],
  services: [{ key: "acme/asia-northeast1/billing", service: ok(SERVICE) }],
  resolved: ok({ host: "h.run.app", addresses: ["199.36.153.8", "199.36.153.11"] }),
  origin: ok({ host: "h.run.app", status: 200, byGoogle: true }),
  store: ok({ engine: "Postgres", ms: 3, held: false }),
  clocks: [ok({ against: "Slack", aheadMs: 200 })],
};

const amiss = (change: Partial<DoctorFacts>) =>
  findingsOf({ ...WELL, ...change })
    .filter(({ check, outcome }) => outcome !== "pass" && check !== "pool")
    .map(({ check, outcome }) => `${check} ${outcome}`);

const service = (change: Partial<CloudRunService>): Partial<DoctorFacts> => ({
  services: [{ key: "billing", service: ok({ ...SERVICE, ...change }) }],
});
const tunnel = (change: object): Partial<DoctorFacts> => ({ tunnels: [{ ...TUNNEL, ...change }] });

describe("findingsOf", () => {
  it("finds nothing where all is well, but that the pool is not named", () => {
    expect(amiss({})).toEqual([]);
    expect(worst(findingsOf(WELL))).toBe("warn");
  });

  it.each<[string, Partial<DoctorFacts>, string]>([
    ["a Slack error", { slack: ok([{ what: "w", remedy: "r", severity: "error" }]) }, "slack fail"],
    ["a Slack note", { slack: ok([{ what: "w", remedy: "r", severity: "note" }]) }, "slack warn"],
    [
      "an expired token",
      { token: ok({ status: "expired", expiresAt: inDays(-1) }) },
      "cloudflare-token fail",
    ],
    [
      "a token about to expire",
      { token: ok({ status: "active", expiresAt: inDays(13) }) },
      "cloudflare-token warn",
    ],
    ["a missing right", { rights: [{ permission: "DNS", looked: no }] }, "cloudflare-rights fail"],
    [
      "a service token that Access does not take",
      { visit: ok({ hostname: "b.example.com", outcome: "refused" }) },
      "visit-token warn",
    ],
    [
      "a visit that proves nothing",
      { visit: ok({ hostname: "b.example.com", outcome: "unproved" }) },
      "visit-token unseen",
    ],
    ["nothing open to visit", { visit: ok(null) }, "visit-token unseen"],
    ["no net", { denyUnmatched: ok(false) }, "access-deny-unmatched warn"],
    [
      "a local tunnel",
      tunnel({ tunnel: ok({ ...TUNNEL.tunnel, name: "t", remotelyManaged: false }) }),
      "tunnel-managed fail",
    ],
    ["no connector", tunnel({ connectors: ok([]) }), "tunnel-connectors fail"],
    ["one connector", tunnel({ connectors: ok([connector()]) }), "tunnel-connectors warn"],
    [
      "a lame connector",
      tunnel({ connectors: ok([connector(), connector({ connections: [] })]) }),
      "tunnel-connectors warn",
    ],
    [
      "two versions",
      tunnel({ connectors: ok([connector(), connector({ version: "2029.1.0" })]) }),
      "connector-versions warn",
    ],
    [
      "an old version",
      tunnel({ connectors: ok([connector({ version: "2028.6.1" }), connector({ version: "2028.6.1" })]) }),
      "connector-versions warn",
    ],
    ["open ingress", service({ ingress: "all" }), "service-ingress fail"],
    ["no ingress", service({ ingress: "none" }), "service-ingress fail"],
    ["no address", service({ url: null }), "service-ingress fail"],
    ["signed requests only", service({ invoker: "signed-only" }), "service-invoker fail"],
    ["a second log-in", service({ invoker: "iap" }), "service-invoker fail"],
    ["an unknown invoker", service({ invoker: "unknown" }), "service-invoker warn"],
    [
      "one address outside",
      { resolved: ok({ host: "h", addresses: ["199.36.153.8", "34.1.2.3"] }) },
      "private-dns fail",
    ],
    ["no address found", { resolved: ok({ host: "h", addresses: [] }) }, "private-dns fail"],
    ["Google's 404", { origin: ok({ host: "h", status: 404, byGoogle: true }) }, "origin fail"],
    ["Google's 403", { origin: ok({ host: "h", status: 403, byGoogle: true }) }, "origin warn"],
    ["a broken service", { origin: ok({ host: "h", status: 503, byGoogle: true }) }, "origin warn"],
    ["a slow store", { store: ok({ engine: "Postgres", ms: 900, held: false }) }, "database warn"],
    ["a clock ahead", { clocks: [ok({ against: "Slack", aheadMs: 9_000 })] }, "clock warn"],
    ["a clock far behind", { clocks: [ok({ against: "Slack", aheadMs: -90_000 }), no] }, "clock fail"],
    ["no time told", { clocks: [no] }, "clock warn"],
  ])("finds %s", (_, change, found) => {
    expect(amiss(change)).toEqual([found]);
  });

  it("names the setting of a service token that Access does not take, and where its end is moved", () => {
    const visit = ok({ hostname: "b.example.com", outcome: "refused" as const });
    const finding = findingsOf({ ...WELL, visit }).find(({ check }) => check === "visit-token");
    expect(finding?.evidence).toContain("Access did not take the service token of VISIT_CLIENT_ID: ");
    expect(finding?.remedy).toMatch(/Service credentials.*visits\.serviceToken/);
    expect(amiss({ visit: ok({ hostname: "b.example.com", outcome: "taken" }) })).toEqual([]);
  });

  it.each<[keyof DoctorFacts, string]>([
    ["slack", "slack fail"],
    ["token", "cloudflare-token fail"],
    ["denyUnmatched", "access-deny-unmatched fail"],
    ["visit", "visit-token fail"],
    ["resolved", "private-dns fail"],
    ["origin", "origin fail"],
    ["store", "database fail"],
  ])("tells why %s could not be looked at, and judges the rest", (part, found) => {
    const findings = findingsOf({ ...WELL, [part]: no });
    expect(amiss({ [part]: no })).toEqual([found]);
    expect(findings.find(({ outcome }) => outcome === "fail")?.remedy).toBe("Grant the right.");
  });

  it.each([
    { status: 404, byGoogle: true },
    { status: 200, byGoogle: true },
  ])("says nothing of the connectors' network from outside of it, whatever answers there: %j", (answer) => {
    const resolved = ok({ host: "h", addresses: ["34.1.2.3"] });
    const outside = { resolved, origin: ok({ host: "h", ...answer }) };
    expect(amiss(outside)).toEqual(["private-dns unseen", "origin unseen"]);
    expect(worst(findingsOf({ ...WELL, ...outside, tunnels: [] }))).toBe("pass");
  });

  it("lets a service's own 404, and a restricted VIP, pass", () => {
    expect(amiss({ origin: ok({ host: "h", status: 404, byGoogle: false }) })).toEqual([]);
    expect(amiss({ resolved: ok({ host: "h", addresses: ["199.36.153.4"] }) })).toEqual([]);
    expect(amiss({ services: [] })).toEqual([]);
  });
});

describe("expiryStage", () => {
  it.each([
    [20, null],
    [14.01, null],
    [14, 14],
    [3.5, 14],
    [3, 3],
    [1, 1],
    [0.1, 1],
    [0, 0],
    [-5, 0],
  ])("%s days before the end it is %s", (days, stage) => {
    expect(expiryStage(inDays(days), AT)).toBe(stage);
  });
});
