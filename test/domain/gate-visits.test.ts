// The gate with a door for our own visits: one service token, exactly, and only where policy names it.
import { describe, expect, it } from "vitest";
import { letsInExactly } from "../../src/domain/gate.ts";
import type { AccessPolicy } from "../../src/domain/observed.ts";
import { plan } from "../../src/domain/plan.ts";
import { targetOf } from "../../src/domain/target.ts";
import { openExposure } from "./exposure-sample.ts";
import { idealApplication } from "./model-world.ts";
import { everything, open, RULES } from "./plan-scenes.ts";

const ID = "6f1c2b1e-5a0d-4c3f-8e57-0c1f0c3b9d11";
const target = targetOf(openExposure());
const [people] = idealApplication(target, "app-1", "aud-1").policies as [AccessPolicy];
const want = { ...target.gate, visitTokenId: ID };

const visits = (change: Partial<AccessPolicy> = {}): AccessPolicy => ({
  name: "Drawbridge: its own visits",
  decision: "service-auth",
  include: [{ kind: "service-token", id: ID }],
  require: [],
  exclude: [],
  ...change,
});

describe("with a service token in policy", () => {
  it.each<[string, AccessPolicy[], boolean]>([
    ["the audience and the token", [people, visits()], true],
    ["in any order", [visits(), people], true],
    ["without the token", [people], false],
    ["without the audience", [visits()], false],
    ["the token twice", [people, visits(), visits()], false],
    ["another token", [people, visits({ include: [{ kind: "service-token", id: "another" }] })], false],
    ["any token", [people, visits({ include: [{ kind: "service-token", id: null }] })], false],
    [
      "everyone besides",
      [people, visits({ include: [{ kind: "service-token", id: ID }, { kind: "everyone" }] })],
      false,
    ],
    ["the token by a bypass", [people, visits({ decision: "bypass" })], false],
    ["the token among people", [people, visits({ decision: "allow" })], false],
    ["the token with a condition", [people, visits({ require: [{ kind: "everyone" }] })], false],
  ])("%s", (_, policies, exactly) => {
    expect(letsInExactly(policies, want)).toBe(exactly);
  });
});

it("without one, no service token passes", () => {
  expect(letsInExactly([people, visits()], { ...target.gate, visitTokenId: null })).toBe(false);
});

describe("an open exposure", () => {
  function kinds(policies: AccessPolicy[], visitTokenId: string | null): string[] {
    const observed = everything(open);
    const applications = observed.applications.map((each) => ({ ...each, policies }));
    const stages = plan([targetOf(open)], { ...observed, applications }, { ...RULES, visitTokenId });
    return stages.flat().map(({ kind }) => kind);
  }

  it("keeps its route while the token is let in", () => {
    expect(kinds([people], null)).toEqual([]);
    expect(kinds([people, visits()], ID)).toEqual([]);
    const steps = kinds([people], ID);
    expect(steps).toContain("ensure-application");
    expect(steps).not.toContain("remove-routes");
  });

  it("loses it before a token that nobody named is taken out", () => {
    expect(kinds([people, visits()], null)[0]).toBe("remove-routes");
    const other = visits({ include: [{ kind: "service-token", id: "another" }] });
    expect(kinds([people, other], ID)[0]).toBe("remove-routes");
  });
});
