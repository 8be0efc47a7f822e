// A request as it was typed, judged: audiences that may be joined, those that may not, and a service without a tunnel.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { type Judged, judgeRequest, type RequestFacts, type RequestForm } from "../../src/domain/request.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { fileWith, ID } from "../policy-sample.ts";
import { asha, billing, NOON } from "./exposure-sample.ts";

const AUDIENCES = [
  { id: "employees", name: "All employees", emailDomains: ["lakeside.example"], loginMethods: ["okta"] },
  { id: "leads", name: "Leads", emails: ["lee@lakeside.example"], loginMethods: ["okta"] },
  { id: "contractors", name: "Contractors", emails: ["kim@harbour.example"], loginMethods: ["pin"] },
  { id: "guests", name: "Guests", emails: ["ola@harbour.example"] },
];

const FORM: RequestForm = {
  serviceKey: "lakeside-prod/asia-northeast1/billing-api",
  hostname: "billing",
  zone: null,
  audiences: ["employees"],
  people: [],
  duration: 60,
  reason: "Audit",
};

const FACTS: RequestFacts = {
  service: billing,
  mayAsk: null,
  picked: [],
  approvers: 2,
  taken: null,
  duplicate: null,
  applications: null,
  frozen: false,
  failed: [],
};

const TOM = { slackId: "U0TOM", email: "tom@lakeside.example", why: null };

/** With people who are picked where `peopleMethods` is given. */
function judged(audiences: string[], peopleMethods?: string[], policyChange: object = {}): Judged {
  const people = { emailDomains: ["lakeside.example"], loginMethods: peopleMethods ?? [] };
  const policy = parsePolicy(stringify(fileWith({ audiences: AUDIENCES, people, ...policyChange })));
  const picked = peopleMethods ? [TOM] : [];
  const form = { ...FORM, audiences, people: picked.map(({ slackId }) => slackId) };
  return judgeRequest(form, { ...FACTS, picked }, { id: "e1", requester: asha, policy, now: NOON });
}

test.each<[audiences: string[], people: string[] | undefined, names: string[]]>([
  [["employees", "contractors"], undefined, ["All employees", "Contractors"]],
  [["leads", "guests", "contractors"], undefined, ["Leads", "Contractors"]],
  [["employees"], ["pin"], ["All employees", "1 person"]],
  [["employees"], ["okta", "pin"], ["All employees", "1 person"]],
])("%j with people picked who pin %j: refused, as their log-ins differ", (audiences, people, names) => {
  expect(judged(audiences, people)).toEqual({
    ok: false,
    problems: [{ field: "audience", problem: "audiences-pinned-apart", names }],
  });
});

test.each<[audiences: string[], people: string[] | undefined, loginMethods: string[]]>([
  [["employees", "leads"], undefined, ["okta"]],
  [["guests"], undefined, []],
  [["guests"], [], []],
  [["employees", "leads"], ["okta"], ["okta"]],
  // What pins nothing must not loosen what does.
  [["employees"], [], ["okta"]],
  [["guests", "contractors"], undefined, ["pin"]],
  [["guests"], ["okta"], ["okta"]],
])("%j with people picked who pin %j: all log in by %j", (audiences, people, loginMethods) => {
  expect(judged(audiences, people)).toMatchObject({ ok: true, draft: { audience: { loginMethods } } });
});

test("a service that no tunnel carries has no zone, and that is all that is said of its hostname", () => {
  const tunnels = [{ id: ID, zones: ["lakeside.example"], services: ["reports"] }];
  expect(judged(["employees"], undefined, { tunnels })).toEqual({
    ok: false,
    problems: [{ field: "hostname", problem: "hostname-zone", zones: [] }],
  });
});
