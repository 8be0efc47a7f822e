// An anonymous visit: what an answer proves, by table, and through the edge.
import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createAccess } from "../../src/services/access.ts";
import { createVisitor, judgeVisit } from "../../src/services/visit.ts";
import type { VisitAnswer } from "../../src/services/visit-request.ts";
import {
  ACCOUNT,
  HOST,
  MARK,
  ORIGIN_HOST,
  openAccount,
  TEAM,
  TUNNEL,
  WANT,
  ZONE,
} from "./cloudflare-account.ts";

const EXPECTED = { team: () => TEAM, aud: "aud-1" };
const LOGIN = `https://${TEAM}.cloudflareaccess.com/cdn-cgi/access/login/${HOST}`;

function metaOf(payload: unknown): string {
  return `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.sig`;
}

function redirect(location: string, status = 302): VisitAnswer {
  return { status, headers: { location }, body: "" };
}

const STOPPED = { kind: "stopped", aud: "aud-1" };
const another = expect.objectContaining({
  kind: "inconclusive",
  because: expect.stringContaining("another"),
});

test.each([
  [`${LOGIN}?kid=aud-1&redirect_url=%2F`, STOPPED],
  [`${LOGIN}?kid=aud-1&meta=${metaOf({ aud: "aud-2" })}`, STOPPED],
  [`${LOGIN}?meta=${metaOf({ aud: "aud-1" })}`, STOPPED],
  [`${LOGIN}?meta=${metaOf({ aud: ["aud-1"] })}`, STOPPED],
  [`${LOGIN}?kid=aud-2&meta=${metaOf({ aud: "aud-1" })}`, another],
  [`${LOGIN}?meta=${metaOf({ aud: ["aud-1", "aud-2"] })}`, expect.objectContaining({ kind: "inconclusive" })],
  [`${LOGIN}?meta=broken`, expect.objectContaining({ kind: "inconclusive" })],
  [`${LOGIN}?redirect_url=aud-1`, expect.objectContaining({ kind: "inconclusive" })],
  [`https://rivals.cloudflareaccess.com/cdn-cgi/access/login/${HOST}?kid=aud-1`, another],
  [
    `https://${TEAM}.cloudflareaccess.com.evil.example/cdn-cgi/access/login/${HOST}?kid=aud-1`,
    { kind: "reached", status: 302 },
  ],
  [
    `http://${TEAM}.cloudflareaccess.com/cdn-cgi/access/login/${HOST}?kid=aud-1`,
    { kind: "reached", status: 302 },
  ],
  [
    `https://${TEAM}.cloudflareaccess.com/cdn-cgi/access/sso/oidc/1?kid=aud-1`,
    { kind: "reached", status: 302 },
  ],
  ["https://accounts.google.com/o/oauth2", { kind: "reached", status: 302 }],
  ["/login", { kind: "reached", status: 302 }],
])("a redirect to %s", (location, verdict) => {
  expect(judgeVisit(redirect(location), EXPECTED)).toEqual(verdict);
});

const inconclusive = expect.objectContaining({ kind: "inconclusive" });
const GOOGLE_404 = "<html><title>Error 404 (Not Found)!!1</title></html>";

test.each<[string, VisitAnswer, unknown]>([
  ["the service's page", { status: 200, headers: {}, body: "billing" }, { kind: "reached", status: 200 }],
  ["an empty 204", { status: 204, headers: {}, body: "" }, { kind: "reached", status: 204 }],
  ["the service's own 400", { status: 400, headers: {}, body: "bad" }, { kind: "reached", status: 400 }],
  ["a crash of the service", { status: 500, headers: {}, body: "oops" }, { kind: "reached", status: 500 }],
  [
    "Google's page for an unknown host",
    { status: 404, headers: { "content-type": "text/html" }, body: GOOGLE_404 },
    { kind: "reached", status: 404 },
  ],
  [
    "the service's empty 404",
    { status: 404, headers: { "x-cloud-trace-context": "1/2" }, body: "" },
    { kind: "reached", status: 404 },
  ],
  [
    "the catch-all",
    { status: 404, headers: { server: "cloudflare" }, body: "" },
    { kind: "not-routed", status: 404 },
  ],
  ["Access's or somebody's 401", { status: 401, headers: {}, body: "" }, inconclusive],
  [
    "cloudflared's lock, Cloud Run's invoker check, a block page",
    { status: 403, headers: {}, body: "" },
    inconclusive,
  ],
  ["a challenge", { status: 503, headers: { "cf-mitigated": "challenge" }, body: "<html>" }, inconclusive],
  [
    "a challenge with 200",
    { status: 200, headers: { "cf-mitigated": "challenge" }, body: "<html>" },
    inconclusive,
  ],
  ["a tunnel that is down", { status: 530, headers: {}, body: "error code: 1033" }, inconclusive],
  ["an edge error", { status: 409, headers: {}, body: "error code: 1001\n" }, inconclusive],
  ["cloudflared without an origin", { status: 502, headers: {}, body: "" }, inconclusive],
  ["a connector that starts", { status: 503, headers: {}, body: "" }, inconclusive],
  ["a slow origin", { status: 524, headers: {}, body: "" }, inconclusive],
  ["too many visits", { status: 429, headers: {}, body: "" }, inconclusive],
])("%s", (_, answer, verdict) => {
  expect(judgeVisit(answer, EXPECTED)).toEqual(verdict);
});

test("through the edge: unknown, catch-all, stopped, reached", async () => {
  const { cloudflare, client, shared } = await openAccount();
  const visitor = createVisitor({ edgeUrl: cloudflare.edgeUrl, team: () => TEAM, timeoutMs: 2000 });
  const visit = (aud = "none") => visitor.visit({ hostname: HOST, aud });
  expect((await visit()).kind).toBe("inconclusive");
  const content = `${TUNNEL}.cfargotunnel.com`;
  cloudflare.addRecord(ZONE, { type: "CNAME", name: HOST, content, proxied: true, ttl: 1 });
  expect(await visit()).toMatchObject({ kind: "not-routed", status: 404 });
  const access = createAccess({ client, accountId: ACCOUNT, installation: MARK.installation });
  await access.ensureTag();
  const application = await access.ensureApplication(WANT);
  expect(await visit(application.aud)).toMatchObject({
    kind: "stopped",
    aud: application.aud,
  });
  expect(await visit("another")).toMatchObject({
    kind: "inconclusive",
    because: "another application answered",
  });
  cloudflare.deleteApplication(application.id);
  cloudflare.putConfig(TUNNEL, {
    ingress: [{ hostname: HOST, service: `https://${ORIGIN_HOST}` }, { service: "http_status:404" }],
  });
  expect(await visit(application.aud)).toMatchObject({ kind: "reached", status: 200 });
  const queries = shared.journal
    .entries()
    .filter((entry) => entry.vendor === "edge")
    .map((entry) => JSON.stringify(entry.query));
  expect(new Set(queries).size).toBe(queries.length);
});

test("without the name of our team no log-in proves anything, and a service that answers is still one", () => {
  const nobody = () => {
    throw new Error("not known");
  };
  const expected = { ...EXPECTED, team: nobody };
  expect(judgeVisit({ status: 200, headers: {}, body: "hello" }, expected)).toEqual({
    kind: "reached",
    status: 200,
  });
  const login = redirect(`https://${TEAM}.cloudflareaccess.com/cdn-cgi/access/login/${HOST}?kid=aud-1`);
  expect(() => judgeVisit(login, expected)).toThrow("not known");
});

test("a visit is anonymous, bounded, and follows nothing", async () => {
  const seen: { url: string; headers: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? "", headers: request.headers });
    response.writeHead(302, { location: "/again", "set-cookie": "a=b" });
    response.end("x".repeat(200_000));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const edgeUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const visitor = createVisitor({ edgeUrl, team: () => TEAM, timeoutMs: 2000 });
  expect(await visitor.visit({ hostname: HOST, aud: "a" })).toMatchObject({
    kind: "reached",
    status: 302,
  });
  await visitor.visit({ hostname: HOST, aud: "a" });
  expect(seen.map((each) => [each.headers.host, each.headers.cookie, each.headers.authorization])).toEqual([
    [HOST, undefined, undefined],
    [HOST, undefined, undefined],
  ]);
  expect(seen[0]?.url).toMatch(/^\/\?drawbridge-visit=/);
});

test.each([
  ["hang", "no answer in time"],
  ["drop", "the connection failed"],
  ["reset-body", "the connection failed"],
] as const)("an edge that fails by %s proves nothing", async (kind, because) => {
  const { cloudflare, shared } = await openAccount();
  shared.faults.add({ vendor: "edge", effect: { kind } });
  const visitor = createVisitor({ edgeUrl: cloudflare.edgeUrl, team: () => TEAM, timeoutMs: 150 });
  const verdict = await visitor.visit({ hostname: HOST, aud: "a" });
  expect(verdict).toMatchObject({
    kind: "inconclusive",
    status: null,
    because: expect.stringContaining(because),
  });
});

test.each([
  ["ENOTFOUND", "the name does not resolve"],
  ["EAI_AGAIN", "the resolver did not answer"],
])("a resolver that says %s proves nothing", async (code, because) => {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    asked.push(hostname);
    callback(Object.assign(new Error(code), { code }), "");
  };
  const visitor = createVisitor({ team: () => TEAM, timeoutMs: 2000, lookup });
  const verdict = await visitor.visit({ hostname: HOST, aud: "a" });
  expect(verdict).toMatchObject({ kind: "inconclusive", status: null, because });
  await visitor.visit({ hostname: HOST, aud: "a" });
  expect(asked).toEqual([HOST, HOST]);
});
