// What cloudflared would refuse in a configuration document.
import { expect, test } from "vitest";
import { validateConfig } from "../../src/services/tunnel-config.ts";

const CATCH_ALL = { service: "http_status:404" };
const BILLING = { hostname: "billing.example.com", service: "https://billing-123.run.app" };

const before = (rule: object) => ({ ingress: [rule, CATCH_ALL] });

test.each([
  [before(BILLING), null],
  [before({ hostname: "*.example.com", service: "http://localhost:1", path: "(?i)\\.(css|js)$" }), null],
  [before({ path: "/api", service: "unix:/run/app.sock" }), null],
  [before({ hostname: "x.example.com", service: "hello_world" }), null],
  [before({ hostname: "x.example.com", service: "tcp://10.0.0.1:5432" }), null],
  [{ ingress: [{ hostname: "*", service: "http_status:404" }] }, null],
  [{ ingress: [] }, "no ingress rule"],
  [{}, "no ingress rule"],
  [{ ingress: [BILLING] }, "last rule has a hostname"],
  [{ ingress: [{ path: "/x", service: "http_status:404" }] }, "last rule has a hostname or a path"],
  [before({ service: "http://localhost:1" }), "takes every request"],
  [before({ hostname: "a.*.example.com", service: "http://x" }), "not a hostname"],
  [before({ hostname: "*x.example.com", service: "http://x" }), "not a hostname"],
  [before({ hostname: "x.example.com:443", service: "http://x" }), "not a hostname"],
  [before({ hostname: "x..example.com", service: "http://x" }), "not a hostname"],
  [before({ hostname: "x.example.com", service: "localhost:80" }), "not a service"],
  [before({ hostname: "x.example.com", service: "http://localhost/path" }), "not a service"],
  [before({ hostname: "x.example.com", service: "http://localhost/" }), "not a service"],
  [before({ hostname: "x.example.com", service: "http_status:4040" }), "not a service"],
  [before({ hostname: "x.example.com" }), "not a service"],
  [{ ingress: ["x", CATCH_ALL] }, "not an object"],
])("cloudflared says of %j: %s", (document, problem) => {
  expect(validateConfig(document)).toEqual(problem === null ? [] : [expect.stringContaining(problem)]);
});
