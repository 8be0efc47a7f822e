// A tunnel's document is believed only where it does not contradict what was read before: it is the base of the next write.
import { expect, test } from "vitest";
import { createTunnels } from "../../src/services/tunnel.ts";
import { ACCOUNT, failureOf, openAccount, TUNNEL } from "./cloudflare-account.ts";

const WIKI = { hostname: "wiki.example.com", service: "http://localhost:80" };
const DOCUMENT = { ingress: [WIKI, { service: "http_status:404" }], "warp-routing": { enabled: true } };

test("one that lost its rules at the same version, and an older version, are not: the one that stands is read once it is shown", async () => {
  const { cloudflare, client, fail, shared } = await openAccount();
  cloudflare.putConfig(TUNNEL, structuredClone(DOCUMENT));
  const tunnels = createTunnels({ client, accountId: ACCOUNT });
  const { version } = await tunnels.readConfig(TUNNEL);
  for (const result of [
    { version, config: { ingress: [{ service: "http_status:404" }] } },
    { version: version - 1, config: DOCUMENT },
    { version, config: { ingress: [] } },
  ]) {
    const effect = { kind: "status", status: 200, body: { success: true, result } } as const;
    const fault = fail({ method: "GET", path: "/configurations$", times: 0, effect });
    expect(await failureOf(tunnels.readConfig(TUNNEL))).toMatchObject({ kind: "retry", code: "nonsense" });
    shared.faults.remove(fault);
  }
  expect((await tunnels.readConfig(TUNNEL)).raw).toEqual(DOCUMENT);
});

test("a private network whose route comes to the tunnel, or goes, is nobody's write: Cloudflare tells of it at the same version", async () => {
  const { cloudflare, client, fail, shared } = await openAccount();
  const { "warp-routing": _, ...plain } = DOCUMENT;
  cloudflare.putConfig(TUNNEL, structuredClone(plain));
  const tunnels = createTunnels({ client, accountId: ACCOUNT });
  const { version } = await tunnels.readConfig(TUNNEL);
  for (const enabled of [false, true, false]) {
    const config = { ...plain, "warp-routing": { enabled } };
    const effect = {
      kind: "status",
      status: 200,
      body: { success: true, result: { version, config } },
    } as const;
    const fault = fail({ method: "GET", path: "/configurations$", times: 0, effect });
    expect((await tunnels.readConfig(TUNNEL)).raw).toEqual(config);
    shared.faults.remove(fault);
  }
});
