// The configuration document, without I/O: what is ours goes in and out, the rest stays to the letter.
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstMatch } from "../../src/domain/matching.ts";
import type { Route, Rule, TunnelConfig } from "../../src/domain/observed.ts";
import {
  clashesOf,
  differenceOf,
  isRuleOf,
  mergeRoutes,
  parseConfig,
  ruleOf,
} from "../../src/services/tunnel-config.ts";

function route(hostname: string, aud = "aud-1"): Route {
  const hostHeader = "billing-123.run.app";
  return {
    hostname,
    service: `https://${hostHeader}`,
    hostHeader,
    lock: { required: true, teamName: "lakeside", audTag: [aud] },
  };
}

function config(document: unknown, version = 7): TunnelConfig {
  const parsed = parseConfig({ version, config: document });
  if (!parsed) throw new Error("not a configuration");
  return parsed;
}

const NONE = () => false;
const CATCH_ALL = { service: "http_status:404" };
const BILLING = route("billing.example.com");

// ---- Properties ----------------------------------------------------------------------------------------------------

const setting = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 2 }),
);
const settings = fc.dictionary(
  fc.constantFrom("noTLSVerify", "caPool", "httpHostHeader", "ünknown"),
  setting,
);
const foreignHost = fc.constantFrom(
  "wiki.example.com",
  "*.example.com",
  "*.a.example.com",
  "Grafana.Example.com",
  "x.example.net",
);
const foreignRule = fc.record(
  {
    hostname: foreignHost,
    service: fc.constantFrom("http://localhost:80", "https://10.0.0.1:8443", "http_status:403"),
    path: fc.constantFrom("^/api", "\\.png$"),
    originRequest: settings,
    id: fc.string(),
  },
  { requiredKeys: ["hostname", "service"] },
);
const foreignDocument = fc
  .tuple(
    fc.array(foreignRule, { maxLength: 6 }),
    fc.dictionary(fc.constantFrom("warp-routing", "originRequest", "later"), settings),
  )
  .map(([rules, rest]): Record<string, unknown> => ({ ...rest, ingress: [...rules, CATCH_ALL] }));
const ourRoutes = fc
  .uniqueArray(fc.constantFrom("billing", "payroll", "ledger", "crm", "a.b"), { maxLength: 4 })
  .map((names) => names.map((name) => route(`${name}.example.com`, `aud-${name}`)));

test("merging keeps every foreign rule in order and to the letter, ours once, the catch-all last", () => {
  fc.assert(
    fc.property(foreignDocument, ourRoutes, (document, add) => {
      const before = structuredClone(document);
      const merged = mergeRoutes(config(document), { add, remove: NONE });
      const ingress = merged.ingress as Rule["raw"][];
      const wanted = add.map(ruleOf);
      expect(document).toEqual(before);
      expect({ ...merged, ingress: ingress.slice(wanted.length) }).toEqual(document);
      expect(ingress.slice(0, wanted.length)).toEqual(wanted);
      expect(ingress.at(-1)).toEqual(CATCH_ALL);
      for (const each of add)
        expect(isRuleOf(firstMatch(config(merged).rules, each.hostname)!, each)).toBe(true);
    }),
  );
});

test("removing what was added gives the document back; merging twice changes nothing more", () => {
  fc.assert(
    fc.property(foreignDocument, ourRoutes, (document, add) => {
      const merged = config(mergeRoutes(config(document), { add, remove: NONE }));
      expect(mergeRoutes(merged, { add, remove: NONE })).toEqual(merged.raw);
      const remove = (rule: Rule) => add.some((each) => isRuleOf(rule, each));
      expect(mergeRoutes(merged, { add: [], remove })).toEqual(document);
    }),
  );
});

test("one hostname is matched the same, whatever routes of ours for others come and go", () => {
  fc.assert(
    fc.property(foreignDocument, ourRoutes, foreignHost, (document, add, host) => {
      const hostname = host.replace("*", "deep.er").toLowerCase();
      const merged = config(mergeRoutes(config(document), { add, remove: NONE }));
      expect(firstMatch(merged.rules, hostname)?.raw).toEqual(
        firstMatch(config(document).rules, hostname)?.raw,
      );
    }),
  );
});

// ---- Merging -------------------------------------------------------------------------------------------------------

test("a route of ours that a wildcard shadows moves above it and stands once", () => {
  const wildcard = { hostname: "*.example.com", service: "http://localhost:1" };
  const merged = mergeRoutes(config({ ingress: [wildcard, ruleOf(BILLING), CATCH_ALL] }), {
    add: [BILLING],
    remove: NONE,
  });
  expect(merged.ingress).toEqual([ruleOf(BILLING), wildcard, CATCH_ALL]);
});

test("an application made anew: the old lock goes and the new one comes in one document", () => {
  const before = config({ ingress: [ruleOf(BILLING), CATCH_ALL] });
  const next = route("billing.example.com", "aud-2");
  const change = { add: [next], remove: (rule: Rule) => rule.lock?.audTag[0] === "aud-1" };
  expect(clashesOf(before, change)).toEqual([]);
  expect(mergeRoutes(before, change).ingress).toEqual([ruleOf(next), CATCH_ALL]);
});

test.each([
  [null, 0],
  [{}, 0],
  [{ ingress: [] }, 0],
  [{ ingress: null, "warp-routing": { enabled: true } }, 7],
])("a tunnel without rules gets a catch-all: %o at version %i", (document, version) => {
  const merged = mergeRoutes(config(document, version), { add: [BILLING], remove: NONE });
  expect(merged.ingress).toEqual([ruleOf(BILLING), CATCH_ALL]);
});

test.each([[null], [{}], [{ ingress: [] }], [{ ingress: [], originRequest: { connectTimeout: 10 } }]])(
  "a document that was written and shows nothing is not believed: %o",
  (document) => expect(parseConfig({ version: 7, config: document })).toBeNull(),
);

test("the catch-all is never taken away", () => {
  const own = { service: "http_status:410" };
  expect(mergeRoutes(config({ ingress: [own] }), { add: [], remove: () => true }).ingress).toEqual([own]);
});

test("somebody else's rule for the hostname, whole or for a path, is a clash", () => {
  const foreign = (rule: object) =>
    config({ ingress: [{ service: "http://localhost:1", ...rule }, CATCH_ALL] });
  const change = { add: [BILLING], remove: NONE };
  expect(clashesOf(foreign({ hostname: "billing.example.com" }), change)).toEqual(["billing.example.com"]);
  expect(clashesOf(foreign({ hostname: "Billing.Example.com", path: "/api" }), change)).toEqual([
    "billing.example.com",
  ]);
  expect(clashesOf(foreign({ hostname: "*.example.com" }), change)).toEqual([]);
});

// ---- Reading, comparing --------------------------------------------------------------------------------------------

test.each([
  [null],
  [{ config: { ingress: [] } }],
  [{ version: 1, config: { ingress: "none" } }],
  [{ version: 1, config: { ingress: ["x"] } }],
  [{ version: 1, config: [] }],
  ["<html>"],
])("no configuration: %o", (wire) => {
  expect(parseConfig(wire)).toBeNull();
});

test("a rule is read with its lock, and kept as it was", () => {
  const raw = { ...ruleOf(BILLING), hostname: "Billing.example.com", id: "42" };
  expect(config({ ingress: [raw] }).rules[0]).toEqual({
    hostname: "billing.example.com",
    path: null,
    service: "https://billing-123.run.app",
    hostHeader: "billing-123.run.app",
    lock: BILLING.lock,
    raw,
  });
  expect(
    config({ ingress: [{ hostname: "", path: "", originRequest: { access: { audTag: "x" } } }] }).rules[0],
  ).toMatchObject({
    hostname: null,
    path: null,
    service: "",
    lock: { required: false, audTag: [] },
  });
});

test("what the API fills in or reorders is no difference; what somebody changed is", () => {
  const foreign = {
    hostname: "wiki.example.com",
    service: "http://localhost:1",
    originRequest: { noTLSVerify: true, caPool: "" },
  };
  const written = { "warp-routing": { enabled: true }, ingress: [ruleOf(BILLING), foreign, CATCH_ALL] };
  const difference = (read: Record<string, unknown>) => differenceOf(written, config(read), [BILLING]);
  const { originRequest, ...rest } = ruleOf(BILLING);
  const filled = {
    id: "1",
    originRequest: { ...(originRequest as object), keepAliveConnections: 100 },
    ...rest,
  };
  const bare = {
    service: "http://localhost:1",
    hostname: "wiki.example.com",
    originRequest: { noTLSVerify: true },
  };
  expect(
    difference({
      ingress: [filled, bare, { ...CATCH_ALL, originRequest: {} }],
      "warp-routing": { enabled: true },
      originRequest: {},
    }),
  ).toBeNull();
  expect(difference({ ...written, ingress: [foreign, CATCH_ALL] })).toContain("billing.example.com");
  expect(
    difference({
      ...written,
      ingress: [ruleOf(BILLING), { ...foreign, originRequest: { noTLSVerify: false } }, CATCH_ALL],
    }),
  ).toContain("rules");
  expect(difference({ ...written, ingress: [ruleOf(BILLING), CATCH_ALL] })).toContain("rules");
  expect(difference({ ...written, "warp-routing": { enabled: false } })).toBeNull();
  expect(difference({ ...written, originRequest: { connectTimeout: 10 } })).toContain("settings");
});
