// Making a tunnel and its token: once, whatever becomes of the answers, and never the connectors of others.
import { expect, test } from "vitest";
import { createTunnels } from "../../src/services/tunnel.ts";
import { createTunnelAdmin } from "../../src/services/tunnel-admin.ts";
import { ACCOUNT, failureOf, openAccount, TUNNEL } from "./cloudflare-account.ts";

async function openAdmin() {
  const account = await openAccount();
  const { client } = account;
  const tunnels = createTunnels({ client, accountId: ACCOUNT });
  return { ...account, admin: createTunnelAdmin({ client, accountId: ACCOUNT, tunnels }) };
}

const POST = "POST …/cfd_tunnel 200";

test("a tunnel is made for management from Cloudflare's side, and found by its name", async () => {
  const { admin } = await openAdmin();
  expect(await admin.findByName("bridge")).toBeNull();
  await admin.create("bridge");
  expect(await admin.findByName("bridge")).toMatchObject({ remotelyManaged: true, status: "inactive" });
});

test.each([
  { kind: "drop" },
  { kind: "hang" },
  { kind: "malformed" },
  { kind: "status", status: 502 },
] as const)("an answer lost after the effect (%j) is looked up, and makes no second one", async (effect) => {
  const { admin, fail, asked } = await openAdmin();
  fail({ method: "POST", path: "/cfd_tunnel$", when: "after", effect });
  await admin.create("bridge");
  expect(asked().filter((each) => each.startsWith("POST"))).toHaveLength(1);
  expect(await admin.findByName("bridge")).not.toBeNull();
});

test("a name that is taken is a conflict, and nothing was made where the call did not arrive", async () => {
  const { admin, fail, asked } = await openAdmin();
  expect(await failureOf(admin.create("main"))).toMatchObject({ kind: "conflict" });
  fail({ method: "POST", path: "/cfd_tunnel$", effect: { kind: "drop" } });
  expect(await failureOf(admin.create("bridge"))).toMatchObject({ kind: "retry" });
  expect(asked()).not.toContain(POST);
});

test("a new secret makes another token, and leaves who is connected alone", async () => {
  const { admin, cloudflare } = await openAdmin();
  const before = await admin.token(TUNNEL);
  expect(before).toBe(cloudflare.tunnelToken(TUNNEL));
  await admin.renewSecret(TUNNEL);
  const after = await admin.token(TUNNEL);
  expect(after).not.toBe(before);
  expect(cloudflare.connectors.of(TUNNEL)).toHaveLength(2);
  expect(cloudflare.connectWith(before)).toBeNull();
  expect(cloudflare.connectWith(after)).not.toBeNull();
  const { s: secret } = JSON.parse(Buffer.from(after, "base64").toString()) as { s: string };
  expect(Buffer.from(secret, "base64")).toHaveLength(32);
});

test("one connector is cut off by its id, and no id never means all of them", async () => {
  const { admin, cloudflare } = await openAdmin();
  const [first, second] = cloudflare.connectors.of(TUNNEL).map(({ id }) => id);
  await admin.dropConnector(TUNNEL, first!);
  expect(cloudflare.connectors.of(TUNNEL).map(({ id }) => id)).toEqual([second]);
  await failureOf(admin.dropConnector(TUNNEL, ""));
  expect(cloudflare.connectors.of(TUNNEL)).toHaveLength(1);
});
