// What Cloudflare adds by itself, error pages and cookies, is told from a service's own answer.
import fc from "fast-check";
import { expect, test } from "vitest";
import { errorPage, troublePage } from "../../sandbox/cloudflare/error-page.ts";
import { judgeVisit } from "../../src/services/visit.ts";
import type { VisitAnswer } from "../../src/services/visit-request.ts";
import { TEAM } from "./cloudflare-account.ts";

const EXPECTED = { team: () => TEAM, aud: "aud-1" };
const ERROR_1001 = errorPage(1001, "DNS resolution error");
const EDGE = { server: "cloudflare", "content-type": "text/html; charset=UTF-8" };
const inconclusive = expect.objectContaining({ kind: "inconclusive" });

test.each<[string, VisitAnswer, unknown]>([
  ["an edge error as a page", { status: 409, headers: EDGE, body: ERROR_1001 }, inconclusive],
  [
    "a worker that failed",
    { status: 500, headers: EDGE, body: errorPage(1101, "Worker threw exception") },
    inconclusive,
  ],
  [
    "Cloudflare's network in trouble",
    { status: 500, headers: EDGE, body: troublePage("billing.example.com") },
    inconclusive,
  ],
  [
    "the same page that came through Google",
    { status: 500, headers: { ...EDGE, "x-cloud-trace-context": "1/2" }, body: troublePage("billing") },
    { kind: "reached", status: 500 },
  ],
  [
    "a service's page that looks like an edge error's",
    { status: 200, headers: EDGE, body: ERROR_1001 },
    { kind: "reached", status: 200 },
  ],
  [
    "an edge error's page that came through Google",
    { status: 409, headers: { ...EDGE, "x-cloud-trace-context": "1/2" }, body: ERROR_1001 },
    { kind: "reached", status: 409 },
  ],
  [
    "an edge error's page with a cookie of the service's",
    { status: 409, headers: { ...EDGE, "set-cookie": "__cf_bm=a; Path=/, sid=b" }, body: ERROR_1001 },
    { kind: "reached", status: 409 },
  ],
  [
    "an edge error's page from a server that is not the edge",
    { status: 409, headers: { ...EDGE, server: "nginx" }, body: ERROR_1001 },
    { kind: "reached", status: 409 },
  ],
  [
    "a part of an edge error's page",
    { status: 409, headers: EDGE, body: '<span class="cf-error-code">1001</span>' },
    { kind: "reached", status: 409 },
  ],
])("%s", (_, answer, verdict) => {
  expect(judgeVisit(answer, EXPECTED)).toEqual(verdict);
});

test("no answer below 400 passes for an error of the edge's, whatever its page shows", () => {
  const answers = fc.record({
    status: fc.integer({ min: 200, max: 399 }),
    headers: fc.constant(EDGE),
    body: fc.constantFrom(
      "error code: 1001",
      ERROR_1001,
      errorPage(1016, "Origin DNS error"),
      troublePage("a"),
    ),
  });
  fc.assert(
    fc.property(answers, (answer) => {
      expect(judgeVisit(answer, EXPECTED)).toEqual({ kind: "reached", status: answer.status });
    }),
  );
});

const EXPIRES = "Expires=Tue, 24-Nov-26 09:30:00 GMT";
const BM = `__cf_bm=x1.y-2_z; path=/; ${EXPIRES}; domain=.example.com; HttpOnly; Secure; SameSite=None`;

test.each<[string, "not-routed" | "reached"]>([
  [BM, "not-routed"],
  ["_cfuvid=a.b-0.0-604800000; path=/; domain=.example.com; HttpOnly; Secure", "not-routed"],
  ["__cflb=02DiuEXP; SameSite=Lax; path=/; expires=Wed, 25-Nov-26 09:00:00 GMT; HttpOnly", "not-routed"],
  [`cf_clearance=a; ${EXPIRES}`, "not-routed"],
  [`${BM}, _cfuvid=a; path=/`, "not-routed"],
  ["sid=1; Path=/", "reached"],
  [`${BM}, sid=1; Path=/`, "reached"],
  [`sid=1; ${EXPIRES}, ${BM}`, "reached"],
  [`__cf_bm=a, expires=Tue, ${BM}`, "reached"],
  ["x__cf_bm=1", "reached"],
  ["__cf_bmx=1", "reached"],
  ["__cf_bm", "reached"],
  ["", "reached"],
])("an empty 404 with the cookies %s is %s", (cookies, kind) => {
  const answer = { status: 404, headers: { server: "cloudflare", "set-cookie": cookies }, body: "" };
  expect(judgeVisit(answer, EXPECTED).kind).toBe(kind);
});
