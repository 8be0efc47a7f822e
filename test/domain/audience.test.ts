// Who may pass: audiences joined, compared, and turned into the conditions of a policy.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Audience,
  isEmptyAudience,
  isMadeOf,
  joinAudiences,
  partsOf,
  pinnedApart,
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

/** Who passes by which method; what pins nothing is passed by any. */
function passes(each: Audience): string[] {
  const methods = each.loginMethods.length > 0 ? each.loginMethods : ["okta", "github", "pin"];
  return keys(each).flatMap((key) => methods.map((method) => `${key} by ${method}`));
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
  });

  it("let nobody pass by a method by which their own does not, where they may be joined", () => {
    fc.assert(
      fc.property(fc.array(audience, { maxLength: 3 }), (parts) => {
        if (pinnedApart(parts).length > 0) return;
        const known = new Set(parts.flatMap(passes));
        const joined = joinAudiences("all", parts);
        expect(passes(joined).filter((each) => !known.has(each))).toEqual([]);
        expect(isMadeOf(joined, parts, { emailDomains: [], loginMethods: [] })).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("may not be, where their pins differ", () => {
    const okta = { ...employees, loginMethods: ["okta"] };
    const code = { ...employees, name: "Contractors", loginMethods: ["pin"] };
    const two = { ...employees, loginMethods: ["okta", "pin"] };
    expect(pinnedApart([okta, employees, code])).toEqual([okta, code]);
    expect(pinnedApart([okta, two])).toEqual([okta, two]);
    expect(pinnedApart([two, { ...two, loginMethods: ["pin", "okta", "pin"] }])).toEqual([]);
    expect(pinnedApart([okta, employees, okta])).toEqual([]);
    expect(pinnedApart([employees, employees])).toEqual([]);
  });

  it("of nobody let nobody in", () => {
    expect(isEmptyAudience(joinAudiences("none", []))).toBe(true);
    expect(isEmptyAudience(employees)).toBe(false);
    expect(isEmptyAudience({ ...employees, emailDomains: [], loginMethods: ["okta"] })).toBe(true);
  });
});

describe("an audience made of what is offered", () => {
  const pins = fc.uniqueArray(fc.constantFrom("okta", "github"), { maxLength: 2 });
  const nobody = { emailDomains: [], loginMethods: [] };

  it("lets nobody pass by a method by which what is offered does not", () => {
    const offers = fc.array(audience, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(offers, fc.nat(7), pins, pins, (offered, chosen, loginMethods, ofPeople) => {
        const parts = offered.filter((_, index) => chosen & (1 << index));
        const asked = { ...joinAudiences("asked", parts), loginMethods };
        const people = { emailDomains: ["a.example"], loginMethods: ofPeople };
        if (!isMadeOf(asked, offered, people)) return;
        const picked = { ...employees, emailDomains: [], emails: ["lee@a.example"], loginMethods: ofPeople };
        const known = new Set([...offered, picked].flatMap(passes));
        expect(passes(asked).filter((each) => !known.has(each))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it("is what each of them is, and what all of them are that pin the same", () => {
    fc.assert(
      fc.property(fc.array(audience, { minLength: 1, maxLength: 3 }), pins, (parts, loginMethods) => {
        for (const each of parts) expect(isMadeOf(each, parts, nobody)).toBe(true);
        const alike = parts.map((each) => ({ ...each, loginMethods }));
        expect(isMadeOf(joinAudiences("all", alike), alike, nobody)).toBe(true);
      }),
    );
  });

  it("is not one that was pinned since, though another pins nothing", () => {
    const partners = { ...employees, name: "Partners", emailDomains: [], emails: ["kim@b.example"] };
    const pinned = { ...partners, loginMethods: ["okta"] };
    expect(isMadeOf(partners, [employees, partners], nobody)).toBe(true);
    expect(isMadeOf(partners, [employees, pinned], nobody)).toBe(false);
    expect(isMadeOf(pinned, [employees, pinned], nobody)).toBe(true);
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
      { kind: "other", name: "oidc" },
      { kind: "other", name: "auth_context" },
    ],
    [
      { kind: "not-identity", name: "by-address" },
      { kind: "not-identity", name: "by-country" },
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
