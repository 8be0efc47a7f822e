// A zone whose wildcard record leads elsewhere, to a site that answers at every name: hostnames open and close beside it, what
// is closed says who answers now, and an answer that may have come through the tunnel keeps a closing from being done.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ALL_STANDING, expose, firsts, NOTHING_STANDING, standing, untilClosed } from "../exposing.ts";
import { ZONE } from "../hands.ts";
import { actsOf } from "../trail.ts";
import { ALERTS, createWorld, TUNNEL, textOf, type World } from "../world.ts";

const SITE = "192.0.2.80";
const ELSEWHERE = "leads this hostname to something else now, which answers there.";
const STILL = "The hostname still answers (status 200) though route, record and application are gone.";

let world: World;
const made: string[] = [];
beforeAll(async () => {
  world = await createWorld({ env: { PROOF_VISITS: "2", SWEEP_SECONDS: "600" } });
  world.sandbox.cloudflare.putSite(SITE, { status: 200, body: "Welcome to Lakeside Foods" });
});
afterEach(() => {
  const { cloudflare, shared } = world.sandbox;
  for (const id of made.splice(0)) cloudflare.deleteRecord(ZONE, id);
  cloudflare.setPropagation(40);
  shared.faults.clear();
});
afterAll(() => world.close());

function addRecord(name: string, type: string, content: string, proxied: boolean): void {
  made.push(world.sandbox.cloudflare.addRecord(ZONE, { name, type, content, proxied, ttl: 1 }));
}

async function close(host: string): Promise<void> {
  await world.lee.presses("Close", world.card(host));
}

describe.each([
  ["behind Cloudflare's proxy", true],
  ["by DNS alone", false],
])("the wildcard leads to a site %s", (_, proxied) => {
  test("it opens behind its gate, closes, and can be asked for again", async () => {
    const { cloudflare } = world.sandbox;
    addRecord("*.lakeside.example", "A", SITE, proxied);
    const hostname = proxied ? "proxied" : "direct";
    for (const service of ["grafana", "reports"]) {
      // Until the edge knows the new record, the site answers.
      cloudflare.setPropagation(700);
      const host = await expose(world, { service, hostname });
      expect(firsts(world, host)).toContain("stranger answered elsewhere");
      expect((await cloudflare.visit(host)).verdict).toBe("stopped by Access");
      expect(standing(world, host)).toEqual(ALL_STANDING);

      cloudflare.setPropagation(0);
      await close(host);
      await untilClosed(world, host);
      expect((await cloudflare.visit(host)).verdict).toBe("answered elsewhere");
      expect(world.cardText(host)).toContain(ELSEWHERE);
      expect(standing(world, host)).toEqual(NOTHING_STANDING);
      expect(await actsOf(world, host, "converge")).toContain("converge step: answered-elsewhere: ok");
      expect(cloudflare.firstHole(host)).toBeNull();
    }
  });
});

test("a record that somebody made at the hostname itself once ours was gone", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await expose(world, { service: "stock-viewer" });
  cloudflare.setPropagation(0);
  const moment = { vendor: "cloudflare", method: "DELETE", path: "/access/apps/[0-9a-f-]+$" } as const;
  const make = () => addRecord(host, "A", SITE, true);
  shared.faults.add({ ...moment, effect: { kind: "delay", ms: 0 }, onHit: make });
  await close(host);
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain(ELSEWHERE);
  expect(standing(world, host)).toEqual({ ...NOTHING_STANDING, records: 1 });
});

/** Something of which nobody knows the way answers at the hostname, from the moment in which its record goes. */
function answersOn(host: string): void {
  const { faults } = world.sandbox.shared;
  const effect = { kind: "status", status: 200, body: { hello: "stranger" } } as const;
  const answer = () => void faults.add({ vendor: "edge", path: `^${host}/`, times: 0, effect });
  const moment = { vendor: "cloudflare", method: "DELETE", path: "/dns_records/[0-9a-f]+$" } as const;
  faults.add({ ...moment, effect: { kind: "delay", ms: 0 }, onHit: answer });
}

test.each<[why: string, service: string, records: [name: string, type: string, content: string][]]>([
  ["there is no record that could lead elsewhere", "returns", []],
  [
    "the zone's wildcard leads to our tunnel",
    "supplier-portal",
    [["*.lakeside.example", "CNAME", `${TUNNEL}.cfargotunnel.com`]],
  ],
  [
    "the zone's wildcard leads there by another name",
    "route-planner",
    [
      ["*.lakeside.example", "CNAME", "www.lakeside.example"],
      ["www.lakeside.example", "CNAME", `${TUNNEL}.cfargotunnel.com`],
    ],
  ],
])("an answer keeps it closing while %s", async (_, service, records) => {
  const { clock, faults } = world.sandbox.shared;
  for (const [name, type, content] of records) addRecord(name, type, content, true);
  const host = await expose(world, { service });
  answersOn(host);
  await close(host);
  await world.until("the card says why", () => world.cardText(host).includes(STILL));
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  const visits = () => faults.list().find((each) => each.vendor === "edge")?.hits ?? 0;
  for (let turn = 0; turn < 3; turn++) {
    const before = visits();
    clock.forward(10_000);
    await world.until("it is visited again", () => visits() > before);
  }
  expect(world.cardText(host)).toContain(STILL);
  faults.clear();
  clock.forward(10_000);
  await untilClosed(world, host);
  expect(world.cardText(host)).not.toContain(ELSEWHERE);
});

test("no alert was told of any that closed by itself", () => {
  const told = world.sandbox.slack.messages(ALERTS).map(textOf);
  expect(told.filter((text) => /still not closed|got through/.test(text))).toEqual([]);
});
