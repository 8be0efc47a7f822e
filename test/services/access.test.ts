// What Access is asked about: all of it or a fault, never a part.
import { expect, test } from "vitest";
import { createAccess } from "../../src/services/access.ts";
import {
  ACCOUNT,
  APPS,
  clientTo,
  failureOf,
  HOST,
  LIST,
  openAccess,
  openAccount,
  TEAM,
  WANT,
} from "./cloudflare-account.ts";

test("lists every application, whatever the page size", async () => {
  const { access, cloudflare, asked } = await openAccess();
  for (let number = 0; number < 450; number += 1)
    cloudflare.addApplication({ type: "self_hosted", domain: `a${number}.example.com` });
  expect(await access.listApplications()).toHaveLength(450);
  expect(asked()).toEqual([LIST, LIST, LIST]);
});

test.each([
  { kind: "malformed" },
  {
    kind: "status",
    status: 200,
    body: { success: false, errors: [{ code: 1, message: "no" }], result: null },
  },
  { kind: "status", status: 200, body: { success: true, result: [], result_info: { total_count: 3 } } },
  { kind: "status", status: 503 },
  { kind: "drop" },
] as const)("a list that failed is never an empty list: %o", async (effect) => {
  const { access, fail } = await openAccess();
  fail({ path: APPS, times: 0, effect });
  expect(await failureOf(access.listApplications())).toMatchObject({ kind: "retry" });
});

test("a read is tried again within bounds, a long Retry-After is handed on", async () => {
  const { access, fail, asked, shared } = await openAccess();
  fail({ path: APPS, times: 2, effect: { kind: "status", status: 502 } });
  expect(await access.listApplications()).toEqual([]);
  expect(asked()).toHaveLength(3);
  shared.faults.clear();
  shared.journal.clear();
  fail({ path: APPS, times: 0, effect: { kind: "status", status: 429, retryAfterSeconds: 300 } });
  expect(await failureOf(access.listApplications())).toMatchObject({
    kind: "retry",
    status: 429,
    retryAfterMs: 60_000,
  });
  expect(asked()).toHaveLength(1);
});

test("a hang ends at the time limit, and a refused token says so without showing it", async () => {
  const { cloudflare, fail } = await openAccess();
  const options = { accountId: ACCOUNT, installation: "prod" };
  const stranger = createAccess({
    client: clientTo(cloudflare.apiUrl, { apiToken: "wrong-token" }),
    ...options,
  });
  const denied = await failureOf(stranger.listApplications());
  expect(denied).toMatchObject({ kind: "denied", vendor: "cloudflare" });
  expect(denied.message).not.toContain("wrong-token");
  fail({ times: 0, effect: { kind: "hang" } });
  const hasty = createAccess({ client: clientTo(cloudflare.apiUrl, { timeoutMs: 40 }), ...options });
  expect(await failureOf(hasty.listGroups())).toMatchObject({ kind: "retry", code: "timeout" });
});

test("reads groups, identity providers and the team", async () => {
  const { access, cloudflare } = await openAccess();
  cloudflare.setOrganization({ deny_unmatched_requests: true });
  expect(await access.listGroups()).toEqual([
    {
      id: "group-1",
      name: "Leads",
      include: [{ kind: "email", email: "lee@example.com" }],
      require: [],
      exclude: [],
    },
  ]);
  expect(await access.listIdentityProviders()).toContainEqual({
    id: "idp-pin",
    name: "One-time PIN",
    publicLogin: "one-time-pin",
  });
  expect(await access.organization()).toEqual({ team: TEAM, denyUnmatched: true });
});

test("log-ins are those that Access let in, at whatever application", async () => {
  const { access, cloudflare } = await openAccess();
  const { id } = await access.ensureApplication({
    ...WANT,
    audience: { ...WANT.audience, loginMethods: [] },
  });
  const other = cloudflare.addApplication({
    type: "self_hosted",
    domain: "wiki.example.com",
    policies: [{ name: "all", decision: "allow", include: [{ everyone: {} }] }],
  });
  cloudflare.addRecord(zoneRecord(HOST).zone, zoneRecord(HOST).record);
  cloudflare.addRecord(zoneRecord("wiki.example.com").zone, zoneRecord("wiki.example.com").record);
  await cloudflare.visit(HOST, { email: "asha@example.com" });
  await cloudflare.visit("wiki.example.com", { email: "asha@example.com" });
  await cloudflare.visit(HOST, { email: "mallory@elsewhere.example" });
  const { logins = [], from } = (await access.recentLogins()) ?? {};
  expect(from).toBeNull();
  expect(logins.map(({ applicationId, email }) => [applicationId, email]).sort()).toEqual(
    [
      [id, "asha@example.com"],
      [other, "asha@example.com"],
    ].sort(),
  );
  for (const { at } of logins) expect(Date.now() - at.getTime()).toBeLessThan(60_000);
});

test("log-ins are read once for all who can do with an answer of a moment ago", async () => {
  const { access, asked } = await openAccess();
  await access.recentLogins();
  await access.recentLogins({ maxAgeMs: 60_000 });
  await access.recentLogins({ maxAgeMs: 60_000 });
  expect(asked()).toHaveLength(1);
  await access.recentLogins();
  expect(asked()).toHaveLength(2);
});

test("a log-in without a time that can be read is left out", async () => {
  const { access, fail } = await openAccess();
  const line = { app_uid: "a", user_email: "asha@example.com", allowed: true };
  const result = [
    { ...line, created_at: "yesterday" },
    line,
    { ...line, created_at: "2030-01-01T12:00:00Z" },
  ];
  const body = { success: true, errors: [], messages: [], result };
  fail({ path: "/access_requests$", times: 1, effect: { kind: "status", status: 200, body } });
  expect((await access.recentLogins())?.logins.map(({ at }) => at.toISOString())).toEqual([
    "2030-01-01T12:00:00.000Z",
  ]);
});

test("a full answer tells how far back it reaches, by its oldest line, whoever that let in", async () => {
  const { access, fail } = await openAccess();
  const line = (second: number) => ({
    app_uid: "a",
    user_email: "asha@example.com",
    allowed: second > 0,
    created_at: new Date(Date.UTC(2030, 0, 1, 12, 0, second)).toISOString(),
  });
  const answer = (result: object[]) => {
    const body = { success: true, errors: [], messages: [], result };
    fail({ path: "/access_requests$", times: 1, effect: { kind: "status", status: 200, body } });
  };
  const lines = Array.from({ length: 1000 }, (_, index) => line(999 - index));
  answer(lines);
  const log = await access.recentLogins();
  expect([log?.logins.length, log?.from]).toEqual([999, new Date(Date.UTC(2030, 0, 1, 12))]);
  answer(lines.slice(0, 999));
  expect((await access.recentLogins())?.from).toBeNull();
  answer(lines.map((each) => ({ ...each, created_at: "yesterday" })));
  expect(await access.recentLogins()).toBeNull();
});

test("a token that may not read log-ins is no fault", async () => {
  const { access, fail } = await openAccess();
  fail({ path: "/access_requests$", times: 0, effect: { kind: "status", status: 403 } });
  expect(await access.recentLogins()).toBeNull();
});

function zoneRecord(name: string) {
  const content = "11111111-1111-4111-8111-111111111111.cfargotunnel.com";
  return {
    zone: "fedcba9876543210fedcba9876543210",
    record: { type: "CNAME", name, content, proxied: true, ttl: 1 },
  };
}

test("a tag that exists already is fine", async () => {
  const { access, asked, fail } = await openAccess();
  await access.ensureTag();
  expect(asked()).toEqual(["POST …/access/tags 409", "GET …/access/tags/drawbridge 200"]);
  fail({ effect: { kind: "status", status: 403 } });
  expect(await failureOf(access.ensureTag())).toMatchObject({ kind: "denied" });
});

test("whatever status refuses a second tag of a name, what stands there decides", async () => {
  const { client, fail } = await openAccount();
  const access = createAccess({ client, accountId: ACCOUNT, installation: "prod" });
  const refusal = {
    method: "POST",
    path: "/access/tags$",
    effect: {
      kind: "status",
      status: 400,
      body: { success: false, errors: [{ code: 12130, message: "no" }] },
    },
  } as const;
  fail(refusal);
  expect(await failureOf(access.ensureTag())).toMatchObject({ kind: "conflict", code: 12130 });
  await access.ensureTag();
  fail(refusal);
  await access.ensureTag();
});
