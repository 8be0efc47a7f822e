// A request that waits, and a policy that changes meanwhile.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Audience } from "../../src/domain/audience.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { whyNoLongerAllowed, whyNoLongerToOpen } from "../../src/domain/still-allowed.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { fileWith, ID, RULE } from "../policy-sample.ts";
import { employees, sampleExposure } from "./exposure-sample.ts";

const PARTNERS = { id: "partners", name: "Partners", emails: ["kim@harbour.example"], loginMethods: ["m1"] };
const EMPLOYEES = { id: "employees", name: "All employees", emailDomains: ["lakeside.example"] };

function policy(change: object = {}): Policy {
  return parsePolicy(
    stringify(fileWith({ audiences: [EMPLOYEES, PARTNERS], ...change }), { aliasDuplicateObjects: false }),
  );
}

const kim: Audience = {
  ...employees,
  name: "Partners",
  emailDomains: [],
  emails: ["kim@harbour.example"],
  loginMethods: ["m1"],
};
const both: Audience = { ...employees, emails: kim.emails, loginMethods: ["m1"] };
const picked: Audience = { ...kim, name: "1 person", emails: ["tom@lakeside.example"], loginMethods: [] };

test.each([
  ["everybody", employees],
  ["a named audience", kim],
  ["two of them joined", both],
  ["a person picked", picked],
])("%s: approved while the policy stays as it was", (_, audience) => {
  expect(whyNoLongerAllowed(policy(), sampleExposure({ audience }))).toBeNull();
});

test("a method that an audience pins besides, since it was asked for, takes nothing out", () => {
  const wider = policy({ audiences: [EMPLOYEES, { ...PARTNERS, loginMethods: ["m1", "m2"] }] });
  expect(whyNoLongerAllowed(wider, sampleExposure({ audience: kim }))).toBeNull();
});

const HOSTNAME = { because: "policy-forbids", what: "hostname" };
const AUDIENCE = { because: "policy-forbids", what: "audience" };

test.each<[what: string, change: object, audience: Audience, refusal: object]>([
  [
    "the rule",
    { rules: [{ ...RULE, services: ["reports"] }] },
    employees,
    { because: "policy-forbids", what: "service" },
  ],
  ["the zone", { tunnels: [{ id: ID, zones: ["harbour.example"] }] }, employees, HOSTNAME],
  [
    "the tunnel's right to the service",
    { tunnels: [{ id: ID, zones: ["lakeside.example"], services: ["reports"] }] },
    employees,
    HOSTNAME,
  ],
  [
    "another tunnel in its place",
    { tunnels: [{ id: ID.replace("3", "4"), zones: ["lakeside.example"] }] },
    employees,
    HOSTNAME,
  ],
  ["a label that was free", { reserved: ["billing"] }, employees, HOSTNAME],
  ["the audience", { audiences: [EMPLOYEES] }, kim, AUDIENCE],
  ["one of two audiences", { audiences: [EMPLOYEES] }, both, AUDIENCE],
  [
    "one member of it",
    { audiences: [EMPLOYEES, { ...PARTNERS, emails: ["ola@harbour.example"] }] },
    kim,
    AUDIENCE,
  ],
  [
    "the domain of people picked",
    { people: { emailDomains: ["harbour.example"] }, audiences: [PARTNERS] },
    picked,
    AUDIENCE,
  ],
  ["how they log in", { audiences: [{ ...PARTNERS, loginMethods: ["m2"] }] }, kim, AUDIENCE],
  [
    "a free choice of it",
    { people: { emailDomains: ["lakeside.example"], loginMethods: ["m1"] } },
    picked,
    AUDIENCE,
  ],
  ["a free choice of it, where others keep theirs", {}, { ...kim, loginMethods: [] }, AUDIENCE],
  [
    "a free choice of one of two audiences",
    { audiences: [{ ...EMPLOYEES, loginMethods: ["m2"] }, PARTNERS] },
    both,
    AUDIENCE,
  ],
  [
    "the pin that two audiences had in common",
    {
      audiences: [
        { ...EMPLOYEES, loginMethods: ["m1"] },
        { ...PARTNERS, loginMethods: ["m2"] },
      ],
    },
    { ...both, loginMethods: ["m1", "m2"] },
    AUDIENCE,
  ],
  [
    "the longer domain that people picked have",
    { people: { emailDomains: ["lakeside.example"] } },
    { ...picked, emails: ["tom@eastlakeside.example"] },
    AUDIENCE,
  ],
  [
    "the domain below that people picked have",
    { people: { emailDomains: ["lakeside.example"] } },
    { ...picked, emails: ["tom@guests.lakeside.example"] },
    AUDIENCE,
  ],
  [
    "the method, which no audience names now,",
    { audiences: [{ ...PARTNERS, loginMethods: [] }] },
    kim,
    AUDIENCE,
  ],
  [
    "a pin of two methods, which only others name now, apart,",
    {
      audiences: [
        { ...PARTNERS, loginMethods: [] },
        { ...EMPLOYEES, loginMethods: ["m1"] },
        { ...EMPLOYEES, id: "staff", name: "Staff", loginMethods: ["m2"] },
      ],
    },
    { ...kim, loginMethods: ["m1", "m2"] },
    AUDIENCE,
  ],
])("%s is taken out or changed: it cannot be approved any more", (_, change, audience, refusal) => {
  expect(whyNoLongerAllowed(policy(change), sampleExposure({ audience }))).toEqual(refusal);
});

test("what was approved is not opened for longer than the policy allows now, until closed aside", () => {
  const longest = (maxDuration: string) => policy({ rules: [{ ...RULE, maxDuration, presets: ["1h"] }] });
  const approved = sampleExposure({ minutes: 480, approvedMinutes: 240, phase: "approved" });
  expect(whyNoLongerToOpen(longest("4h"), approved)).toBeNull();
  expect(whyNoLongerToOpen(longest("2h"), approved)).toEqual({ because: "over-maximum", maxMinutes: 120 });
  const reviewed = policy({ rules: [{ ...RULE, untilClosed: { review: "30d" } }] });
  const untilClosed = sampleExposure({ untilClosed: true, minutes: 43_200, approvedMinutes: 43_200 });
  expect(whyNoLongerToOpen(reviewed, untilClosed)).toBeNull();
  expect(whyNoLongerToOpen(longest("2h"), untilClosed)).toEqual({ because: "over-maximum", maxMinutes: 120 });
  expect(whyNoLongerToOpen(policy({ rules: [{ ...RULE, services: ["reports"] }] }), approved)).toEqual({
    because: "policy-forbids",
    what: "service",
  });
});
