// A sample of what others do in Cloudflare's dashboard at the worst moment; test/soak tries every edit after every call. And an
// installation beside ours, on the same account with a tunnel of its own, which neither touches.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JournalEntry } from "../../sandbox/contract.ts";
import {
  ask,
  expose,
  isClosed,
  isOpen,
  NOTHING_STANDING,
  routesOf,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { expectRight, type Hand, handOf, isRight, ZONE } from "../hands.ts";
import { trailOf } from "../trail.ts";
import { ALERTS, createWorld, quickSeed, TUNNEL, textOf, type World } from "../world.ts";

const OTHER_TUNNEL = "77a2e3f0-1b4c-4d5e-8f90-a1b2c3d4e5f6";

let world: World;
beforeAll(async () => {
  const seed = quickSeed();
  const { tunnels } = seed.cloudflare;
  const other = { id: OTHER_TUNNEL, name: "other", connectors: 1 };
  world = await createWorld({
    seed: { ...seed, cloudflare: { ...seed.cloudflare, tunnels: [...tunnels, other] } },
    env: { SWEEP_SECONDS: "600" },
  });
});
afterAll(() => world.close());

/** Does it once, right after the first such call. */
function at(method: string, path: RegExp, act: () => void): void {
  const off = world.sandbox.shared.journal.onWrite((entry: JournalEntry) => {
    if (entry.method !== method || !path.test(entry.path)) return;
    off();
    act();
  });
}

const MOMENTS: [edit: string, method: string, path: RegExp, ends: "open" | "closed"][] = [
  ["a foreign route is added", "GET", /configurations$/, "open"],
  ["a foreign route to our hostname", "POST", /dns_records$/, "closed"],
  ["our application is deleted", "PUT", /configurations$/, "open"],
  ["our application lets everybody by", "POST", /dns_records$/, "open"],
  ["our application lets everybody by", "PUT", /configurations$/, "open"],
  ["our application lets any log-in by", "POST", /dns_records$/, "open"],
  ["a wildcard bypass", "POST", /access\/apps$/, "open"],
  ["the lock is taken off our route", "PUT", /configurations$/, "open"],
  ["our route leads elsewhere", "PUT", /configurations$/, "open"],
  ["a foreign application opens a path", "POST", /dns_records$/, "closed"],
  ["our record leads elsewhere", "PUT", /configurations$/, "open"],
  ["the tunnel is moved to a local file", "POST", /access\/apps$/, "closed"],
  // Before the route it proves nothing, and goes on once that is gone; after it, it is a hole.
  ["something answers in front of Access", "POST", /dns_records$/, "open"],
  ["something answers in front of Access", "PUT", /configurations$/, "closed"],
];

test.each(MOMENTS)(
  "%s, right after the %s to %s of an opening: it ends %s",
  async (name, method, path, ends) => {
    const { clock } = world.sandbox.shared;
    const host = await ask(world, {
      service: "grafana",
      hostname: `hand-${MOMENTS.findIndex((each) => each[0] === name && each[2] === path)}`,
    });
    const made: ReturnType<Hand["edit"]>[] = [];
    at(method, path, () => made.push(handOf(name).edit(world, host)));
    await world.lee.presses("Approve", world.card(host));
    await world.until(
      `${host} is open or closed`,
      () =>
        made.length > 0 &&
        (isOpen(world, host) ||
          isClosed(world, host) ||
          /still leads|Something else still answers/.test(world.cardText(host))),
      40,
    );
    const theirs = made[0]?.theirs?.();
    if (theirs !== undefined) expect(theirs).toBe(1);
    made[0]?.undo?.();
    clock.forward(61_000);
    if (ends === "closed") await untilClosed(world, host, 40);
    else await world.until("all is right", () => isOpen(world, host) && isRight(world, host), 40);
    expectRight(world, host);
    if (ends === "open") await world.lee.presses("Close", world.card(host));
    await untilClosed(world, host, 40);
    expectRight(world, host);
  },
);

test("a look that takes long is not what the write rests on: what somebody wrote meanwhile is kept", async () => {
  const { shared } = world.sandbox;
  const host = await ask(world, { service: "billing-api" });
  const slow = { vendor: "cloudflare", method: "GET", path: "/dns_records$", times: 0 } as const;
  const fault = shared.faults.add({ ...slow, effect: { kind: "delay", ms: 900 } });
  const made: ReturnType<Hand["edit"]>[] = [];
  const edit = () => made.push(handOf("a foreign route is added").edit(world, host));
  // The first reading after the record is that of the look before the route.
  at("POST", /dns_records$/, () => at("GET", /configurations$/, edit));
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host, 60);
  shared.faults.remove(fault);
  expect(made.map(({ theirs }) => theirs?.())).toEqual([1]);
  made[0]?.undo?.();
});

test("somebody's write in the moment before ours is lost: the alerts channel says whose turn it is, the audit what stood before", async () => {
  const { cloudflare, shared, slack } = world.sandbox;
  const host = await ask(world, { service: "supplier-portal" });
  const before = cloudflare.tunnelConfig(TUNNEL);
  const theirs = { hostname: "theirs.lakeside.example", service: "http://theirs:80" };
  const write = () =>
    cloudflare.putConfig(TUNNEL, { ...before.config, ingress: [theirs, ...routesOf(before.config)] });
  const moment = { vendor: "cloudflare", method: "PUT", path: "/configurations$" } as const;
  shared.faults.add({ ...moment, effect: { kind: "delay", ms: 0 }, onHit: write });
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  const told = () =>
    slack
      .messages(ALERTS)
      .map(textOf)
      .filter((text) => text.includes("Their change is gone"));
  await world.until("the alerts channel is told", () => told().length > 0);
  expect(told()).toHaveLength(1);
  expect(told()[0]).toContain(
    `wrote on version ${before.version}, and found version ${before.version + 2} afterwards. Their change is gone`,
  );
  // A write is the tunnel's: its row hangs on any exposure there, and stories before this one crossed others.
  const crossed = (await trailOf(world)).filter(
    ({ action, details }) => action === "crossed write" && details.baseVersion === before.version,
  );
  expect(crossed.map(({ details }) => [details.base, details.overwritten])).toEqual([[before.config, true]]);
});

test("an installation with a tunnel of its own on the same account is left alone, to the letter", async () => {
  const { cloudflare, shared, slack } = world.sandbox;
  const theirs = "theirs.lakeside.example";
  const id = cloudflare.addApplication({
    name: `Drawbridge other x0123456789 ${theirs}`,
    domain: theirs,
    policies: [
      { name: "Employees", decision: "allow", include: [{ email_domain: { domain: "lakeside.example" } }] },
    ],
  });
  const { aud } = cloudflare.applications().find((each) => each.id === id)!;
  cloudflare.addRecord(ZONE, {
    type: "CNAME",
    name: theirs,
    content: `${OTHER_TUNNEL}.cfargotunnel.com`,
    proxied: true,
    comment: "drawbridge other x0123456789 until 2026-01-01T00:00Z",
  });
  const lock = { required: true, teamName: "lakeside", audTag: [aud] };
  cloudflare.putConfig(OTHER_TUNNEL, {
    ingress: [
      { hostname: theirs, service: "https://theirs.example", originRequest: { access: lock } },
      { service: "http_status:404" },
    ],
  });
  const seen = () =>
    JSON.stringify([
      cloudflare.tunnelConfig(OTHER_TUNNEL),
      cloudflare.applications().filter((each) => each.id === id),
      cloudflare.records(ZONE).filter((each) => each.name === theirs),
    ]);
  const before = seen();
  const host = await expose(world, { service: "stock-viewer" });
  shared.clock.forward(61_000);
  await world.lee.presses("Close", world.card(host));
  await untilClosed(world, host);
  expect(seen()).toBe(before);
  expect(
    slack
      .messages("C0ALERTS")
      .map(textOf)
      .filter((text) => text.includes(theirs)),
  ).toEqual([]);
});

test("a second installation that is given our tunnel does not start, and says why", async () => {
  const policy = await readFile(new URL("../../sandbox/policy.yaml", import.meta.url), "utf8");
  const file = join(world.sandbox.dataDir, "second.yaml");
  await writeFile(file, policy.replace("installation: sandbox", "installation: second"));
  const host = await expose(world, { service: "recipe-editor" });
  const starting = world.startBot({ POLICY_FILE: file });
  await expect(starting).rejects.toThrow(
    'Another Drawbridge installation ("sandbox") has routes on the tunnel',
  );
  expect(isOpen(world, host)).toBe(true);
});

test("the tunnel is deleted: what is open and what is half open is closed, the card says why, and nothing of ours is left", async () => {
  const { cloudflare, shared } = world.sandbox;
  const open = await expose(world, { service: "route-planner", duration: 1440 });
  const opening = await ask(world, { service: "returns", duration: 1440 });
  let gone = false;
  at("POST", /dns_records$/, () => {
    cloudflare.deleteTunnel(TUNNEL);
    gone = true;
  });
  await world.lee.presses("Approve", world.card(opening));
  await world.until("the tunnel is gone", () => gone);
  shared.clock.forward(61_000);
  for (const host of [open, opening]) {
    await untilClosed(world, host, 40);
    expect(world.cardText(host)).toContain("The tunnel was deleted at Cloudflare.");
    expect({ ...standing(world, host), routes: 0 }).toEqual(NOTHING_STANDING);
    expect(cloudflare.firstHole(host)).toBeNull();
  }
});
