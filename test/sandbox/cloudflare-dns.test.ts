// Zones and DNS records, through the real SDK.
import { expect, test } from "vitest";
import { ACCOUNT, all, HOST, openBench, refusal, ruleTo, TUNNEL, whats, ZONE } from "./cloudflare-bench.ts";

const zone_id = ZONE;
const OURS = `${TUNNEL}.cfargotunnel.com`;

test("zones are found by name and account", async () => {
  const { client } = await openBench({
    zones: [
      { id: ZONE, name: "example.com" },
      { id: "11".repeat(16), name: "example.org" },
    ],
  });
  const names = async (query: object) => (await all(client.zones.list(query))).map((zone) => zone.name);
  expect(await names({ name: "example.com", account: { id: ACCOUNT } })).toEqual(["example.com"]);
  expect(await names({ name: "starts_with:example" })).toEqual(["example.com", "example.org"]);
  expect(await names({ account: { id: "somebody" } })).toEqual([]);
  expect(await refusal(client.zones.list({ per_page: 100 }))).toMatchObject({ status: 400 });
});

test("a record is made, read, changed and removed", async () => {
  const { client, point, emulator } = await openBench();
  const { records } = client.dns;
  const made = await point("Billing", "drawbridge: 1");
  expect(made).toMatchObject({
    name: HOST,
    type: "CNAME",
    content: OURS,
    proxied: true,
    proxiable: true,
    ttl: 1,
    comment: "drawbridge: 1",
  });
  expect(await records.get(made.id, { zone_id })).toEqual(made);
  const edited = await records.edit(made.id, {
    zone_id,
    type: "CNAME",
    name: HOST,
    ttl: 1,
    comment: "changed",
  });
  expect(edited).toMatchObject({ content: OURS, proxied: true, comment: "changed" });
  const replaced = await records.update(made.id, {
    zone_id,
    type: "CNAME",
    name: HOST,
    ttl: 1,
    content: "other.example.net",
  });
  expect(replaced).toMatchObject({ content: "other.example.net", proxied: false, comment: null });
  expect(await records.delete(made.id, { zone_id })).toEqual({ id: made.id });
  expect(await refusal(records.delete(made.id, { zone_id }))).toEqual({
    status: 404,
    code: 81044,
    name: "NotFoundError",
  });
  expect(emulator.records(ZONE)).toEqual([]);
});

test.each([
  { first: "CNAME", second: "CNAME", code: 81053 },
  { first: "A", second: "CNAME", code: 81053 },
  { first: "CNAME", second: "A", code: 81054 },
  { first: "A", second: "A", code: 81057 },
] as const)(
  "$second beside $first of the same name is refused with $code",
  async ({ first, second, code }) => {
    const { client } = await openBench();
    const content = { A: "192.0.2.1", CNAME: OURS };
    const create = (type: "A" | "CNAME") =>
      client.dns.records.create({
        zone_id,
        name: HOST,
        type,
        content: content[type],
        ttl: 1,
        proxied: true,
      } as never);
    await create(first);
    expect(await refusal(create(second))).toEqual({ status: 400, code, name: "BadRequestError" });
  },
);

test.each([
  { because: "a long comment", change: { comment: "x".repeat(101) } },
  { because: "a comment of two lines", change: { comment: "a\nb" } },
  { because: "a bad name", change: { name: "a b.example.com" } },
  { because: "a wildcard in the middle", change: { name: "a.*.example.com" } },
  { because: "a CNAME to an address", change: { content: "192 0 2 1" } },
  { because: "a CNAME to itself", change: { content: HOST } },
])("$because is refused", async ({ change }) => {
  const { client } = await openBench();
  const body = { zone_id, type: "CNAME" as const, name: HOST, content: OURS, ttl: 1, ...change };
  expect(await refusal(client.dns.records.create(body))).toMatchObject({ status: 400 });
});

test("records are filtered by name, comment, content and type, all or any", async () => {
  const { client, point, emulator } = await openBench();
  await point("a", "drawbridge one");
  await point("b", "Drawbridge two");
  await point("c", "somebody's");
  emulator.addRecord(ZONE, { type: "A", name: "d", content: "192.0.2.1", proxied: true });
  const names = async (query: object) =>
    (await all(client.dns.records.list({ zone_id, per_page: 5000, ...query }))).map(
      (record) => record.name.split(".")[0],
    );
  expect(await names({ comment: { startswith: "drawbridge" } })).toEqual(["a", "b"]);
  expect(await names({ comment: { contains: "body" } })).toEqual(["c"]);
  expect(await names({ comment: { absent: "true" } })).toEqual(["d"]);
  expect(await names({ name: { exact: "a.example.com" } })).toEqual(["a"]);
  expect(await names({ content: { exact: OURS }, comment: { endswith: "two" } })).toEqual(["b"]);
  expect(await names({ type: "A" })).toEqual(["d"]);
  expect(await names({ type: "A", comment: { endswith: "two" }, match: "any" })).toEqual(["b", "d"]);
  expect(await all(client.dns.records.list({ zone_id, per_page: 2 }))).toHaveLength(4);
});

test("another account's zone is not ours to see", async () => {
  const { client } = await openBench();
  expect(await refusal(client.dns.records.list({ zone_id: "00".repeat(16) }))).toEqual({
    status: 403,
    code: 9109,
    name: "PermissionDeniedError",
  });
});

test("wildcard records answer at any depth, but not past a name that exists", async () => {
  const { emulator, point } = await openBench();
  await point("*");
  await point("*.apps");
  await point("x.deep");
  const answers = async (hostname: string) => (await emulator.visit(hostname)).verdict !== "no such host";
  expect(await answers("any.example.com")).toBe(true);
  expect(await answers("a.b.c.example.com")).toBe(true);
  expect(await answers("y.apps.example.com")).toBe(true);
  expect(await answers("example.com")).toBe(false);
  expect(await answers("deep.example.com")).toBe(false);
  expect(await answers("y.deep.example.com")).toBe(false);
});

test("removing a record brings the wildcard above it to life, for its name and for others", async () => {
  const { client, emulator, point, route } = await openBench();
  await point("*");
  await route(ruleTo("y.deep.example.com"));
  const blocker = await client.dns.records.create({
    zone_id,
    type: "TXT",
    name: "x.deep",
    content: "here",
    ttl: 1,
  });
  expect((await emulator.visit("y.deep.example.com")).verdict).toBe("no such host");
  expect((await emulator.visit("x.deep.example.com")).verdict).toBe("no such host");
  await client.dns.records.delete(blocker.id, { zone_id });
  expect(whats(emulator.history("y.deep.example.com")).at(-1)).toBe("hole opened");
  expect((await emulator.visit("x.deep.example.com")).verdict).toBe("catch-all");
});
