import fc from "fast-check";
import { expect, test } from "vitest";
import { hostMatches } from "../../src/domain/gate.ts";
import { globMatches } from "../../src/domain/glob.ts";

test.each([
  ["billing-*", "billing-api", true],
  ["*-api", "billing-api", true],
  ["b*-*i", "billing-api", true],
  ["*", "", true],
  ["a*a", "a", false],
  ["a*ab", "aab", true],
  ["*ab*b", "ab", false],
  ["billing", "billing-api", false],
  ["", "", true],
  // Nothing but the star means anything.
  ["b.*", "billing", false],
])("%s matches %s: %s", (pattern, text, matches) => {
  expect(globMatches(pattern, text)).toBe(matches);
});

test("a star stands for whatever it stands for in a regular expression", () => {
  const few = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
  fc.assert(
    fc.property(few("ab*"), few("ab"), (pattern, text) => {
      expect(globMatches(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
    }),
    { numRuns: 2_000 },
  );
});

test("somebody's application with a star beside every letter holds up nobody", () => {
  const label = "a".repeat(60);
  expect(hostMatches(`${"*a".repeat(30)}.example.com`, `${label}b.example.com`)).toBe(false);
  expect(hostMatches(`${"*a".repeat(30)}.example.com`, `${label}.example.com`)).toBe(true);
});
