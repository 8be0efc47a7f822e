// A request as it was typed, judged: audiences that may be joined, those that may not, and a service without a tunnel.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { type Judged, judgeRequest, type RequestFacts, type RequestForm } from "../../src/domain/request.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { fileWith, ID, RULE } from "../policy-sample.ts";
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
  whyMayNotAsk: null,
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

const MAY_NOT = { because: "may-not-ask", service: "billing-api" } as const;
const LONGEST = 8 * 60;

test.each<[string, Partial<RequestForm>, Partial<RequestFacts>, object]>([
  [
    "an audience that policy does not name",
    { audiences: ["gone"] },
    {},
    { field: "audience", problem: "audience-unknown" },
  ],
  [
    "… beside one that it names",
    { audiences: ["employees", "gone"] },
    {},
    { field: "audience", problem: "audience-unknown" },
  ],
  ["nobody", { audiences: [] }, {}, { field: "audience", problem: "missing" }],
  [
    "a guest who was picked",
    { audiences: [], people: [TOM.slackId] },
    { picked: [{ ...TOM, why: "guest" }] },
    { field: "audience", problem: "audience-person", why: "guest" },
  ],
  [
    "whoever may not ask",
    {},
    { whyMayNotAsk: MAY_NOT },
    { field: "service", problem: "service-not-allowed" },
  ],
  ["no approver but the requester", {}, { approvers: 0 }, { field: "form", problem: "nobody-could-approve" }],
  ["frozen openings", {}, { frozen: true }, { field: "form", problem: "openings-frozen" }],
  [
    "a hostname that is taken",
    {},
    { taken: { by: "record", link: null } },
    { field: "hostname", problem: "hostname-taken" },
  ],
  [
    "what could not be looked up",
    {},
    { failed: [{ field: "audience", problem: "vendor", text: "Slack is away." }] },
    { field: "audience", problem: "vendor" },
  ],
  [
    "a minute more than the longest",
    { duration: LONGEST + 1 },
    {},
    { field: "duration", problem: "duration-over-maximum" },
  ],
  ["no time at all", { duration: 0 }, {}, { field: "duration", problem: "duration-over-maximum" }],
  [
    "until closed, where policy has no review",
    { duration: "until-closed" },
    {},
    { field: "duration", problem: "until-closed-not-allowed" },
  ],
])("%s: refused, for that alone", (_, formChange, factsChange, problem) => {
  const policy = parsePolicy(stringify(fileWith({ audiences: AUDIENCES })));
  const form = { ...FORM, ...formChange };
  const asking = { id: "e1", requester: asha, policy, now: NOON };
  expect(judgeRequest({ ...FORM, duration: LONGEST }, FACTS, asking)).toMatchObject({ ok: true });
  const refused = judgeRequest(form, { ...FACTS, ...factsChange }, asking);
  expect(refused).toEqual({ ok: false, problems: [expect.objectContaining(problem)] });
});

test("as many have to approve as the policy says, and must be there", () => {
  const policy = parsePolicy(
    stringify(fileWith({ audiences: AUDIENCES, rules: [{ ...RULE, approvals: 2 }] })),
  );
  const asking = { id: "e1", requester: asha, policy, now: NOON };
  expect(judgeRequest(FORM, { ...FACTS, approvers: 2 }, asking)).toMatchObject({
    ok: true,
    draft: { approvalsNeeded: 2 },
  });
  const few = { field: "form", problem: "nobody-could-approve", approvals: 2, approvers: 1 };
  expect(judgeRequest(FORM, { ...FACTS, approvers: 1 }, asking)).toEqual({ ok: false, problems: [few] });
});

test("a service that no tunnel carries has no zone, and that is all that is said of its hostname", () => {
  const tunnels = [{ id: ID, zones: ["lakeside.example"], services: ["reports"] }];
  expect(judged(["employees"], undefined, { tunnels })).toEqual({
    ok: false,
    problems: [{ field: "hostname", problem: "hostname-zone", zones: [] }],
  });
});
