// What is read of tunnels through the real SDK: no answer is never an empty one.
import { expect, test } from "vitest";
import { createTunnels } from "../../src/services/tunnel.ts";
import { ACCOUNT, failureOf, LOCAL_TUNNEL, openAccount, TUNNEL } from "./cloudflare-account.ts";

async function open() {
  const account = await openAccount();
  return { ...account, tunnels: createTunnels({ client: account.client, accountId: ACCOUNT }) };
}

test("tells tunnels, their state, and who is connected with which version", async () => {
  const { tunnels, cloudflare } = await open();
  const { version } = await tunnels.readConfig(TUNNEL);
  expect(await tunnels.getTunnel(TUNNEL)).toEqual({
    id: TUNNEL,
    name: "main",
    remotelyManaged: true,
    status: "healthy",
  });
  expect(await tunnels.getTunnel(LOCAL_TUNNEL)).toMatchObject({ remotelyManaged: false, status: "inactive" });
  expect((await tunnels.list()).map((each) => each.name).sort()).toEqual(["by-hand", "main"]);
  const connectors = await tunnels.connectors(TUNNEL);
  expect(connectors.map((each) => each.configVersion)).toEqual([version, version]);
  expect(connectors[0]?.openedAt).toBeInstanceOf(Date);
  cloudflare.setConnectors(TUNNEL, 0);
  expect(await tunnels.connectors(TUNNEL)).toEqual([]);
  expect((await tunnels.getTunnel(TUNNEL)).status).toBe("down");
});

test("a tunnel that does not exist is missing; an empty id is never sent; no answer is never an empty one", async () => {
  const { tunnels, fail, asked } = await open();
  expect(await failureOf(tunnels.getTunnel("33333333-3333-4333-8333-333333333333"))).toMatchObject({
    kind: "missing",
  });
  const before = asked().length;
  for (const call of [tunnels.getTunnel, tunnels.readConfig, tunnels.connectors]) {
    expect(await failureOf(call(""))).toMatchObject({ code: "no-id" });
  }
  expect(asked()).toHaveLength(before);
  fail({ times: 0, effect: { kind: "status", status: 200, body: { success: true, result: null } } });
  for (const call of [tunnels.getTunnel, tunnels.readConfig, tunnels.connectors]) {
    expect(await failureOf(call(TUNNEL))).toMatchObject({ kind: "retry", code: "nonsense" });
  }
});
