// Who may pass: audiences joined, compared, and turned into the conditions of a policy.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Audience,
  isEmptyAudience,
  joinAudiences,
  partsOf,
  type Selector,
  sameSelectors,
  selectorsOf,
} from "../../src/domain/audience.ts";
import { employees } from "./exposure-sample.ts";

const name = fc.constantFrom("a.example", "A.example", "b.example", "c.example");
const audience: fc.Arbitrary<Audience> = fc.record({
  name: fc.string(),
  emailDomains: fc.array(name, { maxLength: 3 }),
  emails: fc.array(name, { maxLength: 3 }).map((names) => names.map((each) => `lee@${each}`)),
  accessGroups: fc.array(fc.constantFrom("g1", "g2"), { maxLength: 2 }),
  idpGroups: fc
    .uniqueArray(fc.constantFrom("leads", "staff"), { maxLength: 2 })
    .map((groups) => groups.map((group) => ({ provider: "okta" as const, providerId: "p1", group }))),
  loginMethods: fc.uniqueArray(fc.constantFrom("okta", "github"), { maxLength: 2 }),
});

function keys(each: Audience): string[] {
  return selectorsOf(each).map((selector) => JSON.stringify(selector));
}

describe("joined audiences", () => {
  it("let in everybody whom any of them lets in, and nobody else", () => {
    fc.assert(
      fc.property(fc.array(audience, { maxLength: 4 }), (parts) => {
        const joined = keys(joinAudiences("all", parts));
        expect(new Set(joined)).toEqual(new Set(parts.flatMap(keys)));
        expect(new Set(joined).size).toBe(joined.length);
      }),
    );
  });

  it("keep the login methods that any of them pins", () => {
    const pinned = { ...employees, loginMethods: ["okta"] };
    expect(joinAudiences("both", [employees, pinned]).loginMethods).toEqual(["okta"]);
    expect(joinAudiences("both", [employees, employees]).loginMethods).toEqual([]);
    expect(joinAudiences("both", [pinned, { ...pinned, loginMethods: ["github"] }]).loginMethods).toEqual([
      "okta",
      "github",
    ]);
  });

  it("of nobody let nobody in", () => {
    expect(isEmptyAudience(joinAudiences("none", []))).toBe(true);
    expect(isEmptyAudience(employees)).toBe(false);
    expect(isEmptyAudience({ ...employees, emailDomains: [], loginMethods: ["okta"] })).toBe(true);
  });
});

describe("the parts of an audience", () => {
  const named = (name: string, ...emails: string[]) => ({
    audience: { ...employees, emailDomains: [], name, emails },
  });
  const team = named("Team", "kim@a.example", "lee@a.example");
  const leads = named("Leads", "lee@a.example");
  const both = named("Research and Design", "ada@a.example");
  const whole = joinAudiences("Team and Research and Design and 2 people", [
    team.audience,
    both.audience,
    named("2 people", "x@a.example", "lee@a.example").audience,
  ]);

  it("are those that it names", () => {
    expect(partsOf(whole, [team, leads, both])).toEqual([team, both]);
    expect(partsOf(leads.audience, [team, leads])).toEqual([leads]);
    expect(partsOf({ ...leads.audience, name: "1 person" }, [team, leads])).toEqual([]);
  });

  it("let in nobody whom it did not, whatever was added to them since", () => {
    const wider = named("Team", "kim@a.example", "new@a.example");
    const smaller = named("Research and Design");
    expect(partsOf(whole, [wider, smaller])).toEqual([smaller]);
  });
});

describe("selectors", () => {
  it("are the same whatever their order and letter case", () => {
    fc.assert(
      fc.property(audience, fc.infiniteStream(fc.nat()), (each, random) => {
        const selectors = selectorsOf(each);
        const shuffled = [...selectors]
          .map((selector) => [random.next().value ?? 0, selector] as const)
          .sort(([a], [b]) => a - b)
          .map(([, selector]) => selector);
        const loud = shuffled.map((selector) =>
          selector.kind === "email" ? { ...selector, email: selector.email.toUpperCase() } : selector,
        );
        expect(sameSelectors(selectors, loud)).toBe(true);
        expect(sameSelectors(selectors, [...loud, { kind: "everyone" }])).toBe(false);
        if (selectors.length > 0) expect(sameSelectors(selectors, selectors.slice(1))).toBe(false);
      }),
    );
  });

  it.each<[Selector, Selector]>([
    [
      { kind: "email", email: "a.example" },
      { kind: "email-domain", domain: "a.example" },
    ],
    [
      { kind: "email", email: "lee@a.example" },
      { kind: "email", email: "lee@b.example" },
    ],
    [{ kind: "everyone" }, { kind: "service-token", id: null }],
    [
      { kind: "idp-group", provider: "okta", providerId: "p1", group: "leads" },
      { kind: "idp-group", provider: "okta", providerId: "p2", group: "leads" },
    ],
    [
      { kind: "idp-group", provider: "okta", providerId: "p1", group: "leads" },
      { kind: "idp-group", provider: "github", providerId: "p1", group: "leads" },
    ],
    [
      { kind: "other", name: "geo" },
      { kind: "other", name: "ip" },
    ],
  ])("%j is not %j", (left, right) => {
    expect(sameSelectors([left], [right])).toBe(false);
    expect(sameSelectors([left, left], [left])).toBe(false);
  });

  it("stand in a stable order", () => {
    const turned = {
      ...employees,
      emailDomains: ["b.example", "a.example"],
      emails: ["b@x.example", "A@x.example"],
    };
    expect(selectorsOf(turned)).toEqual([
      { kind: "email-domain", domain: "a.example" },
      { kind: "email-domain", domain: "b.example" },
      { kind: "email", email: "a@x.example" },
      { kind: "email", email: "b@x.example" },
    ]);
  });
});
