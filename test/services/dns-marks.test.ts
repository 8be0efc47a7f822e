// Whose a record is, where Cloudflare's own filters tell less: by every letter of its mark, and alone at its name.
import { expect, test } from "vitest";
import { createDns } from "../../src/services/dns.ts";
import { ACCOUNT, failureOf, HOST, openAccount, TUNNEL, ZONE } from "./cloudflare-account.ts";

async function open() {
  const { client, cloudflare } = await openAccount();
  return {
    dns: createDns({ client, accountId: ACCOUNT, installation: "prod" }),
    standing: () => cloudflare.records(ZONE),
    byHand: (record: object) => cloudflare.addRecord(ZONE, { ttl: 1, type: "A", ...record }),
  };
}

test("another installation whose name differs in the case of its letters alone is not ours", async () => {
  const { dns, byHand } = await open();
  byHand({ name: "x.example.com", content: "192.0.2.1", comment: "drawbridge prod exp-1" });
  byHand({ name: "y.example.com", content: "192.0.2.2", comment: "drawbridge PROD exp-2" });
  expect((await dns.listMarked([ZONE])).map((each) => each.name)).toEqual(["x.example.com"]);
});

test("two records at the hostname stop us and stay, though both carry our mark", async () => {
  const { dns, byHand, standing } = await open();
  const comment = "drawbridge prod exp-1";
  for (const content of ["192.0.2.1", "192.0.2.2"]) byHand({ name: HOST, content, comment });
  const before = standing();
  const mark = { installation: "prod", exposureId: "exp-1", until: null };
  const want = { hostname: HOST, zoneId: ZONE, tunnelId: TUNNEL, mark };
  expect(await failureOf(dns.ensureRecord(want))).toMatchObject({ kind: "conflict", code: "taken" });
  expect(standing()).toEqual(before);
});
