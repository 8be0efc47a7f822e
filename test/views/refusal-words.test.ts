import { describe, expect, it } from "vitest";
import { PHASES_LIVE } from "../../src/domain/exposure.ts";
import type { FieldProblem, Refusal } from "../../src/domain/refusal.ts";
import { fieldProblemText } from "../../src/views/field-problem-words.ts";
import { fieldRefusalText, refusalText } from "../../src/views/refusal-words.ts";
import { POISON } from "./samples.ts";

const WHYS = ["guest", "stranger", "bot", "deactivated", "no-email", "email-domain"] as const;

const REFUSALS: Refusal[] = [
  { because: "not-found" },
  { because: "nobody-could-approve", approvals: 1, approvers: 0, requesterCould: false },
  { because: "nobody-could-approve", approvals: 2, approvers: 1, requesterCould: true },
  { because: "stale-plan" },
  ...[...PHASES_LIVE, "closed" as const, "denied" as const, "withdrawn" as const, "lapsed" as const].map(
    (phase): Refusal => ({ because: "already-decided", phase }),
  ),
  { because: "already-voted" },
  { because: "own-request" },
  { because: "not-an-approver" },
  { because: "not-yours" },
  { because: "lapsed" },
  { because: "extension-lapsed" },
  { because: "not-open" },
  ...WHYS.map((why): Refusal => ({ because: "not-a-member", why })),
  { because: "may-not-ask", service: POISON },
  ...(["service", "hostname", "audience"] as const).map(
    (what): Refusal => ({ because: "policy-forbids", what }),
  ),
  { because: "over-maximum", maxMinutes: 480 },
  { because: "extension-over-maximum", maxMinutes: 480 },
  { because: "extension-pending" },
  { because: "nothing-shorter" },
  ...(["account", "requester", "requester-groups", "approver-groups", "admin-groups"] as const).flatMap(
    (what) => [true, false].map((mayPass): Refusal => ({ because: "lookup-failed", what, mayPass })),
  ),
  { because: "openings-frozen" },
  { because: "reason-missing" },
  { because: "no-such-exposure", hostname: POISON },
  { because: "several-exposures", hostnames: [POISON, POISON] },
  { because: "not-the-requester" },
  { because: "still-pending" },
  { because: "no-such-incident" },
  { because: "incident-over" },
  { because: "incident-acknowledged", by: "U0LEE" },
  { because: "incident-muted", by: "U0LEE" },
];

const PROBLEMS: FieldProblem[] = [
  ...(["service", "hostname", "audience", "duration", "reason", "form"] as const).map(
    (field): FieldProblem => ({ field, problem: "missing" }),
  ),
  { field: "service", problem: "service-unknown" },
  { field: "service", problem: "service-not-allowed" },
  ...(["ingress-none", "url-disabled", "no-url"] as const).map(
    (why): FieldProblem => ({ field: "service", problem: "service-unreachable", why }),
  ),
  { field: "hostname", problem: "hostname-malformed" },
  { field: "hostname", problem: "hostname-punycode" },
  { field: "hostname", problem: "hostname-zone", zones: ["example.com", "example.org"] },
  { field: "hostname", problem: "hostname-zone", zones: [] },
  { field: "hostname", problem: "hostname-too-deep", zone: "example.com" },
  { field: "hostname", problem: "hostname-too-long", max: 63 },
  { field: "hostname", problem: "hostname-reserved", label: POISON },
  ...(["exposure", "record", "route", "application"] as const).map(
    (by): FieldProblem => ({ field: "hostname", problem: "hostname-taken", by, link: null }),
  ),
  { field: "audience", problem: "audience-unknown" },
  { field: "audience", problem: "audiences-pinned-apart", names: [POISON, POISON] },
  ...WHYS.map(
    (why): FieldProblem => ({ field: "audience", problem: "audience-person", slackId: "U0GUEST", why }),
  ),
  { field: "duration", problem: "duration-over-maximum", maxMinutes: 480 },
  { field: "duration", problem: "until-closed-not-allowed" },
  { field: "reason", problem: "reason-too-long", max: 500 },
  { field: "form", problem: "nobody-could-approve", approvals: 2, approvers: 1 },
  { field: "form", problem: "account-full", limit: 500 },
  { field: "form", problem: "duplicate", link: null },
  { field: "form", problem: "openings-frozen" },
  { field: "form", problem: "vendor", text: "" },
];

function expectSentence(text: string): void {
  expect(text).toMatch(/^\S.*\.$/s);
  expect(text.length).toBeLessThanOrEqual(300);
  expect(text).not.toMatch(/undefined|null|NaN|\[object|[\u202a-\u202e\u2066-\u2069]/);
}

describe("refusals", () => {
  it.each(REFUSALS)("%o is said in a sentence, safe wherever it is shown", (refusal) => {
    const text = refusalText(refusal);
    expectSentence(text);
    expect(text).not.toMatch(/[<>&*_~]/);
  });

  it("are all different", () => {
    const texts = REFUSALS.map(refusalText);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each([
    [
      { because: "nobody-could-approve", approvals: 1, approvers: 0, requesterCould: false },
      "Nobody else could approve more time, so it would wait in vain. Ask a Drawbridge admin to name more approvers.",
    ],
    [
      { because: "nobody-could-approve", approvals: 2, approvers: 1, requesterCould: true },
      "More time needs 2 approvals, and only one other person could give one, so it would wait in vain. Let whoever asked for this exposure ask for more, or ask a Drawbridge admin to name more approvers.",
    ],
    [{ because: "own-request" }, "Nobody decides on their own request. Another approver has to."],
    [
      { because: "lookup-failed", what: "account", mayPass: true },
      "Drawbridge could not look up your account just now. To be safe, nothing was changed. Please try again in a minute.",
    ],
    [
      { because: "openings-frozen" },
      "New openings are frozen at the moment. Ask a Drawbridge admin when the freeze will be lifted.",
    ],
    [
      { because: "already-decided", phase: "denied" },
      "This request was already denied, so your click changed nothing. The card shows where it stands.",
    ],
    [
      { because: "already-decided", phase: "open" },
      "Nothing about this exposure waits for a decision any more, so your click changed nothing. The card shows until when it is open.",
    ],
    [
      { because: "extension-over-maximum", maxMinutes: 240 },
      "The policy allows 4 h more at the most, so this cannot be approved. Deny it, and less can be asked for.",
    ],
    [
      { because: "policy-forbids", what: "service" },
      "The policy no longer allows this service, so nothing can be approved or extended. A Drawbridge admin can deny what waits, and whoever asked can withdraw it; what is open stays so until its end.",
    ],
    [
      { because: "policy-forbids", what: "hostname" },
      "The policy no longer allows this hostname, so it cannot be approved or extended. It can be asked for anew with `/expose`.",
    ],
    // Somebody may have approved, where it takes more than one.
    [
      { because: "lapsed" },
      "This request lapsed because no decision came in time. Its requester can ask again with `/expose`.",
    ],
    [
      { because: "extension-lapsed" },
      "This request for more time lapsed because no decision came in time. As long as the card has Extend, more can be asked for again.",
    ],
    [
      { because: "already-decided", phase: "lapsed" },
      "This request lapsed because no decision came in time, so your click changed nothing. The card shows where it stands.",
    ],
    [
      { because: "over-maximum", maxMinutes: 4320 },
      "The policy allows 3 days at the most. Choose a shorter time, or press Approve Shorter.",
    ],
    [
      { because: "no-such-exposure", hostname: "" },
      "Say which one: `/expose close billing.example.com`. `/expose list all` shows what is open.",
    ],
    [
      { because: "no-such-exposure", hostname: "<*>" },
      "Drawbridge has nothing open at that hostname, so nothing was closed. See what is open with `/expose list all`.",
    ],
    ...["all", "everything"].map((hostname) => [
      { because: "no-such-exposure", hostname },
      `Drawbridge has nothing open at "${hostname}", so nothing was closed. See what is open with \`/expose list all\`. An admin closes everything with \`/expose close-all\`.`,
    ]),
  ] as [Refusal, string][])("%o", (refusal, text) => {
    expect(refusalText(refusal)).toBe(text);
  });
});

it.each(REFUSALS)("%o is said below a field without the marks of a message", (refusal) => {
  expect(fieldRefusalText(refusal)).toBe(refusalText(refusal).replaceAll("`", ""));
  expect(fieldRefusalText(refusal)).not.toContain("`");
});

describe("problems of a field", () => {
  it.each(PROBLEMS)("%o is said in a sentence", (problem) => {
    expectSentence(fieldProblemText(problem));
  });

  it("name the person where the name is known", () => {
    const problem = {
      field: "audience",
      problem: "audience-person",
      slackId: "U0GUEST",
      why: "guest",
    } as const;
    expect(fieldProblemText(problem, () => "Robin")).toBe("Robin is a guest. Pick somebody else.");
    expect(fieldProblemText(problem)).toBe("One of the people you picked is a guest. Pick somebody else.");
  });

  it("name the audiences that cannot be joined, and what to do", () => {
    const names = ["All employees", "Contractors"];
    expect(fieldProblemText({ field: "audience", problem: "audiences-pinned-apart", names })).toBe(
      "All employees and Contractors must log in by different methods, so they cannot be joined. Choose one of them, or ask twice.",
    );
  });

  it("lead to what stands in the way", () => {
    const link = "https://acme.slack.com/archives/C1/p1";
    expect(fieldProblemText({ field: "hostname", problem: "hostname-taken", by: "exposure", link })).toBe(
      `Another exposure already uses this hostname. Choose another hostname. See ${link}`,
    );
    expect(fieldProblemText({ field: "form", problem: "duplicate", link })).toContain(link);
  });

  it("pass on a vendor's words, made harmless", () => {
    const text = fieldProblemText({ field: "form", problem: "vendor", text: `a\u202e\n${"b".repeat(3000)}` });
    expect(text).toMatch(/^a b+…$/);
    expect(text.length).toBeLessThanOrEqual(250);
  });
});
