// DNS through the real SDK: our record at a hostname, and nobody else's touched.
import { expect, test } from "vitest";
import type { Mark } from "../../src/domain/observed.ts";
import { minuteOf } from "../../src/domain/observed.ts";
import { createDns } from "../../src/services/dns.ts";
import { parseRecordComment, recordComment } from "../../src/services/dns-record.ts";
import { ACCOUNT, failureOf, HOST, openAccount, SECOND_ZONE, TUNNEL, ZONE } from "./cloudflare-account.ts";

const UNTIL = new Date("2026-11-23T20:45:10Z");
const MARK: Mark = { installation: "prod", exposureId: "exp-1", until: UNTIL };
const CONTENT = `${TUNNEL}.cfargotunnel.com`;
const WANT = { hostname: HOST, zoneId: ZONE, tunnelId: TUNNEL, mark: MARK };
const CREATE = { method: "POST", path: "/dns_records$" };

async function open() {
  const account = await openAccount();
  const dns = createDns({ client: account.client, accountId: ACCOUNT, installation: "prod" });
  const standing = () => account.cloudflare.records(ZONE);
  const byHand = (record: Record<string, unknown>) =>
    account.cloudflare.addRecord(ZONE, { name: HOST, ttl: 1, ...record });
  return { ...account, dns, standing, byHand };
}

test("a proxied record leads the hostname to the tunnel and says whose it is, until when", async () => {
  const { dns, standing, asked } = await open();
  const record = await dns.ensureRecord(WANT);
  expect(record).toMatchObject({ name: HOST, type: "CNAME", content: CONTENT, proxied: true, zoneId: ZONE });
  expect(record.mark).toEqual({ ...MARK, until: new Date(minuteOf(UNTIL)) });
  expect(standing()).toMatchObject([{ comment: "drawbridge prod exp-1 until 2026-11-23T20:46Z", ttl: 1 }]);
  expect(asked()).toEqual(["POST …/dns_records 200"]);
});

test("asked again nothing changes; a later end is written into the same record", async () => {
  const { dns, standing, asked, shared } = await open();
  const first = await dns.ensureRecord(WANT);
  shared.journal.clear();
  expect(await dns.ensureRecord(WANT)).toEqual(first);
  expect(asked().filter((each) => each.startsWith("PUT"))).toEqual([]);
  const until = new Date("2026-11-24T08:00:00Z");
  const later = await dns.ensureRecord({ ...WANT, mark: { ...MARK, until } });
  expect([later.id, later.mark?.until]).toEqual([first.id, until]);
  expect(standing()).toHaveLength(1);
});

test.each([
  { type: "A", content: "192.0.2.1", proxied: true },
  { type: "AAAA", content: "2001:db8::1", proxied: true },
  { type: "CNAME", content: "elsewhere.example.net", proxied: false },
  { type: "CNAME", content: CONTENT, proxied: true },
  {
    type: "CNAME",
    content: CONTENT,
    proxied: true,
    comment: "drawbridge staging exp-1 until 2026-11-23T20:46Z",
  },
  { type: "CNAME", content: CONTENT, proxied: true, comment: "made by asha; drawbridge prod exp-1" },
  { type: "CNAME", content: "other.example.net", proxied: true, comment: "drawbridge prod exp-9" },
])("what anybody else made there stops us and stays: %o", async (record) => {
  const { dns, standing, byHand } = await open();
  byHand(record);
  const before = standing();
  expect(await failureOf(dns.ensureRecord(WANT))).toMatchObject({ kind: "conflict", code: "taken" });
  expect(standing()).toEqual(before);
});

test("a record of ours that was changed by hand or left behind is put right", async () => {
  const { dns, byHand, standing } = await open();
  const id = byHand({ type: "CNAME", content: CONTENT, proxied: false, comment: "drawbridge prod exp-0" });
  expect(await dns.ensureRecord(WANT)).toMatchObject({ id, proxied: true, mark: { exposureId: "exp-1" } });
  expect(standing()).toHaveLength(1);
});

test.each(["drop", "reset-body", "malformed"] as const)(
  "an answer lost by %s: what stands there decides",
  async (kind) => {
    const { dns, fail, standing } = await open();
    fail({ ...CREATE, when: "after", effect: { kind } });
    const record = await dns.ensureRecord(WANT);
    expect(standing().map((each) => each.id)).toEqual([record.id]);
  },
);

test("a creation without effect is a fault, sent once", async () => {
  const { dns, fail, asked, standing } = await open();
  fail({ ...CREATE, effect: { kind: "status", status: 500 } });
  expect(await failureOf(dns.ensureRecord(WANT))).toMatchObject({ kind: "retry", status: 500 });
  expect(asked().filter((each) => each.startsWith("POST"))).toHaveLength(1);
  fail({ ...CREATE, effect: { kind: "status", status: 429 } });
  expect(await failureOf(dns.ensureRecord(WANT))).toMatchObject({
    kind: "retry",
    status: 429,
    retryAfterMs: 1000,
  });
  expect(standing()).toEqual([]);
});

test("a lost answer to a change counts as done when the change stands", async () => {
  const { dns, fail, shared } = await open();
  await dns.ensureRecord(WANT);
  const want = { ...WANT, mark: { ...MARK, until: new Date("2026-11-24T08:00:00Z") } };
  fail({ method: "PUT", effect: { kind: "drop" } });
  expect(await failureOf(dns.ensureRecord(want))).toMatchObject({ kind: "retry" });
  shared.faults.clear();
  fail({ method: "PUT", when: "after", effect: { kind: "drop" } });
  expect((await dns.ensureRecord(want)).mark?.until).toEqual(want.mark.until);
});

test("removes what was observed; what is gone is done", async () => {
  const { dns, standing } = await open();
  const { id } = await dns.ensureRecord(WANT);
  const expected = { zoneId: ZONE, id, expect: { mark: MARK, content: CONTENT } };
  await dns.removeRecord(expected);
  await dns.removeRecord(expected);
  expect(standing()).toEqual([]);
});

test("what became somebody else's since it was observed is not removed", async () => {
  const { dns, byHand, standing } = await open();
  const expected = { mark: MARK, content: CONTENT };
  const ids = [
    byHand({
      name: "a.example.com",
      type: "CNAME",
      content: CONTENT,
      proxied: true,
      comment: "kept by asha",
    }),
    byHand({
      name: "b.example.com",
      type: "CNAME",
      content: "x.example.net",
      proxied: true,
      comment: "drawbridge prod exp-1",
    }),
    byHand({
      name: "c.example.com",
      type: "CNAME",
      content: CONTENT,
      proxied: true,
      comment: "drawbridge prod exp-2",
    }),
  ];
  for (const id of ids) {
    expect(await failureOf(dns.removeRecord({ zoneId: ZONE, id, expect: expected }))).toMatchObject({
      code: "taken",
    });
  }
  const theirs = { ...MARK, installation: "staging" };
  const id = byHand({
    name: "d.example.com",
    type: "CNAME",
    content: CONTENT,
    proxied: true,
    comment: recordComment(theirs),
  });
  expect(
    await failureOf(dns.removeRecord({ zoneId: ZONE, id, expect: { mark: theirs, content: CONTENT } })),
  ).toMatchObject({ code: "taken" });
  expect(await failureOf(dns.removeRecord({ zoneId: ZONE, id: "", expect: expected }))).toMatchObject({
    code: "no-id",
  });
  expect(standing()).toHaveLength(4);
});

test("lists our installation's records over all zones, and nothing else", async () => {
  const { dns, byHand, cloudflare } = await open();
  await dns.ensureRecord(WANT);
  cloudflare.addRecord(SECOND_ZONE, {
    name: "wiki.example.net",
    type: "CNAME",
    content: CONTENT,
    proxied: true,
    ttl: 1,
    comment: "drawbridge prod exp-2",
  });
  byHand({
    name: "x.example.com",
    type: "CNAME",
    content: CONTENT,
    proxied: true,
    comment: "drawbridge production exp-3",
  });
  byHand({ name: "y.example.com", type: "A", content: "192.0.2.1" });
  const marked = await dns.listMarked([ZONE, SECOND_ZONE]);
  expect(marked.map((each) => [each.name, each.mark?.exposureId])).toEqual([
    [HOST, "exp-1"],
    ["wiki.example.net", "exp-2"],
  ]);
});

test("one zone that cannot be read fails the whole list", async () => {
  const { dns, fail } = await open();
  await dns.ensureRecord(WANT);
  fail({ path: `${SECOND_ZONE}/dns_records`, times: 0, effect: { kind: "status", status: 502 } });
  expect(await failureOf(dns.listMarked([ZONE, SECOND_ZONE]))).toMatchObject({ kind: "retry" });
  expect(await failureOf(dns.listMarked([ZONE, "f".repeat(32)]))).toMatchObject({ kind: "denied" });
});

test("a hostname's addresses are told, whatever their type, and no other record", async () => {
  const { dns, byHand } = await open();
  byHand({ type: "A", content: "192.0.2.1" });
  byHand({ type: "AAAA", content: "2001:db8::1" });
  byHand({ type: "TXT", content: '"hello"' });
  byHand({ name: `www.${HOST}`, type: "A", content: "192.0.2.1" });
  expect((await dns.at(HOST, ZONE)).map((each) => each.type).sort()).toEqual(["A", "AAAA"]);
  expect(await dns.at("free.example.com", ZONE)).toEqual([]);
});

test("lists the zones that the token sees", async () => {
  const { dns } = await open();
  const nameServers = ["ada.ns.cloudflare.com", "ben.ns.cloudflare.com"];
  expect(await dns.listZones()).toEqual([
    { id: ZONE, name: "example.com", nameServers },
    { id: SECOND_ZONE, name: "example.net", nameServers },
  ]);
});

test.each([
  [
    "drawbridge prod exp-1 until 2026-11-23T20:46Z",
    { installation: "prod", exposureId: "exp-1", until: new Date("2026-11-23T20:46Z") },
  ],
  ["drawbridge prod exp-1", { installation: "prod", exposureId: "exp-1", until: null }],
  ["drawbridge prod exp-1 until soon", { installation: "prod", exposureId: "exp-1", until: null }],
  ["drawbridge prod exp-1 (do not touch)", { installation: "prod", exposureId: "exp-1", until: null }],
  ["drawbridge prod", null],
  ["Drawbridge prod exp-1", null],
  ["see drawbridge prod exp-1", null],
  ["", null],
])("the comment %j is the mark %o", (comment, mark) => {
  expect(parseRecordComment(comment)).toEqual(mark);
});

test("a mark that no comment can hold is refused before anything is written", async () => {
  const { dns, asked } = await open();
  const mark = { ...MARK, installation: "p".repeat(90) };
  expect(await failureOf(dns.ensureRecord({ ...WANT, mark }))).toMatchObject({
    kind: "conflict",
    code: "comment",
  });
  expect(asked()).toEqual([]);
});

test("a record that Cloudflare says is there and shows to nobody is a passing fault, not somebody else's", async () => {
  const { dns, fail } = await open();
  await dns.ensureRecord(WANT);
  fail({ method: "GET", path: "/dns_records$", effect: { kind: "empty-list" } });
  expect(await failureOf(dns.ensureRecord(WANT))).toMatchObject({ kind: "retry", code: "nonsense" });
  await dns.ensureRecord(WANT);
});
