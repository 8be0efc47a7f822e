// The plan that approvers see: whatever it promises changes its text, and nothing else does.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { canonical, type RequestPlan, requestPlan } from "../../src/domain/request-plan.ts";
import { asha, at, billing, employees, extendingExposure, lee, sampleExposure } from "./exposure-sample.ts";

const APPROVERS = '[["S0LEADS"],[]]';

function textOf(change: Partial<Exposure> = {}, approvers = APPROVERS): string {
  return canonical(requestPlan(sampleExposure(change), approvers));
}

it.each<[string, Partial<Exposure>]>([
  ["the service's name", { service: { ...billing, name: "reports" } }],
  ["its region", { service: { ...billing, region: "us-central1" } }],
  ["its project", { service: { ...billing, project: "lakeside-labs" } }],
  ["its address", { service: { ...billing, url: "https://billing-api-y.a.run.app" } }],
  ["its address gone", { service: { ...billing, url: null } }],
  ["the hostname", { hostname: "bills.lakeside.example" }],
  ["the tunnel", { tunnelId: "another" }],
  ["an email domain", { audience: { ...employees, emailDomains: ["lakeside.example", "shore.example"] } }],
  ["an email", { audience: { ...employees, emails: ["lee@lakeside.example"] } }],
  ["an Access group", { audience: { ...employees, accessGroups: ["g1"] } }],
  [
    "an IdP group",
    { audience: { ...employees, idpGroups: [{ provider: "okta", providerId: "p", group: "g" }] } },
  ],
  ["a login method", { audience: { ...employees, loginMethods: ["okta"] } }],
  ["the audience's name", { audience: { ...employees, name: "Some" } }],
  ["the time", { minutes: 121 }],
  ["until closed", { untilClosed: true }],
  ["the number of approvals", { approvalsNeeded: 2 }],
  ["the round", { round: 2 }],
  [
    "more time asked for",
    { extension: { minutes: 60, by: asha, reason: "", requestedAt: at(0), lapsesAt: at(9) } },
  ],
])("is another with another: %s", (_, change) => {
  expect(textOf(change)).not.toBe(textOf());
});

it("is another with other approvers, and with more time of another length", () => {
  expect(textOf({}, '[["S0LEADS"],["U0LEE"]]')).not.toBe(textOf());
  const extension = extendingExposure().extension!;
  expect(textOf({ extension: { ...extension, minutes: 61 } })).not.toBe(textOf({ extension }));
});

it.each<[string, Partial<Exposure>]>([
  ["votes", { votes: [{ round: 1, person: lee, decision: "approve", minutes: null, at: at(1) }] }],
  ["a reminder", { remindAt: null, version: 7, digest: "other" }],
  ["what the service says of itself", { service: { ...billing, description: "Bills" } }],
  ["the card", { card: { channel: "C1", ts: "1.2" } }],
])("is the same whatever becomes of %s", (_, change) => {
  expect(textOf(change)).toBe(textOf());
});

it("does not depend on the order of keys, and tells lists by their order", () => {
  const plan = requestPlan(sampleExposure(), APPROVERS);
  const shuffled = Object.fromEntries(Object.entries(plan).reverse()) as RequestPlan;
  shuffled.audience = Object.fromEntries(Object.entries(plan.audience).reverse()) as RequestPlan["audience"];
  expect(canonical(shuffled)).toBe(canonical(plan));
});

it("keeps texts apart that look alike when they are put together", () => {
  const audience = fc.record({
    name: fc.string(),
    emailDomains: fc.array(fc.string(), { maxLength: 3 }),
    emails: fc.array(fc.string(), { maxLength: 3 }),
    accessGroups: fc.constant<string[]>([]),
    idpGroups: fc.constant<[]>([]),
    loginMethods: fc.constant<string[]>([]),
  });
  fc.assert(
    fc.property(audience, audience, (left, right) => {
      const same = JSON.stringify(left) === JSON.stringify(right);
      expect(textOf({ audience: left }) === textOf({ audience: right })).toBe(same);
    }),
  );
});

it("names the origin and the host that the request will carry", () => {
  expect(requestPlan(sampleExposure(), APPROVERS)).toMatchObject({
    service: "lakeside-prod/asia-northeast1/billing-api",
    origin: "https://billing-api-x.a.run.app",
    hostHeader: "billing-api-x.a.run.app",
  });
});
