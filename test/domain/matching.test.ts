// Which ingress rule takes a request.
import { expect, test } from "vitest";
import { coversHost, firstMatch } from "../../src/domain/matching.ts";
import type { Rule } from "../../src/domain/observed.ts";

function rule(hostname: string | null, service = "http://localhost:1", path: string | null = null): Rule {
  return { hostname, path, service, hostHeader: null, lock: null, raw: {} };
}

const CATCH_ALL = rule(null, "http_status:404");

test.each([
  [null, "a.example.com", true],
  ["*", "a.example.com", true],
  ["a.example.com", "a.example.com", true],
  ["A.Example.com", "a.example.COM", true],
  ["*.example.com", "a.example.com", true],
  ["*.example.com", "a.b.c.example.com", true],
  ["*.example.com", "example.com", false],
  ["*.example.com", "aexample.com", false],
  ["a.example.com", "b.a.example.com", false],
])("a rule for %s and the hostname %s: %s", (pattern, hostname, covered) => {
  expect(coversHost(pattern, hostname)).toBe(covered);
});

test("the first that fits wins, and a wildcard above hides what is below", () => {
  const wildcard = rule("*.example.com");
  const exact = rule("a.example.com");
  expect(firstMatch([wildcard, exact, CATCH_ALL], "a.example.com")).toBe(wildcard);
  expect(firstMatch([exact, wildcard, CATCH_ALL], "a.example.com")).toBe(exact);
  expect(firstMatch([exact, CATCH_ALL], "b.example.com")).toBe(CATCH_ALL);
  expect(firstMatch([exact], "b.example.com")).toBeNull();
});

test("a rule for some paths counts if it leads to a service", () => {
  const api = rule("*.example.com", "http://api:1", "^/api");
  const status = rule("*.example.com", "http_status:403", "^/private");
  expect(firstMatch([api, CATCH_ALL], "a.example.com")).toBe(api);
  expect(firstMatch([status, CATCH_ALL], "a.example.com")).toBe(CATCH_ALL);
  expect(firstMatch([status, api, CATCH_ALL], "a.example.com")).toBe(api);
});
