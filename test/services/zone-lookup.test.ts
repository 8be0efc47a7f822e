// Visits find a hostname at the name servers of its zone, so that no resolver's memory stands in their way.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startNameServer } from "../../sandbox/name-server.ts";
import { requestOnce } from "../../src/services/visit-request.ts";
import { createZoneLookup } from "../../src/services/zone-lookup.ts";

const HOST = "wiki.example.com";
const SERVERS = ["ada.ns.example.net", "ben.ns.example.net"];

/** The zone's name server, and a resolver in front of it that remembers that a name was not there. */
async function open(records: Record<string, string[]> = {}) {
  const zone = new Map(Object.entries(records));
  const server = await startNameServer((name) => zone.get(name) ?? null);
  onTestFinished(() => server.close());
  const missing = new Set<string>();
  const asked: string[] = [];
  async function system(name: string) {
    if (SERVERS.includes(name)) return [{ address: "127.0.0.1", family: 4 }];
    asked.push(name);
    const found = missing.has(name) ? undefined : zone.get(name);
    if (found) return found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    missing.add(name);
    throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
  }
  const port = Number(server.address.split(":")[1]);
  return { zone, asked, system, port };
}

type Opened = Awaited<ReturnType<typeof open>>;

function lookupOf({ system, port }: Opened, nameServersOf = async (_: string) => SERVERS) {
  return createZoneLookup({ nameServersOf, system, port, timeoutMs: 500 });
}

function find(lookup: ReturnType<typeof lookupOf>, all = true) {
  return new Promise((resolve, reject) => {
    lookup(HOST, { all }, (error, address, family) => {
      if (error) reject(error);
      else resolve(all ? address : { address, family });
    });
  });
}

test("a name that was looked up before it was there is found once it is", async () => {
  const opened = await open();
  const lookup = lookupOf(opened);
  await expect(find(lookup)).rejects.toMatchObject({ code: "ENOTFOUND" });
  opened.zone.set(HOST, ["192.0.2.7", "2001:db8::7"]);
  expect(await find(lookup)).toEqual([
    { address: "192.0.2.7", family: 4 },
    { address: "2001:db8::7", family: 6 },
  ]);
  expect(await find(lookup, false)).toEqual({ address: "192.0.2.7", family: 4 });
  expect(opened.asked).toEqual([]);
});

test("a name with an address of one family only is found", async () => {
  expect(await find(lookupOf(await open({ [HOST]: ["2001:db8::7"] })))).toEqual([
    { address: "2001:db8::7", family: 6 },
  ]);
});

test("a name that the zone has no address of, such as an alias, is left to the system", async () => {
  const opened = await open({ [HOST]: [] });
  const lookup = lookupOf({
    ...opened,
    system: async (name) => {
      return SERVERS.includes(name) ? await opened.system(name) : [{ address: "192.0.2.9", family: 4 }];
    },
  });
  expect(await find(lookup)).toEqual([{ address: "192.0.2.9", family: 4 }]);
});

test("name servers that do not answer are asked once in a while, and the system in their place", async () => {
  const opened = await open({ [HOST]: ["192.0.2.7"] });
  let zones = 0;
  let named = 0;
  let now = 0;
  const lookup = createZoneLookup({
    nameServersOf: async () => {
      zones += 1;
      return SERVERS;
    },
    system: async (name) => {
      named += Number(SERVERS.includes(name));
      return await opened.system(name);
    },
    port: await closedPort(),
    timeoutMs: 500,
    now: () => now,
  });
  for (let visit = 0; visit < 3; visit++)
    expect(await find(lookup)).toEqual([{ address: "192.0.2.7", family: 4 }]);
  expect([zones, named]).toEqual([1, 2]);
  expect(opened.asked).toEqual([HOST, HOST, HOST]);
  now += 5 * 60_000;
  await find(lookup);
  expect([zones, named]).toEqual([2, 4]);
});

test.each([
  ["the zone's name servers are not known", async () => []],
  ["the zone cannot be asked for", async () => Promise.reject(new Error("503"))],
])("where %s, the system is asked", async (_, nameServersOf) => {
  const opened = await open({ [HOST]: ["192.0.2.7"] });
  expect(await find(lookupOf(opened, nameServersOf))).toEqual([{ address: "192.0.2.7", family: 4 }]);
});

test("a visit goes where it leads", async () => {
  const opened = await open({ [HOST]: ["127.0.0.1"] });
  const server = createServer((request, response) => response.end(request.headers.host));
  const port = await listening(server);
  const lookup = lookupOf(opened);
  const visit = { hostname: HOST, edgeUrl: `http://${HOST}:${port}`, lookup, timeoutMs: 2_000 };
  expect(await requestOnce(visit)).toMatchObject({ status: 200, body: HOST });
});

async function closedPort(): Promise<number> {
  const { address, close } = await startNameServer(() => null);
  await close();
  return Number(address.split(":")[1]);
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
