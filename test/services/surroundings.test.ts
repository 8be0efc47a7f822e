// What the form is told of a hostname: taken or not, by answers that are fresh enough, in few calls.
import { expect, test } from "vitest";
import { createAccess } from "../../src/services/access.ts";
import { createDns } from "../../src/services/dns.ts";
import { createSurroundings } from "../../src/services/surroundings.ts";
import { createTunnels } from "../../src/services/tunnel.ts";
import { createZones } from "../../src/services/zones.ts";
import { ACCOUNT, HOST, openAccount, TUNNEL, ZONE } from "./cloudflare-account.ts";

const ROUTED = "wiki.example.com";
const GATED = "crm.example.com";
const CATCH_ALL = { service: "http_status:404" };
const FREED_AFTER_MS = 10_000;

/** Others have a route, an application and a record. */
async function open() {
  const account = await openAccount();
  const { client, cloudflare } = account;
  const options = { client, accountId: ACCOUNT, installation: "prod" };
  const dns = createDns(options);
  let ms = 0;
  const tunnels = createTunnels(options);
  const surroundings = createSurroundings({
    access: createAccess(options),
    dns,
    zones: createZones(dns),
    tunnels,
    now: () => ms,
  });
  cloudflare.putConfig(TUNNEL, {
    ingress: [{ hostname: ROUTED, service: "https://wiki.internal" }, CATCH_ALL],
  });
  const application = cloudflare.addApplication({ type: "self_hosted", domain: GATED, name: "CRM" });
  return {
    ...account,
    application,
    takenBy: (hostname: string) => surroundings.takenBy(hostname, TUNNEL),
    pass: (more: number) => {
      ms += more;
    },
  };
}

test("a route, an application or a record of anybody else's takes a hostname", async () => {
  const { takenBy, cloudflare } = await open();
  cloudflare.addRecord(ZONE, { name: "old.example.com", type: "A", content: "192.0.2.1", ttl: 1 });
  const hosts = [ROUTED, GATED, "old.example.com", HOST];
  expect(await Promise.all(hosts.map(takenBy))).toEqual(["route", "application", "record", null]);
});

test("a hostname that is taken is asked for over and over in a few calls", async () => {
  const { takenBy, asked } = await open();
  const between = [GATED, HOST, ROUTED];
  for (let turn = 0; turn < 50; turn++) {
    expect(await takenBy(ROUTED)).toBe("route");
    await takenBy(between[turn % between.length] ?? HOST);
  }
  // The zones, each hostname's record, and applications and configuration twice: as remembered, and confirmed.
  expect(asked().length).toBeLessThanOrEqual(1 + 3 + 2 + 2);
});

test("what was freed can be asked for, at once where nobody was refused by it just now, else ten seconds later", async () => {
  const { takenBy, cloudflare, application, pass } = await open();
  // Remembered, and refuses nobody.
  expect(await takenBy(HOST)).toBe(null);
  cloudflare.deleteApplication(application);
  expect(await takenBy(GATED)).toBe(null);

  pass(FREED_AFTER_MS);
  expect(await takenBy(ROUTED)).toBe("route");
  cloudflare.putConfig(TUNNEL, { ingress: [CATCH_ALL] });
  pass(FREED_AFTER_MS - 1);
  expect(await takenBy(ROUTED)).toBe("route");
  pass(1);
  expect(await takenBy(ROUTED)).toBe(null);
});
