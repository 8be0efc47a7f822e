// What the policy answers: who may ask, decide and close, for which service, through which tunnel.
import { describe, expect, it } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { DEFAULT_LIMITS } from "../../src/domain/incident.ts";
import {
  approversOf,
  decidersOf,
  eachTunnel,
  isFreeExtension,
  matchesService,
  type Policy,
  type PolicyRule,
  ruleFor,
  tunnelFor,
  whyMayNotAsk,
  whyMayNotClose,
  whyMayNotDecide,
  whyTooLong,
  zonesFor,
  zonesOn,
} from "../../src/domain/policy.ts";
import {
  asha,
  ashaAgain,
  billing,
  extendingExposure,
  lee,
  mina,
  openExposure,
  sampleExposure,
} from "./exposure-sample.ts";

function rule(change: Partial<PolicyRule> = {}): PolicyRule {
  return {
    services: ["*"],
    requesters: "everyone",
    approvers: { groups: ["S0LEADS"], people: [] },
    approvals: 1,
    maxMinutes: 1440,
    presets: [60],
    reviewMinutes: null,
    freeExtensionMinutes: 60,
    ...change,
  };
}

function policyOf(rules: PolicyRule[], change: Partial<Policy> = {}): Policy {
  return {
    installation: "main",
    channels: { approvals: "C1", alerts: "C2" },
    projects: ["lakeside-prod"],
    regions: ["asia-northeast1"],
    tunnels: [{ id: "t1", zones: ["lakeside.example"], services: ["*"], connectors: null }],
    logs: { views: {}, tail: false },
    visitTokenId: null,
    audiences: [],
    peopleDomains: ["lakeside.example"],
    loginMethods: [],
    reservedLabels: [],
    admins: { groups: [], people: [] },
    rules,
    lapseMinutes: 480,
    remindMinutes: 240,
    health: { limits: DEFAULT_LIMITS, onCall: null, runbookUrl: null },
    ...change,
  };
}

describe("a pattern", () => {
  it.each([
    ["*", true],
    ["billing-api", true],
    ["billing-*", true],
    ["*-api", true],
    ["b*g-*i", true],
    ["billing", false],
    ["illing-api", false],
    ["billing-api-2", false],
    ["lakeside-prod/asia-northeast1/billing-api", true],
    ["lakeside-*/*/billing-*", true],
    ["*/us-*/*", false],
    ["lakeside/asia-northeast1/billing-api", false],
    ["billing.api", false],
    ["billing-ap.", false],
    ["billing-(api)", false],
    ["", false],
  ])("%j matches billing-api: %s", (pattern, matches) => {
    expect(matchesService(pattern, billing)).toBe(matches);
  });
});

describe("the first rule that matches governs", () => {
  const strict = rule({
    services: ["billing-*"],
    approvals: 2,
    requesters: { groups: [], people: [lee.slackId] },
  });
  const policy = policyOf([strict, rule()]);

  it("even when a later one would allow more", () => {
    expect(ruleFor(policy, billing)).toBe(strict);
    expect(whyMayNotAsk(policy, billing, asha, ["S0LEADS"])).toEqual({
      because: "may-not-ask",
      service: "lakeside-prod/asia-northeast1/billing-api",
    });
    expect(whyMayNotAsk(policy, billing, lee, [])).toBeNull();
    expect(whyMayNotAsk(policy, { ...billing, name: "reports" }, asha, [])).toBeNull();
  });

  it("and without one nobody may do anything", () => {
    const none = policyOf([rule({ services: ["reports"] })]);
    expect(whyMayNotAsk(none, billing, asha, ["S0LEADS"])?.because).toBe("may-not-ask");
    const forbids = { because: "policy-forbids", what: "service" };
    expect(whyMayNotDecide(none, sampleExposure(), lee, ["S0LEADS"])).toEqual(forbids);
    expect(isFreeExtension(none, openExposure(), 1)).toBe(false);
    expect(approversOf(none, billing)).toEqual({ groups: [], people: [] });
  });

  it("and without one the admins decide, which is to deny; what they close they close as admins", () => {
    const admins = { groups: ["S0ADMINS"], people: [mina.slackId, asha.slackId] };
    const none = policyOf([rule({ services: ["reports"] })], { admins });
    const forbids = { because: "policy-forbids", what: "service" };
    expect(whyMayNotDecide(none, sampleExposure(), mina, [])).toBeNull();
    expect(whyMayNotDecide(none, sampleExposure(), lee, ["S0ADMINS"])).toBeNull();
    expect(whyMayNotDecide(none, sampleExposure(), lee, ["S0LEADS"])).toEqual(forbids);
    expect(whyMayNotDecide(none, sampleExposure(), ashaAgain, [])).toEqual({ because: "own-request" });
    expect(whyMayNotClose(none, openExposure(), mina, [])).toEqual({ because: "not-yours" });
    expect(decidersOf(none, billing)).toEqual({ ...admins, denyOnly: true });
    expect(decidersOf(policy, billing)).toEqual({ groups: ["S0LEADS"], people: [] });
    // Where a rule governs, being an admin is no right to decide.
    expect(whyMayNotDecide({ ...policy, admins }, sampleExposure(), mina, [])?.because).toBe(
      "not-an-approver",
    );
  });
});

describe("who decides", () => {
  const policy = policyOf([rule({ approvers: { groups: ["S0LEADS"], people: [mina.slackId] } })]);
  const asked = sampleExposure();

  it("is in one of the groups right now, or named", () => {
    expect(whyMayNotDecide(policy, asked, lee, ["S0LEADS"])).toBeNull();
    expect(whyMayNotDecide(policy, asked, mina, [])).toBeNull();
    expect(whyMayNotDecide(policy, asked, lee, [])).toEqual({ because: "not-an-approver" });
    expect(whyMayNotDecide(policy, asked, lee, ["S0OTHERS"])).toEqual({ because: "not-an-approver" });
  });

  it("is never the requester, under any account", () => {
    for (const person of [asha, ashaAgain])
      expect(whyMayNotDecide(policy, asked, person, ["S0LEADS"])).toEqual({ because: "own-request" });
  });

  it("is nobody when the policy names nobody", () => {
    const empty = policyOf([rule({ approvers: { groups: [], people: [] } })]);
    expect(whyMayNotDecide(empty, asked, lee, ["S0LEADS", ""])).toEqual({ because: "not-an-approver" });
    expect(whyMayNotClose(empty, asked, lee, ["S0LEADS"])).toEqual({ because: "not-yours" });
  });

  it("may close too, and so may the requester", () => {
    expect(whyMayNotClose(policy, asked, ashaAgain, [])).toBeNull();
    expect(whyMayNotClose(policy, asked, lee, ["S0LEADS"])).toBeNull();
    expect(whyMayNotClose(policy, asked, lee, [])).toEqual({ because: "not-yours" });
  });
});

describe("how long an approval may last", () => {
  const policy = policyOf([rule({ maxMinutes: 120, reviewMinutes: 500 })]);
  const wish = (minutes: number) =>
    extendingExposure({ extension: { ...extendingExposure().extension!, minutes } });
  it.each<[string, Exposure, number | null, string | null]>([
    ["a request within the maximum", sampleExposure({ minutes: 120 }), null, null],
    ["a request above it", sampleExposure({ minutes: 121 }), null, "over-maximum"],
    ["a request above it, for less", sampleExposure({ minutes: 121 }), 120, null],
    ["one until closed", sampleExposure({ minutes: 500, untilClosed: true }), null, null],
    ["one until closed, for less", sampleExposure({ minutes: 500, untilClosed: true }), 121, "over-maximum"],
    ["a wish within the maximum", wish(120), null, null],
    ["a wish above it", wish(121), null, "extension-over-maximum"],
  ])("%s", (_, exposure, minutes, because) => {
    expect(whyTooLong(policy, exposure, minutes)?.because ?? null).toBe(because);
  });
});

describe("more time without asking", () => {
  it.each([
    [0, 60, true],
    [0, 61, false],
    [30, 30, true],
    [30, 31, false],
    [60, 1, false],
  ])("after %i free minutes, %i more: %s", (extendedMinutes, minutes, free) => {
    expect(isFreeExtension(policyOf([rule()]), openExposure({ extendedMinutes }), minutes)).toBe(free);
  });

  it("does not exist where the rule gives none", () => {
    expect(isFreeExtension(policyOf([rule({ freeExtensionMinutes: 0 })]), openExposure(), 1)).toBe(false);
  });
});

describe("tunnels and zones", () => {
  const policy = policyOf([rule()], {
    tunnels: [
      {
        id: "t1",
        zones: ["lakeside.example", "labs.example"],
        services: ["reports", "*/us-*/*"],
        connectors: null,
      },
      { id: "t2", zones: ["labs.example", "internal.example"], services: ["*"], connectors: null },
      { id: "t3", zones: ["shore.example"], services: ["billing-*"], connectors: null },
    ],
  });

  it("are those whose patterns fit the service", () => {
    expect(tunnelFor(policy, billing, "labs.example")?.id).toBe("t2");
    expect(zonesFor(policy, billing)).toEqual(["labs.example", "internal.example", "shore.example"]);
    expect(zonesFor(policy, { ...billing, name: "reports" })).toEqual([
      "lakeside.example",
      "labs.example",
      "internal.example",
    ]);
  });

  it("are found by the zone that was chosen, and only there", () => {
    expect(tunnelFor(policy, billing, "shore.example")?.id).toBe("t3");
    expect(tunnelFor(policy, billing, "lakeside.example")).toBeNull();
    expect(tunnelFor(policyOf([rule()], { tunnels: [] }), billing, "labs.example")).toBeNull();
  });

  it("of one tunnel are those of each time that the policy names it", () => {
    const again = { id: "t3", zones: ["cove.example"], services: ["reports"], connectors: null };
    const both = policyOf([rule()], { tunnels: [...policy.tunnels, again] });
    expect(zonesOn(both, "t3")).toEqual(["shore.example", "cove.example"]);
    expect(zonesOn(both, "t4")).toEqual([]);
  });

  it("each tunnel is there once, with its connectors wherever they are said", () => {
    const connectors = { workerPool: null, metrics: ["http://10.0.0.2:2000"], others: false };
    const again = { id: "t2", zones: ["cove.example"], services: ["reports"], connectors };
    const both = policyOf([rule()], { tunnels: [...policy.tunnels, again] });
    expect(eachTunnel(both)).toEqual([
      { id: "t1", connectors: null },
      { id: "t2", connectors },
      { id: "t3", connectors: null },
    ]);
  });
});
