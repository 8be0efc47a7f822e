// Hostnames that people type, and what they may be.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkHostname, suggestLabel } from "../../src/domain/hostname.ts";

const RULES = {
  zones: ["lakeside.example", "dev.lakeside.example", "labs.example"],
  reserved: ["www", "autodiscover", "metadata"],
};

function judged(typed: string, zone: string | null = null): string {
  const checked = checkHostname(typed, zone, RULES);
  return checked.ok ? `${checked.hostname} in ${checked.zone}` : checked.problem.problem;
}

describe("a hostname", () => {
  it.each([
    ["billing", "billing.lakeside.example in lakeside.example"],
    ["  Billing  ", "billing.lakeside.example in lakeside.example"],
    ["BILLING.LAKESIDE.EXAMPLE", "billing.lakeside.example in lakeside.example"],
    ["billing.labs.example", "billing.labs.example in labs.example"],
    ["b", "b.lakeside.example in lakeside.example"],
    ["7", "7.lakeside.example in lakeside.example"],
    ["a-b-c", "a-b-c.lakeside.example in lakeside.example"],
    ["billing.dev.lakeside.example", "billing.dev.lakeside.example in dev.lakeside.example"],
  ])("%j is taken as %s", (typed, expected) => {
    expect(judged(typed)).toBe(expected);
  });

  it("is completed by the chosen zone", () => {
    expect(judged("billing", "labs.example")).toBe("billing.labs.example in labs.example");
    expect(judged("billing", "elsewhere.example")).toBe("hostname-zone");
  });

  it.each(["billing", "", "billing_api", "bücher", "billing.lakeside.example"])(
    "%j is refused for want of a zone, where there is none",
    (typed) => {
      for (const zone of [null, "lakeside.example"])
        expect(checkHostname(typed, zone, { zones: [], reserved: [] })).toEqual({
          ok: false,
          problem: { field: "hostname", problem: "hostname-zone", zones: [] },
        });
    },
  );

  it.each([
    ["", "missing"],
    ["   ", "missing"],
    ["billing.lakeside.example.", "hostname-malformed"],
    [".billing", "hostname-malformed"],
    ["..", "hostname-malformed"],
    ["billing..lakeside.example", "hostname-malformed"],
    ["../billing", "hostname-malformed"],
    ["a b", "hostname-malformed"],
    ["a\u0000b", "hostname-malformed"],
    ["billing\nlakeside", "hostname-malformed"],
    ["billing_api", "hostname-malformed"],
    ["_acme-challenge", "hostname-malformed"],
    ["-billing", "hostname-malformed"],
    ["billing-", "hostname-malformed"],
    ["ab--cd", "hostname-malformed"],
    ["billing:8080", "hostname-malformed"],
    ["billing.lakeside.example:443", "hostname-malformed"],
    ["https://billing.lakeside.example", "hostname-malformed"],
    ["billing.lakeside.example/admin", "hostname-malformed"],
    ["user@billing.lakeside.example", "hostname-malformed"],
    ["*.lakeside.example", "hostname-malformed"],
    ["*", "hostname-malformed"],
    ["[::1]", "hostname-malformed"],
    ["a".repeat(64), "hostname-malformed"],
    ["a".repeat(300), "hostname-malformed"],
    ["xn--bcher-kva", "hostname-punycode"],
    ["XN--bcher-kva.lakeside.example", "hostname-punycode"],
    ["b\u0456lling", "hostname-punycode"],
    ["bücher", "hostname-punycode"],
    ["billing\u3002lakeside\u3002example", "hostname-punycode"],
    ["bil\u200bling", "hostname-punycode"],
    ["\uff42illing", "hostname-punycode"],
    ["127.0.0.1", "hostname-zone"],
    ["169.254.169.254", "hostname-zone"],
    ["metadata.google.internal", "hostname-zone"],
    ["localhost.localdomain", "hostname-zone"],
    ["billing.evil.example", "hostname-zone"],
    ["billinglakeside.example", "hostname-zone"],
    ["lakeside.example", "hostname-zone"],
    ["billing.lakeside.example.evil.example", "hostname-zone"],
    ["a.b.lakeside.example", "hostname-too-deep"],
    ["a.b.dev.lakeside.example", "hostname-too-deep"],
    ["a".repeat(47), "hostname-too-long"],
    ["www", "hostname-reserved"],
    ["WWW.labs.example", "hostname-reserved"],
    ["metadata", "hostname-reserved"],
  ])("%j is refused: %s", (typed, problem) => {
    expect(judged(typed)).toBe(problem);
  });

  it("as long as Access takes is taken", () => {
    expect(judged("a".repeat(46))).toBe(`${"a".repeat(46)}.lakeside.example in lakeside.example`);
  });

  it("is never another zone itself, which only its own records may answer for", () => {
    expect(judged("dev")).not.toMatch(/ in /);
    expect(judged("dev.lakeside.example")).not.toMatch(/ in /);
  });

  it("is plain and in one of the zones, whatever was typed", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ".",
        "-",
        "--",
        "xn--",
        "_",
        "*",
        "/",
        ":",
        "@",
        " ",
        "\u0130",
        "\u212a",
        "\u0456",
        "%2e",
        "a",
        "Z",
        "0",
      ),
      fc.constantFrom(...RULES.zones, ".lakeside.example", "billing"),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    const typed = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    const zone = fc.option(fc.oneof(fc.constantFrom(...RULES.zones), fc.string()));
    fc.assert(
      fc.property(fc.oneof(typed, fc.string({ maxLength: 300 })), zone, (text, chosen) => {
        const checked = checkHostname(text, chosen, RULES);
        if (!checked.ok) {
          expect(checked.problem.field).toBe("hostname");
          return;
        }
        expect(RULES.zones).toContain(checked.zone);
        expect(checked.hostname).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?\.[a-z0-9.-]+$/);
        expect(checked.hostname.slice(checked.hostname.indexOf(".") + 1)).toBe(checked.zone);
        expect(checked.hostname.length).toBeLessThanOrEqual(63);
        expect(RULES.reserved).not.toContain(checked.hostname.split(".")[0]);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a suggested label", () => {
  it.each([
    ["billing-api", "billing-api"],
    ["Billing_API v2", "billing-api-v2"],
    ["--a--b--", "a-b"],
    ["...", ""],
    [`${"a".repeat(39)}-b`, "a".repeat(39)],
  ])("of %j is %j", (name, label) => {
    expect(suggestLabel(name)).toBe(label);
  });

  it("is taken as it is, or is nothing", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const label = suggestLabel(name);
        if (label !== "") expect(checkHostname(label, null, { ...RULES, reserved: [] }).ok).toBe(true);
      }),
    );
  });
});
