// An open hostname seen from outside: the stranger whom Access must stop, and a visit through Access to the service.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { errorPage } from "../../sandbox/cloudflare/error-page.ts";
import { letsInExactly } from "../../src/domain/gate.ts";
import {
  createConnectorVisits,
  isRefusedByAccess,
  judgeOrigin,
  type VisitToken,
} from "../../src/services/connector-visits.ts";
import { createVisitor } from "../../src/services/visit.ts";
import type { VisitAnswer } from "../../src/services/visit-request.ts";
import {
  HOST,
  ORIGIN_HOST,
  openAccess,
  openAccount,
  TEAM,
  TUNNEL,
  WANT,
  ZONE,
} from "./cloudflare-account.ts";

const NOW = new Date("2026-11-24T09:00:00Z");
const TOKEN: VisitToken = { clientId: "5d1b.access", clientSecret: "b1946ac92492d2347c6235b4d2611184" };
const SERVICE_TOKEN = { id: "6f1c2b1e-5a0d-4c3f-8e57-0c1f0c3b9d11", name: "visits", ...TOKEN };

function visits(edgeUrl: string, token: VisitToken | null = TOKEN, timeoutMs = 2_000) {
  const visitor = createVisitor({ edgeUrl, team: () => TEAM, timeoutMs });
  return createConnectorVisits({ visitor, token, edgeUrl, timeoutMs });
}

/** A hostname behind an application that lets employees in, and the token or not. */
async function openHost(change: { host?: string; lets?: string } = {}) {
  const account = await openAccount({ serviceTokens: [SERVICE_TOKEN] });
  const { cloudflare } = account;
  const content = `${TUNNEL}.cfargotunnel.com`;
  cloudflare.addRecord(ZONE, { type: "CNAME", name: HOST, content, proxied: true, ttl: 1 });
  const id = cloudflare.addApplication({
    type: "self_hosted",
    name: HOST,
    domain: HOST,
    policies: [
      { name: "people", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] },
      {
        name: "visits",
        decision: "non_identity",
        include: [{ service_token: { token_id: change.lets ?? SERVICE_TOKEN.id } }],
      },
    ],
  });
  const aud = String(cloudflare.applications().find((each) => each.id === id)?.aud);
  const originRequest = { httpHostHeader: change.host ?? ORIGIN_HOST };
  const service = `https://${ORIGIN_HOST}`;
  cloudflare.putConfig(TUNNEL, {
    ingress: [{ hostname: HOST, service, originRequest }, { service: "http_status:404" }],
  });
  return { ...account, exposure: { hostname: HOST, aud }, edgeUrl: cloudflare.edgeUrl };
}

test("the stranger is stopped, and the token reaches the service", async () => {
  const { edgeUrl, exposure } = await openHost();
  expect(await visits(edgeUrl).visit(exposure, NOW)).toEqual({
    stranger: { kind: "stopped", aud: exposure.aud },
    origin: { kind: "probe", at: NOW, hostname: HOST, answer: "fine" },
    refused: false,
  });
});

test("an application of ours lets the token in where it is named, and no other", async () => {
  const { access, made, cloudflare } = await openAccess();
  const want = { ...WANT, audience: { ...WANT.audience, accessGroups: [] }, visitTokenId: SERVICE_TOKEN.id };
  const application = await access.ensureApplication(want);
  expect(letsInExactly(application.policies, want)).toBe(true);
  expect(made()).toMatchObject([
    {
      policies: [
        { decision: "allow" },
        { decision: "non_identity", include: [{ service_token: { token_id: SERVICE_TOKEN.id } }] },
      ],
    },
  ]);
  expect(await access.ensureApplication(want)).toEqual(application);
  const without = await access.ensureApplication({ ...want, visitTokenId: null });
  expect(without.policies.map(({ decision }) => decision)).toEqual(["allow"]);
  expect(cloudflare.applications()).toHaveLength(1);
});

test("without a token only the stranger is sent", async () => {
  const { edgeUrl, exposure, shared } = await openHost();
  expect(await visits(edgeUrl, null).visit(exposure, NOW)).toMatchObject({
    stranger: { kind: "stopped" },
    origin: null,
  });
  expect(shared.journal.entries().filter(({ vendor }) => vendor === "edge")).toHaveLength(1);
});

test("a token that Access does not take says nothing of the service, and is told as such", async () => {
  const untaken = { stranger: { kind: "stopped" }, origin: { answer: "other" }, refused: true };
  const { edgeUrl, exposure } = await openHost({ lets: "another" });
  expect(await visits(edgeUrl).visit(exposure, NOW)).toMatchObject(untaken);
  // As one that was deleted, or whose year is over.
  const wrong = { ...TOKEN, clientSecret: "wrong" };
  expect(await visits(edgeUrl, wrong).visit(exposure, NOW)).toMatchObject(untaken);
});

test("no answer is no fact", async () => {
  const { edgeUrl, exposure, shared } = await openHost();
  shared.faults.add({ vendor: "edge", times: 0, effect: { kind: "drop" } });
  expect(await visits(edgeUrl).visit(exposure, NOW)).toMatchObject({
    stranger: { kind: "inconclusive" },
    origin: null,
    refused: false,
  });
});

/** Somebody's server at the hostname, which answers a stranger as Access would and sends everybody else elsewhere. */
async function serverAt(loginOf: { aud: string } | null) {
  const seen: { host: string | undefined; token: boolean; url: string | undefined }[] = [];
  const login = `https://${TEAM}.cloudflareaccess.com/cdn-cgi/access/login/${HOST}?kid=${loginOf?.aud}`;
  const server = createServer(({ headers, url }, response) => {
    const token = headers["cf-access-client-secret"] === TOKEN.clientSecret;
    seen.push({ host: headers.host, token, url });
    const location = loginOf && !token ? login : "http://127.0.0.1:1/elsewhere";
    response.writeHead(302, { location }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { seen, edgeUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("the token is sent with that hostname only, and to where it leads nobody", async () => {
  const { seen, edgeUrl } = await serverAt({ aud: "a" });
  await visits(edgeUrl).visit({ hostname: HOST, aud: "a" }, NOW);
  expect(seen.map(({ host, token }) => [host, token])).toEqual([
    [HOST, false],
    [HOST, true],
  ]);
  expect(seen.every(({ url }) => !url?.includes(TOKEN.clientSecret))).toBe(true);
});

test.each([
  ["somebody else answers", null],
  ["another application answers", { aud: "b" }],
])("the token is not sent where %s at the hostname", async (_, answering) => {
  const { seen, edgeUrl } = await serverAt(answering);
  expect(await visits(edgeUrl).visit({ hostname: HOST, aud: "a" }, NOW)).toMatchObject({ origin: null });
  expect(seen.map(({ token }) => token)).toEqual([false]);
});

test("the secret stands in nothing that comes back", async () => {
  const { edgeUrl, exposure, shared } = await openHost();
  const visit = await visits(edgeUrl).visit(exposure, NOW);
  expect(JSON.stringify([visit, shared.journal.entries()])).not.toContain(TOKEN.clientSecret);
});

const GOOGLE = `<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p><b>404.</b> <ins>That's an error.</ins>
<p>The requested URL <code>/</code> was not found on this server. <ins>That's all we know.</ins>`;
const CLOUD_RUN = `<html><head><title>404 Page not found</title></head><body><h1>Error: Page not found</h1></body></html>`;
const INVOKER = `<html><head><title>403 Forbidden</title></head><body text=#000000 bgcolor=#ffffff>
<h1>Error: Forbidden</h1><h2>Your client does not have permission to get URL <code>/</code> from this server.</h2></body></html>`;
const ERROR_1001 = errorPage(1001, "DNS resolution error");
const LOGIN = `https://${TEAM}.cloudflareaccess.com/cdn-cgi/access/login/${HOST}?kid=a`;

describe("what answered", () => {
  test.each<[string, Partial<VisitAnswer> & { status: number }, string]>([
    ["Google's page for a host it does not know", { status: 404, body: GOOGLE }, "google-not-found"],
    ["Cloud Run's page for a host it does not know", { status: 404, body: CLOUD_RUN }, "google-not-found"],
    ["the invoker check", { status: 403, body: INVOKER }, "google-forbidden"],
    ["the service", { status: 200, body: "hello" }, "fine"],
    [
      "the service's own page that is not there",
      { status: 404, body: "<title>Not Found</title>nothing here" },
      "fine",
    ],
    ["the service's own redirect", { status: 302, headers: { location: "/login" } }, "fine"],
    ["the service's own refusal of the request", { status: 400, body: "bad" }, "fine"],
    ["the service's or cloudflared's 403", { status: 403, body: "no" }, "other"],
    ["Access's log-in", { status: 302, headers: { location: LOGIN } }, "other"],
    ["Access's refusal", { status: 401 }, "other"],
    ["the catch-all", { status: 404 }, "other"],
    ["cloudflared without an origin", { status: 502, body: "Bad gateway" }, "other"],
    ["no tunnel", { status: 530, body: "error code: 1033" }, "other"],
    ["an edge error", { status: 409, body: "error code: 1001" }, "other"],
    ["… as a page", { status: 409, headers: { server: "cloudflare" }, body: ERROR_1001 }, "other"],
    ["the service's page that shows one", { status: 200, body: ERROR_1001 }, "fine"],
    ["too many visits", { status: 429 }, "other"],
    ["a challenge", { status: 200, headers: { "cf-mitigated": "challenge" } }, "other"],
  ])("%s", (_, answer, expected) => {
    expect(judgeOrigin({ headers: {}, body: "", ...answer })).toBe(expected);
  });
});

describe("who refused", () => {
  const aud = { "cf-access-aud": "a" };
  test.each<[string, Partial<VisitAnswer> & { status: number }, boolean]>([
    ["Access's log-in", { status: 302, headers: { location: LOGIN } }, true],
    ["Access, with strict service token authentication", { status: 403, headers: aud }, true],
    ["… and where it answers 401", { status: 401, headers: aud }, true],
    ["the service, or cloudflared's lock", { status: 403, body: "no" }, false],
    ["the service's own log-in", { status: 302, headers: { location: "/login" } }, false],
    ["nobody", { status: 200, body: "hello" }, false],
  ])("%s", (_, answer, expected) => {
    expect(isRefusedByAccess({ headers: {}, body: "", ...answer })).toBe(expected);
  });
});
