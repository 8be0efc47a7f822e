// What holds for every endpoint: the envelope, the token, the rate headers, faults, the journal, and the table of
// documented endpoints.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { cloudflareCoverage } from "../../sandbox/cloudflare/coverage.ts";
import { ACCOUNT, all, clientOf, HOST, openBench, refusal, SEED, ZONE } from "./cloudflare-bench.ts";

const account_id = ACCOUNT;

test("a wrong token, another account and an unknown address are refused", async () => {
  const { emulator, client } = await openBench();
  const stranger = clientOf(emulator.apiUrl, "wrong");
  expect(await refusal(stranger.zeroTrust.access.applications.list({ account_id }))).toMatchObject({
    status: 403,
    code: 10000,
  });
  expect(await refusal(stranger.zones.list())).toMatchObject({ status: 403, code: 9109 });
  expect(await refusal(stranger.user.tokens.verify())).toMatchObject({ status: 401, code: 1000 });
  expect(await refusal(client.zeroTrust.access.tags.list({ account_id: "0".repeat(32) }))).toMatchObject({
    status: 403,
  });
  expect(await refusal(client.get("/accounts/none/such"))).toMatchObject({ status: 404, code: 7000 });
  expect(await refusal(client.delete("/zones"))).toMatchObject({ status: 405, code: 7001 });
});

test("an empty id meets the collection, as with the real API", async () => {
  const { emulator } = await openBench();
  const path = `${emulator.apiUrl}/accounts/${ACCOUNT}/access/apps/`;
  const answer = await fetch(path, { headers: { authorization: `Bearer ${SEED.apiToken}` } });
  expect(await answer.json()).toMatchObject({ success: true, result: [], errors: [], messages: [] });
});

test("the rate headers count down and start anew after five minutes", async () => {
  const { client, shared, emulator } = await openBench();
  const headers = async () => (await client.zones.list().withResponse()).response.headers;
  expect((await headers()).get("ratelimit")).toMatch(/^"default";r=1199;t=\d+$/);
  const second = await headers();
  expect(second.get("ratelimit")).toMatch(/^"default";r=1198;t=\d+$/);
  expect(second.get("ratelimit-policy")).toBe('"default";q=1200;w=300');
  shared.clock.forward(300_000);
  expect((await headers()).get("ratelimit")).toMatch(/r=1199;/);
  emulator.setApiLimits({ requests: 1, enforced: true });
  const over = await refusal(client.zones.list());
  expect(over).toEqual({ status: 429, code: 971, name: "RateLimitError" });
});

test.each([
  { effect: { kind: "status", status: 429, retryAfterSeconds: 7 }, name: "RateLimitError" },
  { effect: { kind: "status", status: 500 }, name: "InternalServerError" },
  { effect: { kind: "drop" }, name: "APIConnectionError" },
] as const)("the fault $effect leaves no effect before, and an effect after", async ({ effect, name }) => {
  for (const when of ["before", "after"] as const) {
    const { shared, point, emulator } = await openBench();
    shared.faults.add({
      vendor: "cloudflare",
      method: "POST",
      path: "/client/v4/zones/.*/dns_records$",
      when,
      effect,
    });
    expect(await refusal(point(HOST))).toMatchObject({ name });
    expect(emulator.records(ZONE)).toHaveLength(when === "after" ? 1 : 0);
    expect(shared.journal.entries()).toMatchObject([{ vendor: "cloudflare", fault: effect.kind }]);
  }
});

test("the journal has method, path, query and body, and no token", async () => {
  const { client, shared, point } = await openBench();
  await point(HOST);
  await all(client.dns.records.list({ zone_id: ZONE, name: { exact: HOST } }));
  const [post, list] = shared.journal.entries();
  expect(post).toMatchObject({
    vendor: "cloudflare",
    method: "POST",
    path: `/client/v4/zones/${ZONE}/dns_records`,
    status: 200,
  });
  expect(post?.body).toMatchObject({ type: "CNAME", name: HOST });
  expect(list).toMatchObject({ method: "GET", query: { "name.exact": HOST }, body: null });
  expect(JSON.stringify(shared.journal.entries())).not.toContain(SEED.apiToken);
});

test("a token tells its state and its end on the page of its owner", async () => {
  const { client, shared, emulator } = await openBench();
  expect(await client.user.tokens.verify()).toMatchObject({ status: "active" });
  const expires_on = new Date(shared.clock.now().getTime() + 1000).toISOString();
  emulator.setApiLimits({ tokenExpiresOn: expires_on, tokenOwner: "account" });
  expect(await client.accounts.tokens.verify({ account_id })).toMatchObject({ status: "active", expires_on });
  expect(await refusal(client.user.tokens.verify())).toMatchObject({ status: 401 });
  shared.clock.forward(2000);
  expect(await client.accounts.tokens.verify({ account_id })).toMatchObject({ status: "expired" });
});

test("the organization, its identity providers and its groups can be read", async () => {
  const { client, emulator } = await openBench({
    identityProviders: [
      { id: "idp", name: "Workspace", type: "google-apps" },
      {
        id: "members",
        name: "Cloudflare",
        type: "cloudflare",
        config: { restrict_to_account_members: true },
      },
    ],
  });
  expect(await client.zeroTrust.organizations.list({ account_id })).toMatchObject({
    auth_domain: "drawbridge.cloudflareaccess.com",
    session_duration: "24h",
    deny_unmatched_requests: false,
    deny_unmatched_requests_exempted_zone_names: [],
  });
  expect(await all(client.zeroTrust.identityProviders.list({ account_id }))).toMatchObject([
    { id: "idp", type: "google-apps", config: {} },
    { id: "members", type: "cloudflare", config: { restrict_to_account_members: true } },
  ]);
  emulator.setGroup({ id: "group-9", name: "Late", include: [{ everyone: {} }] });
  const groups = await all(client.zeroTrust.access.groups.list({ account_id }));
  expect(groups).toMatchObject([
    { name: "Leads", include: [{ email: { email: "lee@example.com" } }] },
    { id: "group-9" },
  ]);
});

test("each endpoint stands in the table with its document and a test file that answers for it", async () => {
  const { emulator } = await openBench();
  expect(cloudflareCoverage.map((row) => row.endpoint).sort()).toEqual([...emulator.endpoints].sort());
  for (const row of cloudflareCoverage) {
    expect(row.documentation, row.endpoint).toMatch(
      /^https:\/\/developers\.cloudflare\.com\/api\/resources\/.+\/$/,
    );
    // The bench ends each of these files with the question whether it did call its endpoints.
    expect(readFileSync(row.test, "utf8"), row.test).toContain('from "./cloudflare-bench.ts"');
  }
});
