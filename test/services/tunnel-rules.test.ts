// A rule of ours is known by all that it says: by its lock above all, which is what is read back after a write.
import { expect, test } from "vitest";
import type { Route, TunnelConfig } from "../../src/domain/observed.ts";
import { clashesOf, differenceOf, isRuleOf, parseConfig, ruleOf } from "../../src/services/tunnel-config.ts";

const CATCH_ALL = { service: "http_status:404" };
const BILLING: Route = {
  hostname: "billing.example.com",
  service: "https://billing-123.run.app",
  hostHeader: "billing-123.run.app",
  lock: { required: true, teamName: "lakeside", audTag: ["aud-1"] },
};

function documentOf(rule: object): TunnelConfig {
  return parseConfig({ version: 8, config: { ingress: [rule, CATCH_ALL] } })!;
}

test.each<[string, (rule: Record<string, unknown>, request: Record<string, unknown>) => object]>([
  ["without its lock", (rule, request) => ({ ...rule, originRequest: { ...request, access: undefined } })],
  ["with a lock that is not required", (rule, request) => locked(rule, request, { required: false })],
  ["with the lock of another team", (rule, request) => locked(rule, request, { teamName: "rivals" })],
  ["with the lock of another application", (rule, request) => locked(rule, request, { audTag: ["aud-2"] })],
  [
    "with a lock that another application opens too",
    (rule, request) => locked(rule, request, { audTag: ["aud-1", "aud-2"] }),
  ],
  ["for some paths alone", (rule) => ({ ...rule, path: "^/api" })],
  ["to another service", (rule) => ({ ...rule, service: "https://other-123.run.app" })],
  [
    "with another Host header",
    (rule, request) => ({ ...rule, originRequest: { ...request, httpHostHeader: "other-123.run.app" } }),
  ],
])("a route of ours that stands %s is not ours: it is not taken for what was written", (_, change) => {
  const ours = ruleOf(BILLING);
  const written = { ingress: [ours, CATCH_ALL] };
  const read = documentOf(change(ours, ours.originRequest as Record<string, unknown>));
  expect(isRuleOf(read.rules[0]!, BILLING)).toBe(false);
  expect(differenceOf(written, read, [BILLING])).toBe("the route for billing.example.com is not there");
  expect(clashesOf(read, { add: [BILLING], remove: () => false })).toEqual(["billing.example.com"]);
});

function locked(rule: object, request: Record<string, unknown>, change: object): object {
  const access = { ...(request.access as object), ...change };
  return { ...rule, originRequest: { ...request, access } };
}
