// Access applications and policies, through the real SDK.
import { expect, test } from "vitest";
import { ACCOUNT, all, HOST, openBench, refusal } from "./cloudflare-bench.ts";

const account_id = ACCOUNT;
const PEOPLE = {
  name: "people",
  decision: "allow" as const,
  include: [{ email_domain: { domain: "example.com" } }],
};

test("an application is answered with id, audience, destinations and whole policies", async () => {
  const { client, protect } = await openBench();
  const made = await protect(HOST);
  expect(made.aud).toMatch(/^[0-9a-f]{64}$/);
  expect(made).toMatchObject({
    name: HOST,
    domain: HOST,
    type: "self_hosted",
    session_duration: "1h",
    self_hosted_domains: [HOST],
    destinations: [{ type: "public", uri: HOST }],
    allowed_idps: [],
    tags: [],
    policies: [
      {
        name: "people",
        decision: "allow",
        precedence: 1,
        reusable: false,
        include: PEOPLE.include,
        exclude: [],
      },
    ],
  });
  expect(await client.zeroTrust.access.applications.get(made.id, { account_id })).toEqual(made);
});

test("a PUT replaces the application; no policies or null keep them, an empty list takes them off", async () => {
  const { client, protect } = await openBench();
  const { applications } = client.zeroTrust.access;
  const made = await protect(HOST, { custom_deny_message: "ask the leads" });
  const put = (more: object) =>
    applications.update(made.id, {
      account_id,
      type: "self_hosted",
      domain: HOST,
      ...more,
    } as never) as unknown as Promise<Record<string, unknown>>;
  const second = await put({ policies: null });
  expect(second).toMatchObject({ id: made.id, aud: made.aud, session_duration: "24h" });
  expect(second).not.toHaveProperty("custom_deny_message");
  expect(second.policies).toHaveLength(1);
  const [own] = second.policies as { id: string }[];
  const third = await put({ policies: [{ ...PEOPLE, id: own?.id, name: "renamed" }] });
  expect(third.policies).toMatchObject([{ id: own?.id, name: "renamed" }]);
  expect((await put({ policies: [] })).policies).toEqual([]);
});

test("reusable policies are linked by id, and cannot be removed while in use", async () => {
  const { client, protect } = await openBench();
  const { applications, policies } = client.zeroTrust.access;
  const first = await policies.create({ account_id, ...PEOPLE });
  const second = await policies.create({ account_id, ...PEOPLE, name: "second", session_duration: "30m" });
  const made = await protect(HOST, {
    policies: [
      { id: first.id, precedence: 2 },
      { id: second.id, precedence: 1 },
    ],
  });
  expect(made.policies).toMatchObject([
    { id: second.id, precedence: 1, reusable: true },
    { id: first.id, precedence: 2, reusable: true },
  ]);
  expect(await policies.get(first.id ?? "", { account_id })).toMatchObject({ app_count: 1, reusable: true });
  expect(await refusal(policies.delete(first.id ?? "", { account_id }))).toMatchObject({ status: 409 });
  await policies.update(first.id ?? "", { account_id, ...PEOPLE, name: "changed" });
  const shown = (await applications.get(made.id, { account_id })) as Record<string, unknown>;
  expect(shown.policies).toMatchObject([{ name: "second" }, { name: "changed" }]);
  await applications.update(made.id, {
    account_id,
    type: "self_hosted",
    domain: HOST,
    policies: [second.id ?? ""],
  });
  expect(await policies.delete(first.id ?? "", { account_id })).toEqual({ id: first.id });
  expect((await all(policies.list({ account_id }))).map((policy) => policy.name)).toEqual(["second"]);
  expect(await refusal(policies.get(first.id ?? "", { account_id }))).toMatchObject({ status: 404 });
  const own = await protect("own.example.com");
  const [inline] = own.policies as { id: string }[];
  expect(await refusal(policies.get(inline?.id ?? "", { account_id }))).toMatchObject({ status: 404 });
});

test.each([
  { because: "a domain of no zone", body: { domain: "billing.elsewhere.example" } },
  { because: "a tag that does not exist", body: { tags: ["nobody-made-me"] } },
  { because: "an unknown identity provider", body: { allowed_idps: ["nobody"] } },
  { because: "a session that is no duration", body: { session_duration: "1 hour" } },
  { because: "a policy that does not exist", body: { policies: ["c0ffee00-0000-4000-8000-000000000000"] } },
  { because: "a policy without include", body: { policies: [{ ...PEOPLE, include: [] }] } },
  {
    because: "one precedence twice",
    body: {
      policies: [
        { ...PEOPLE, precedence: 1 },
        { ...PEOPLE, precedence: 1 },
      ],
    },
  },
  {
    because: "six destinations",
    body: { destinations: [1, 2, 3, 4, 5, 6].map((n) => ({ uri: `${n}.example.com` })) },
  },
  { because: "a port", body: { domain: `${HOST}:8080` } },
  { because: "an automatic redirect without a provider", body: { auto_redirect_to_identity: true } },
])("an application with $because is refused", async ({ body }) => {
  const { protect, emulator } = await openBench();
  expect(await refusal(protect(HOST, body))).toMatchObject({ status: 400, code: 12130 });
  expect(emulator.applications()).toEqual([]);
});

test("reusable and inline policies exclude each other", async () => {
  const { client, protect } = await openBench();
  const reusable = await client.zeroTrust.access.policies.create({ account_id, ...PEOPLE });
  expect(await refusal(protect(HOST, { policies: [reusable.id, PEOPLE] }))).toMatchObject({
    status: 400,
    code: 12130,
  });
});

test("a domain belongs to one application, whichever way it was written", async () => {
  const { client, protect } = await openBench();
  const made = await protect(HOST);
  expect(await refusal(protect(HOST))).toEqual({ status: 409, code: 11010, name: "ConflictError" });
  const again = {
    domain: "other.example.com",
    destinations: [
      { type: "public", uri: "other.example.com" },
      { type: "public", uri: HOST },
    ],
  };
  expect(await refusal(protect("other.example.com", again))).toMatchObject({ code: 11010 });
  await protect(`${HOST}/admin`);
  const { applications } = client.zeroTrust.access;
  expect(await applications.delete(made.id, { account_id })).toEqual({ id: made.id });
  for (const call of [
    applications.get(made.id, { account_id }),
    applications.delete(made.id, { account_id }),
    applications.revokeTokens(made.id, { account_id }),
  ]) {
    expect(await refusal(call)).toEqual({ status: 404, code: 11021, name: "NotFoundError" });
  }
  await protect(HOST);
});

test("the account takes so many applications and no more", async () => {
  const { emulator, protect } = await openBench({}, { limits: { applications: 2 } });
  await protect("a.example.com");
  await protect("b.example.com");
  expect(await refusal(protect("c.example.com"))).toMatchObject({ status: 400 });
  emulator.setApiLimits({ applications: 3 });
  await protect("c.example.com");
});

test("the list pages by 25, and filters by name, domain and audience", async () => {
  const { client, protect, shared } = await openBench();
  for (let each = 0; each < 27; each += 1) await protect(`app-${each}.example.com`);
  shared.journal.clear();
  const { applications } = client.zeroTrust.access;
  const first = await applications.list({ account_id });
  expect(first.result).toHaveLength(25);
  expect(first.result_info).toEqual({ page: 1, per_page: 25, count: 25, total_count: 27, total_pages: 2 });
  expect(await all(applications.list({ account_id }))).toHaveLength(27);
  expect(shared.journal.entries().map((entry) => entry.query.page ?? "1")).toEqual(["1", "1", "2", "3"]);
  const count = async (query: object) =>
    (await all(applications.list({ account_id, per_page: 50, ...query }))).length;
  expect(await count({ domain: "app-1" })).toBe(11);
  expect(await count({ domain: "app-1.example.com", exact: true })).toBe(1);
  expect(await count({ name: "app-26.example.com", exact: true })).toBe(1);
  expect(await count({ search: "app-2" })).toBe(8);
  const [some] = first.result as { aud?: string }[];
  expect(await count({ aud: some?.aud })).toBe(1);
  expect(await count({ domain: "nothing" })).toBe(0);
});

test("tags exist before an application uses them", async () => {
  const { client, protect } = await openBench();
  const { tags } = client.zeroTrust.access;
  await tags.create({ account_id, name: "drawbridge" });
  expect(await refusal(tags.create({ account_id, name: "drawbridge" }))).toMatchObject({ status: 409 });
  expect(await tags.get("drawbridge", { account_id })).toMatchObject({ name: "drawbridge", app_count: 0 });
  expect(await refusal(tags.get("castle", { account_id }))).toMatchObject({ status: 404 });
  expect(await protect(HOST, { tags: ["drawbridge"] })).toMatchObject({ tags: ["drawbridge"] });
  expect(await all(tags.list({ account_id }))).toMatchObject([{ name: "drawbridge", app_count: 1 }]);
});
